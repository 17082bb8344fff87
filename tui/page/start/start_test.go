package start

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/page"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

const (
	clusters  = "clusters"
	processes = "processes"
)

func offered() Offered {
	return Offered{
		Platforms: []string{clusters, processes},
		Fleets:    []FleetChoice{{Name: "three"}, {Name: "two"}, {Name: "one"}, {Name: "broken", Err: errors.New("broken:1: no")}},
		Drills: []DrillChoice{
			{Name: "a-slow-one", Question: "What is first?", Fleet: "three", Duration: 40 * time.Second},
			{Name: "mine.drill.yaml", Fleet: "elsewhere"},
			{Name: "not-right", Fleet: "three", Err: errors.New("not-right:3: wrong")},
			{Name: "second", Question: "What is second?", Fleet: "two", Teaches: "what gravity is"},
			{Name: "the-first", Question: "What is first?", Fleet: "three", Duration: 20 * time.Second},
		},
		Questions: []string{"What is first?", "What is second?"},
		Journals:  []JournalChoice{{Path: "/new.jsonl", Verdict: drill.Passed}, {Path: "/old.jsonl"}},
		Fits: func(drill, fleet string) error {
			if fleet == "two" {
				return nil
			}
			return errors.New("there is no region b")
		},
	}
}

func machineOf(missing ...Missing) Machine {
	return Machine{Offers: []Offer{
		{Name: clusters, Available: true, Joins: true, Missing: missing}, {Name: processes, Available: true},
	}}
}

// keyOf is a key by its name.
func keyOf(name string) tea.KeyPressMsg {
	codes := map[string]rune{"down": tea.KeyDown, "up": tea.KeyUp, "enter": tea.KeyEnter, "tab": tea.KeyTab, "esc": tea.KeyEscape, "home": tea.KeyHome,
		"end": tea.KeyEnd, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp, "backspace": tea.KeyBackspace}
	if code, is := codes[name]; is {
		return tea.KeyPressMsg{Code: code}
	}
	r := []rune(name)[0]
	if unicode.IsUpper(r) {
		return tea.KeyPressMsg{Code: unicode.ToLower(r), ShiftedCode: r, Mod: tea.ModShift, Text: name}
	}
	return tea.KeyPressMsg{Code: r, Text: name}
}

func press(p *Page, names ...string) (last Outcome) {
	for _, n := range names {
		last = p.Key(keyOf(n))
	}
	return last
}

// started is what enter starts; it fails where it starts nothing.
func started(t *testing.T, p *Page) Choice {
	t.Helper()
	o := press(p, "enter")
	if o.Choice == nil {
		t.Fatalf("nothing is started: %q", o.Why)
	}
	return *o.Choice
}

