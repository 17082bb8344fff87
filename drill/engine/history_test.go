package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// hungFile is a history on a disk that takes nothing.
type hungFile struct{ hold chan struct{} }

func (f hungFile) Write(p []byte) (int, error) { <-f.hold; return len(p), nil }
func (f hungFile) Close() error                { <-f.hold; return nil }

// A history whose disk hangs is said, and who asks for the end a second time does not wait for it.
func TestASecondQuitDoesNotWaitForTheHistory(t *testing.T) {
	attempts(t, func(t *attempt) {
		hold := make(chan struct{})
		defer close(hold)
		l := newLab(t, func(c *Config) { c.History = hungFile{hold} })
		l.undisturbed()
		l.until("a write is acknowledged", func(s *drill.State) bool { return s.Dataset("orders").Authority != "" })
		began := time.Now()
		l.engine.Quit(false)
		l.engine.Quit(false)
		for range l.events { // until it is closed
		}
		err := <-l.ended
		if took := time.Since(began); took > historyLimit/2 {
			t.Errorf("the end took %s", took)
		}
		if err == nil || !strings.Contains(err.Error(), "does not answer") || !l.fleet.downed {
			t.Errorf("ended with %v; taken down: %v", err, l.fleet.downed)
		}
	})
}
