package keys

import (
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/show"
)

// everywhere is each page in each time that it can be seen in, with nothing on it.
func everywhere(t Table) map[string]Now {
	all := map[string]Now{}
	for _, at := range []struct {
		name  string
		past  *Past
		pages []Page
	}{
		{"live", nil, []Page{PageStart, PageBringUp, PageDrill, PageLeaving, PageResult, PageFatal}},
		{"paused", &Past{Live: true}, []Page{PageBringUp, PageDrill, PageResult}},
		{"replayed", &Past{}, []Page{PageReading, PageBringUp, PageDrill, PageResult}},
	} {
		for _, p := range at.pages {
			all[at.name+", "+p.String()] = Now{View: pane.View{Scene: show.Scene{State: drill.NewState()}}, Page: p, Past: at.past, Keys: t}
		}
	}
	return all
}

// A key that is for nothing on a page says so, and never claims that it would do something.
func TestAKeyForNothingHereSaysWhy(t *testing.T) {
	table := New(action.All)
	for where, n := range everywhere(table) {
		for _, b := range table {
			if why := b.Off(n); b.Elsewhere(n) && why == "" {
				t.Errorf("%s: %s is for nothing there, and does not say so", where, b.Name)
			}
		}
	}
}

// No key of the table has another meaning on a page that takes it by itself.
func TestNoKeyHasTwoMeaningsOnAPage(t *testing.T) {
	table := New(action.All)
	for _, b := range table {
		if b.Intent.Op == Back { // esc goes back in a list too
			continue
		}
		if why := table.clash(b); why != "" {
			t.Error(why)
		}
	}
}

// A reason names no key that does nothing where it is told.
func TestReasonsNameKeysThatWork(t *testing.T) {
	table := New(action.All)
	for where, n := range everywhere(table) {
		for _, b := range table {
			parts := strings.Split(b.Off(n), "; ")
			for _, hint := range parts[1:] {
				key, _, _ := strings.Cut(hint, " ")
				named := table.For(key)
				if named == nil {
					t.Errorf("%s: the reason of %s, %q, names %q, which is no key", where, b.Name, b.Off(n), key)
				} else if named.Elsewhere(n) || named.Intent.Op != JumpEnd && named.Off(n) != "" {
					t.Errorf("%s: the reason of %s, %q, names a key that is off: %s", where, b.Name, b.Off(n), named.Off(n))
				}
			}
		}
	}
}

// What a reason names is the key as the person has set it.
func TestReasonsNameTheKeyInForce(t *testing.T) {
	table, err := New(action.All).Rebind(map[string]string{"pause": "x", "step back": "z", "end the drill": "A"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		page Page
		past *Past
		name string
		want string
	}{
		{PageDrill, nil, "replay", "the drill still runs; x pauses the screen; z steps back"},
		{PageDrill, nil, "save", "the drill runs still; A ends it and shows its result"},
		{PageDrill, &Past{Live: true}, "kill", "you look at 0 s ago; x returns to now"},
		{PageDrill, &Past{}, "save", "this replay has not come to the result; end goes there"},
		{PageBringUp, nil, "save", "the fleet still starts"},
	} {
		n := Now{View: pane.View{Scene: show.Scene{State: drill.NewState()}}, Page: tt.page, Past: tt.past, Keys: table}
		for _, b := range table {
			if why := b.Off(n); b.Name == tt.name && why != tt.want {
				t.Errorf("%s on %s: %q, want %q", tt.name, tt.page, why, tt.want)
			}
		}
	}
}
