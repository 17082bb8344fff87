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
	return Offered{Platforms: []string{clusters, processes}, Questions: []string{"What is first?", "What is second?"}}
}

func catalog() Catalog {
	return Catalog{
		Fleets: []FleetChoice{{Name: "three"}, {Name: "two"}, {Name: "one"}, {Name: "broken", Err: errors.New("broken:1: no")}},
		Drills: []DrillChoice{
			{Name: "a-slow-one", Question: "What is first?", Fleet: "three", Duration: 40 * time.Second},
			{Name: "mine.drill.yaml", Fleet: "elsewhere"},
			{Name: "not-right", Fleet: "three", Err: errors.New("not-right:3: wrong")},
			{Name: "second", Question: "What is second?", Fleet: "two", Teaches: "what gravity is"},
			{Name: "the-first", Question: "What is first?", Fleet: "three", Duration: 20 * time.Second},
		},
	}
}

// read is a page to which everything was told that is read.
func read(o Offered) Page {
	p := New(o)
	p.List(catalog())
	p.Keep([]JournalChoice{{Path: "/new.jsonl", Verdict: drill.Passed}, {Path: "/old.jsonl"}}, 2)
	return p
}

// answers tells a page what it asks for: every drill runs on the fleet two.
func answers(p *Page) (last Outcome) {
	for on := p.Ask(); on != nil; on = p.Ask() {
		var err error
		if on.Fleet != "two" {
			err = errors.New("there is no region b")
		}
		last = p.Answer(*on, err)
	}
	return last
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
		if o := answers(p); o.Why != "" {
			last = o
		}
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
		p := read(o)
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
	p, c := New(offered()), catalog()
	c.Fleets[0].Running = processes
	p.List(c)
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
	p := read(offered())
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
	p := read(offered())
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
	p := read(offered())
	p.Found(machineOf())
	p.EditFilter()
	press(&p, "m", "i", "n", "e", "enter")
	if got := started(t, &p); got != (Choice{On: clusters, Drill: "mine.drill.yaml"}) {
		t.Errorf("started %+v", got)
	}
}

func TestTheKeysOfLists(t *testing.T) {
	p := read(offered())
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
	p := read(offered())
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
	// What was passed on the way to a word that no drill has is not chosen by it.
	press(&p, "enter", "home")
	p.EditFilter()
	press(&p, "m", "i", "n", "x")
	if was := p.drill().Name; was != "mine.drill.yaml" {
		t.Fatalf("on the way %s", was)
	}
	if press(&p, "esc"); p.drill().Name != "the-first" {
		t.Errorf("after a word that no drill has: %s", p.drill().Name)
	}
}

func TestAJournalIsPlayedBack(t *testing.T) {
	p := read(offered())
	o := press(&p, "tab", "tab", "tab", "down", "enter")
	if o.Replay == nil || o.Replay.Path != "/old.jsonl" {
		t.Errorf("%+v", o)
	}
	p.Keep(nil, 0)
	if o := press(&p, "enter"); o.Replay != nil || o.Why == "" {
		t.Errorf("%+v", o)
	}
}

// Nothing is opened over a drill that comes up.
func TestNothingIsTakenWhileOneStarts(t *testing.T) {
	p := read(offered())
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
	p := read(offered())
	p.Begin(Choice{On: processes, Drill: "second"}, nil)
	if p.drill().Name != "second" || p.fleet().Name != "two" || p.on() != processes || p.what != "second" {
		t.Errorf("%s on %s, %s: %s", p.drill().Name, p.fleet().Name, p.on(), p.what)
	}
	p = read(offered())
	p.Begin(Choice{Fleet: "two"}, nil)
	if p.drill().Name != "" || p.fleet().Name != "two" || p.what != "two" {
		t.Errorf("%q on %s: %s", p.drill().Name, p.fleet().Name, p.what)
	}
}

