package drill

import (
	"encoding/json"

	"github.com/fleetdrill/fleetdrill/drill/config"
)

func init() {
	for kind, read := range config.Readers() {
		decoders[kind] = func(raw json.RawMessage) (Body, error) { n, err := read(raw); return Configured{n}, err }
	}
}

// Configured is what became of the fleet's configuration. In a journal it is those news alone.
type Configured struct{ config.News }

// MarshalJSON writes the news.
func (b Configured) MarshalJSON() ([]byte, error) { return json.Marshal(b.News) }

func (b Configured) fold(s *State, e Event) {
	if s.Config == nil {
		s.Config = &config.State{}
	}
	if routed, is := b.News.(config.Routed); is {
		s.Fleet.Routing.Weights = routed.Weights
	}
	away, _ := b.News.(config.Unreached)
	if b.Fold(s.Config, s.Now); b.Shown() && !away.Explain(s.Config, s.kept(away.Region, away.Asked)) {
		s.show(e)
	}
}
