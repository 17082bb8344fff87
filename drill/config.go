package drill

import (
	"encoding/json"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

func init() {
	register[Configured[config.Committed]]()
	register[Configured[config.Released]]()
	register[Configured[config.Held]]()
	register[Configured[config.Applied]]()
	register[Configured[config.Edited]]()
	register[Configured[config.Drifted]]()
	register[Configured[config.Mended]]()
	register[Configured[config.Failed]]()
	register[Configured[config.Recovered]]()
	register[Configured[config.Unreached]]()
}

// Configured is what became of the fleet's configuration, as package config has it. In a journal it is those news alone.
type Configured[N config.News] struct{ News N }

// Config makes an event's body of news.
func Config[N config.News](news N) Configured[N] { return Configured[N]{news} }

// Kind implements Body.
func (b Configured[N]) Kind() string { return b.News.Kind() }

// MarshalJSON writes the news.
func (b Configured[N]) MarshalJSON() ([]byte, error) { return json.Marshal(b.News) }

// UnmarshalJSON reads the news.
func (b *Configured[N]) UnmarshalJSON(raw []byte) error { return json.Unmarshal(raw, &b.News) }

func (b Configured[N]) fold(s *State, e Event) {
	if s.Config == nil {
		s.Config = &config.State{}
	}
	b.News.Fold(s.Config, s.Now)
	if b.News.Shown() {
		s.show(e)
	}
}
