package agent

import (
	"slices"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Every engine of the list can be opened here, and no other.
func TestEveryEngineCanBeOpened(t *testing.T) {
	openers := DefaultEngines()
	for _, name := range store.EngineNames() {
		if openers[name] == nil {
			t.Errorf("engine %s is in the list and the agent can't open it", name)
		}
	}
	for name := range openers {
		if !slices.Contains(store.EngineNames(), name) {
			t.Errorf("the agent opens %s, which is not in the list of engines", name)
		}
	}
}
