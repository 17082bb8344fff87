package keys

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/action"
)

// TestNamed holds that every key of the table can be pressed by its name: a click does so.
func TestNamed(t *testing.T) {
	table := New(action.All)
	for _, b := range table {
		for _, name := range b.Keys {
			got := Named(name).String()
			if found := table.For(got); found == nil || found.Name != b.Name {
				t.Errorf("%s is pressed as %s, which is not %s", name, got, b.Name)
			}
		}
	}
}
