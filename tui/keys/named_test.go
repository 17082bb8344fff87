package keys

import (
	"slices"
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

// TestNamedHasEveryKeyThatCanBeSet holds the same of those that a person may choose.
func TestNamedHasEveryKeyThatCanBeSet(t *testing.T) {
	for _, key := range append([]string{"f1", "f12", "ctrl+x", "A", "x", "!", "ü"}, named...) {
		if why := unusable(key); why != "" {
			t.Errorf("%s: %s", key, why)
		}
		if got := Named(key).String(); !slices.Contains(spelled(key), got) {
			t.Errorf("%s is pressed as %s", key, got)
		}
	}
}