func TestWhatIsChosenAtFirst(t *testing.T) {
	for _, tt := range []struct {
		name    string
		machine Machine
		first   Choice
		want    Choice
	}{
		{"a machine at ease", machineOf(), Choice{}, Choice{On: clusters, Fleet: "three", Drill: "the-first"}},
		{"something is missing", machineOf(Missing{What: "memory: little"}), Choice{}, Choice{On: processes, Fleet: "three", Drill: "the-first"}},
		{"no engine", Machine{Offers: []Offer{{Name: clusters, Why: "no engine"}, {Name: processes, Available: true}}}, Choice{}, Choice{On: processes, Fleet: "three", Drill: "the-first"}},
		{"the person's own", machineOf(), Choice{On: processes, Drill: "second"}, Choice{On: processes, Fleet: "two", Drill: "second"}},
		{"the person's own fleet", machineOf(), Choice{Fleet: "two"}, Choice{On: clusters, Fleet: "two", Drill: "the-first"}},
		{"what is not there", machineOf(), Choice{On: "moon", Fleet: "none", Drill: "none"}, Choice{On: clusters, Fleet: "three", Drill: "the-first"}},
	} {
		o := offered()
		o.First = tt.first
		p := New(o)
		if c := press(&p, "enter"); c.Choice != nil || !strings.Contains(c.Why, "still looking") {
			t.Errorf("%s: before the machine was looked at: %+v", tt.name, c)
		}
		p.Found(tt.machine)
		if got := started(t, &p); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func TestAFleetThatIsUpIsJoinedWhereItIs(t *testing.T) {
	o := offered()
	o.Fleets[0].Running = processes
	p := New(o)
	p.Found(machineOf())
	if got := started(t, &p); got.On != processes {
		t.Errorf("started %+v", got)
	}
	press(&p, "tab", "up") // but where a person says otherwise
	if got := started(t, &p); got.On != clusters {
		t.Errorf("started %+v", got)
	}
}

// By question, the shortest first; what has none after them, what is wrong last, then the free drill.
func TestTheOrderOfDrills(t *testing.T) {
	p := New(offered())
	var got []string
	for _, r := range p.list.rows {
		if r.item < 0 {
			got = append(got, "# "+r.heading)
			continue
		}
		got = append(got, p.Drills[p.list.items[r.item].drill].Name)
	}
	want := []string{"# Start here", "the-first", "# What is first?", "the-first", "a-slow-one", "# What is second?", "second",
		"# More drills", "mine.drill.yaml", "not-right", "# No plan: you press the keys", ""}
	if !slices.Equal(got, want) {
		t.Errorf("listed %q, want %q", got, want)
	}
}

// A fleet keeps the drill where it can run there. Else it says why not, and a free drill takes its
// place until a fleet comes that will do.
func TestAFleetKeepsTheDrill(t *testing.T) {
	p := New(offered())
	p.Found(machineOf())
	press(&p, "tab", "tab", "down")
	if got := started(t, &p); got != (Choice{On: clusters, Fleet: "two", Drill: "the-first"}) {
		t.Errorf("on two: %+v", got)
	}
	if o := press(&p, "down"); !strings.Contains(o.Why, "the-first can't run on one: there is no region b") {
		t.Errorf("it says %q", o.Why)
	}
	if got := started(t, &p); got != (Choice{On: clusters, Fleet: "one"}) {
		t.Errorf("on one: %+v", got)
	}
	press(&p, "up")
	if got := started(t, &p); got.Drill != "the-first" {
		t.Errorf("back on two: %+v", got)
	}
	press(&p, "end")
	if o := press(&p, "enter"); o.Choice != nil || o.Why != "broken:1: no" {
		t.Errorf("a broken fleet: %+v", o)
	}
	// A drill brings its own.
	press(&p, "esc", "home")
	if got := started(t, &p); got != (Choice{On: clusters, Fleet: "three", Drill: "the-first"}) {
		t.Errorf("the drill again: %+v", got)
	}
}

// A drill's fleet that is in no list is not taken for the one that is selected there.
func TestADrillOfAFleetElsewhere(t *testing.T) {
	p := New(offered())
	p.Found(machineOf())
	p.EditFilter()
	press(&p, "m", "i", "n", "e", "enter")
	if got := started(t, &p); got != (Choice{On: clusters, Drill: "mine.drill.yaml"}) {
		t.Errorf("started %+v", got)
	}
}

func TestTheKeysOfLists(t *testing.T) {
	p := New(offered())
	p.Found(machineOf())
	last := len(p.list.items) - 1
	for _, tt := range []struct {
		keys []string
		want int
	}{
		{[]string{"down"}, 1}, {[]string{"j"}, 2}, {[]string{"k"}, 1}, {[]string{"up"}, 0}, {[]string{"up"}, last}, {[]string{"down"}, 0},
		{[]string{"end"}, last}, {[]string{"home"}, 0}, {[]string{"G"}, last}, {[]string{"g"}, 0}, {[]string{"pgdown"}, last}, {[]string{"pgdown"}, last}, {[]string{"pgup"}, 0},
	} {
		press(&p, tt.keys...)
		if got := p.at[drills]; got != tt.want {
			t.Errorf("%s: at %d, want %d", tt.keys, got, tt.want)
		}
	}
	if !press(&p, "?").Pass || !press(&p, "q").Pass {
		t.Error("the program's keys are not passed on")
	}
}

func TestFilter(t *testing.T) {
	p := New(offered())
	p.Found(machineOf())
	p.EditFilter()
	press(&p, "G", "r", "a", "v")
	if len(p.list.items) != 1 || !p.Typing() {
		t.Fatalf("%d drills, typing %v", len(p.list.items), p.Typing())
	}
	if c, why := p.ready(); why != "" || c.Drill != "second" || c.Fleet != "two" {
		t.Errorf("chosen %+v, %s", c, why)
	}
	press(&p, "enter")
	if got := started(t, &p); got.Drill != "second" {
		t.Errorf("started %+v", got)
	}
	press(&p, "esc")
	if len(p.list.items) != 7 || p.drill().Name != "second" {
		t.Errorf("%d drills, at %s", len(p.list.items), p.drill().Name)
	}
	p.EditFilter()
	press(&p, "x", "y", "z", "enter")
	if o := press(&p, "enter"); o.Choice != nil || !strings.Contains(o.Why, "esc shows all") {
		t.Errorf("no drill has the word: %+v", o)
	}
	p.EditFilter()
	press(&p, "backspace", "backspace", "backspace")
	if len(p.list.items) != 7 {
		t.Errorf("%d drills", len(p.list.items))
	}
}

func TestAJournalIsPlayedBack(t *testing.T) {
	p := New(offered())
	o := press(&p, "tab", "tab", "tab", "down", "enter")
	if o.Replay == nil || o.Replay.Path != "/old.jsonl" {
		t.Errorf("%+v", o)
	}
	none := offered()
	none.Journals = nil
	p = New(none)
	if o := press(&p, "tab", "tab", "tab", "enter"); o.Replay != nil || o.Why == "" {
		t.Errorf("%+v", o)
	}
}

// Nothing is opened over a drill that comes up.
func TestNothingIsTakenWhileOneStarts(t *testing.T) {
	p := New(offered())
	p.Found(machineOf())
	p.Begin(started(t, &p), nil)
	if o := press(&p, "enter"); o.Choice != nil || o.Why != "it is being started" {
		t.Errorf("a drill: %+v", o)
	}
	if o := press(&p, "tab", "tab", "tab", "enter"); o.Replay != nil || o.Why != "it is being started" {
		t.Errorf("a journal: %+v", o)
	}
}

// What flags chose is shown as such while it is started.
func TestBegin(t *testing.T) {
	p := New(offered())
	p.Begin(Choice{On: processes, Drill: "second"}, nil)
	if p.drill().Name != "second" || p.fleet().Name != "two" || p.on() != processes || p.what != "second" {
		t.Errorf("%s on %s, %s: %s", p.drill().Name, p.fleet().Name, p.on(), p.what)
	}
	p = New(offered())
	p.Begin(Choice{Fleet: "two"}, nil)
	if p.drill().Name != "" || p.fleet().Name != "two" || p.what != "two" {
		t.Errorf("%q on %s: %s", p.drill().Name, p.fleet().Name, p.what)
	}
}

// A click selects what is beneath it, wherever its list is scrolled to; the wheel moves.
func TestMouse(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 36}, {200, 50}} {
		p := New(offered())
		p.Found(machineOf())
		// did does something where a text is on the page.
		did := func(what keys.Mouse, text string) (enter bool) {
			t.Helper()
			look := style.New(style.Options{NoColor: true})
			c := canvas.New(size[0], size[1], look)
			p.Draw(c.All(), keys.Now{View: pane.View{Scene: show.Scene{State: drill.NewState(), Theme: look}}}, page.Footer{}, 0)
			for y, l := range strings.Split(ansi.Strip(c.String()), "\n") {
				if before, _, is := strings.Cut(l, text); is {
					what.On = c.Zones().At(len([]rune(before)), y).Target
					_, enter = p.Mouse(what)
					return enter
				}
			}
			t.Fatalf("%v: no %q in\n%s", size, text, ansi.Strip(c.String()))
			return false
		}
		press(&p, "end")
		if did(keys.Mouse{Did: keys.Clicked}, "not-right") {
			t.Errorf("%v: a click on what was not selected is Enter", size)
		}
		if !did(keys.Mouse{Did: keys.Clicked}, "not-right") {
			t.Errorf("%v: a click on what is selected is not Enter", size)
		}
		if got := p.drill().Name; got != "not-right" {
			t.Errorf("%v: a click on not-right chose %q", size, got)
		}
		did(keys.Mouse{Did: keys.Wheeled, By: 1}, "not-right")
		if got := p.drill().Name; got != "mine.drill.yaml" {
			t.Errorf("%v: the wheel chose %q", size, got)
		}
		if size[0] < columnsW {
			continue
		}
		did(keys.Mouse{Did: keys.Clicked}, "● "+processes)
		if p.on() != processes || p.focus != platforms {
			t.Errorf("%v: a click chose %s, focus %d", size, p.on(), p.focus)
		}
	}
}

