package keys

import (
	"slices"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/action"
)

// A binding is rebound by its name, so no two have the same.
func TestNamesAreUnique(t *testing.T) {
	names := New(action.All).Names()
	for i, n := range names {
		if slices.Contains(names[:i], n) {
			t.Errorf("two bindings are called %q", n)
		}
	}
}

func TestRebind(t *testing.T) {
	table, err := New(action.All).Rebind(map[string]string{"kill": "x", "next pane": "J", "quit": "ctrl+q", "inspect": "f5"})
	if err != nil {
		t.Fatal(err)
	}
	for key, name := range map[string]string{"x": "kill", "J": "next pane", "shift+j": "next pane", "ctrl+q": "quit", "f5": "inspect", "r": "restore"} {
		if b := table.For(key); b == nil || b.Name != name {
			t.Errorf("%s is for %+v, want %s", key, b, name)
		}
	}
	for _, gone := range []string{"K", "shift+k", "q", "enter"} {
		if b := table.For(gone); b != nil {
			t.Errorf("%s is still for %s", gone, b.Name)
		}
	}
	if b := table.Act("kill"); b == nil || b.Show != "x" {
		t.Errorf("kill is shown as %+v", b)
	}
	// Two may change places.
	if _, err := New(action.All).Rebind(map[string]string{"kill": "Z", "freeze": "K"}); err != nil {
		t.Error(err)
	}
}

func TestRebindRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		keys map[string]string
		want []string
	}{
		{"a key that another has", map[string]string{"kill": "r"}, []string{`"r"`, "restore", "kill"}},
		{"one key for two", map[string]string{"kill": "x", "freeze": "x"}, []string{`"x"`, "kill", "freeze"}},
		{"the way out", map[string]string{"kill": "ctrl+c"}, []string{"quits at once"}},
		{"no key", map[string]string{"kill": "space bar"}, []string{"one character", "kill"}},
		{"no function key", map[string]string{"kill": "f13"}, []string{"f1 to f12"}},
	} {
		table, err := New(action.All).Rebind(tt.keys)
		if err == nil {
			t.Errorf("%s: %d bindings", tt.name, len(table))
			continue
		}
		for _, want := range tt.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not say %q", tt.name, err, want)
			}
		}
	}
}