// A click selects what is beneath it, wherever its list is scrolled to; the wheel moves.
func TestMouse(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 36}, {200, 50}} {
		p := read(offered())
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

// TestNothingIsReadForThePage: it is there before fleets, drills and journals are, says so, starts
// nothing until it has them, and forgets nothing that was done by then.
func TestNothingIsReadForThePage(t *testing.T) {
	p := New(offered())
	if n := strings.Count(drawn(&p, 120, 36), "being read"); n < 3 {
		t.Errorf("%d lists say that they are being read:\n%s", n, drawn(&p, 120, 36))
	}
	p.Found(machineOf())
	if o := press(&p, "enter"); o.Choice != nil || o.Why != "being read" {
		t.Errorf("before the drills are there: %+v", o)
	}
	p.EditFilter()
	press(&p, "G", "r", "a", "v")
	p.List(catalog())
	if len(p.list.items) != 1 || p.drill().Name != "second" || p.fleet().Name != "two" {
		t.Errorf("a filter that was typed before: %d drills, %s on %s", len(p.list.items), p.drill().Name, p.fleet().Name)
	}
	if !p.Waits() || strings.Count(drawn(&p, 120, 36), "being read") != 1 {
		t.Errorf("without the journals: %s", drawn(&p, 120, 36))
	}
	p.Keep(nil, 0)
	if p.Waits() {
		t.Error("it waits, and has everything")
	}
	flags := New(offered())
	flags.Begin(Choice{On: processes, Drill: "second"}, nil)
	flags.List(catalog())
	if flags.drill().Name != "second" || flags.fleet().Name != "two" {
		t.Errorf("what flags chose: %s on %s", flags.drill().Name, flags.fleet().Name)
	}
}

// TestWhatIsAskedOfAFleet: whether a drill can run on a fleet is asked once, nothing is started
// until it is answered, and an answer about something else changes nothing.
func TestWhatIsAskedOfAFleet(t *testing.T) {
	p := read(offered())
	p.Found(machineOf())
	for _, k := range []string{"tab", "tab", "down"} {
		p.Key(keyOf(k))
	}
	if on := p.Ask(); on == nil || *on != (Pair{"the-first", "two"}) || p.Ask() != nil {
		t.Fatalf("asked %v", on)
	}
	if o := p.Key(keyOf("enter")); o.Choice != nil || o.Why != "still looking whether the-first can run on two" {
		t.Errorf("not answered yet: %+v", o)
	}
	if o := p.Answer(Pair{"the-first", "one"}, errors.New("no")); o.Why != "" || p.drill().Name != "the-first" {
		t.Errorf("an answer about another fleet: %+v", o)
	}
	p.Answer(Pair{"the-first", "two"}, nil)
	if o := p.Key(keyOf("enter")); o.Choice == nil || o.Choice.Drill != "the-first" {
		t.Errorf("answered: %+v", o)
	}
	if o := p.Key(keyOf("down")); p.Ask() != nil || !strings.HasPrefix(o.Why, "the-first can't run on one: no") {
		t.Errorf("known from before: %+v", o)
	}
}

// drawn is the page as text.
func drawn(p *Page, w, h int) string {
	look := style.New(style.Options{NoColor: true})
	c := canvas.New(w, h, look)
	p.Draw(c.All(), keys.Now{View: pane.View{Scene: show.Scene{State: drill.NewState(), Theme: look}}}, page.Footer{}, 0)
	return ansi.Strip(c.String())
}

// The list of journals says how many of them it is of, wherever one stands in it; where it has all it says no number of
// them that counts what ships.
func TestTheListSaysOfHowManyJournalsItIs(t *testing.T) {
	text := func(all int, which ...string) string {
		p := read(offered())
		p.Keep(append(p.journals, JournalChoice{Drill: "sample"}), all)
		p.Found(machineOf())
		press(&p, which...)
		return drawn(&p, 120, 36)
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

// TestFleetsSayWhatTheyAreBesideOneThatIsUp: the mark of one takes no other's words.
func TestFleetsSayWhatTheyAreBesideOneThatIsUp(t *testing.T) {
	const summary = "3 regions, 9,000 users, 1 dataset"
	p := New(offered())
	p.List(Catalog{Drills: catalog().Drills, Fleets: []FleetChoice{{Name: "three", Summary: summary, Running: processes}, {Name: "three-strategies-postgres", Summary: summary}}})
	p.Found(machineOf())
	if n := strings.Count(drawn(&p, 120, 36), "  3 regions   "); n != 2 {
		t.Errorf("%d of 2 fleets say how many regions they have:\n%s", n, drawn(&p, 120, 36))
	}
}

// A comparison is chosen as a drill is, has fleets of its own, and is no drill that comes next.
func TestAComparisonIsChosen(t *testing.T) {
	c := catalog()
	c.Drills = append(c.Drills, DrillChoice{Name: "held", Question: "What is third?", Compares: []string{"one", "two"}})
	p := New(offered())
	p.List(c)
	p.Found(machineOf())
	for range len(c.Drills) + 1 {
		if p.drill().Name == "held" {
			break
		}
		press(&p, "down")
	}
	if got, want := started(t, &p), (Choice{On: clusters, Drill: "held", Compare: true}); got != want {
		t.Errorf("started %+v, want %+v", got, want)
	}
	press(&p, "tab", "tab", "down") // another fleet is nothing to it
	press(&p, "shift+tab", "shift+tab")
	if got := started(t, &p); !got.Compare || got.Fleet != "" {
		t.Errorf("started %+v", got)
	}
	for _, d := range c.Drills {
		if next, found := p.Next(d.Name); found && next.Name == "held" {
			t.Errorf("%s is followed by a comparison", d.Name)
		}
	}
}