// TestHowAJournalEnded: in a sentence, with the words that screen and report have for it.
func TestHowAJournalEnded(t *testing.T) {
	for want, j := range map[string]JournalChoice{
		"It passed.":           {Drill: "d", Verdict: drill.Passed},
		"It was inconclusive.": {Drill: "d", Verdict: drill.Inconclusive, Why: "rto was not measured"},
		"It was aborted.":      {Verdict: drill.Aborted, Why: "interrupted"},
		"It was a free drill: no goals were set, so no verdict.": {Verdict: drill.Inconclusive, Why: format.NoGoals},
	} {
		j.Path = "/d.jsonl"
		if _, texts := aboutJournal(j); texts[1].Text != want {
			t.Errorf("it says %q, want %q", texts[1].Text, want)
		}
	}
}

// The list of journals says how many of them it is of, wherever one stands in it; where it has all it says no number of
// them that counts what ships.
func TestTheListSaysOfHowManyJournalsItIs(t *testing.T) {
	text := func(all int, which ...string) string {
		o := offered()
		o.Journals, o.Recorded = append(o.Journals, JournalChoice{Drill: "sample"}), all
		p := New(o)
		p.Found(machineOf())
		press(&p, which...)
		look := style.New(style.Options{NoColor: true})
		c := canvas.New(120, 36, look)
		p.Draw(c.All(), keys.Now{View: pane.View{Scene: show.Scene{State: drill.NewState(), Theme: look}}}, page.Footer{}, 0)
		return ansi.Strip(c.String())
	}
	for _, pressed := range [][]string{nil, {"tab", "tab", "tab", "down"}} {
		if got := text(1407, pressed...); !strings.Contains(got, "newest 2 of 1,407") {
			t.Errorf("it does not say how many there are:\n%s", got)
		}
	}
	if got := text(2); strings.Contains(got, "newest") {
		t.Errorf("all are listed, and it says\n%s", got)
	}
}
