package keys

import (
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/show"
)

// Page is which of the screens is shown.
type Page int

// The pages.
const (
	PageStart Page = iota
	PageBringUp
	PageDrill
	PageLeaving
	PageResult
	PageFatal
	PageReading  // a journal is being read
	PageCompared // a drill on several fleets
	pages
)

// String is a page in words.
func (p Page) String() string {
	return [pages]string{"the start page", "the page of a fleet that starts", "the page of a drill", "the page of a fleet that stops",
		"the page of a result", "the page of an error", "the page of a journal that is being read", "the page of a comparison"}[p]
}

// Now is what decides whether a key can do something.
type Now struct {
	pane.View
	Page    Page
	NoColor bool
	Past    *Past   // nil while one looks at now
	Outcome Outcome // of the page of a result
	// Link is the link in focus, in the direction that is looked at; zero where none is.
	Link [2]string
	// Presenter says that the five facts for the back row have the screen.
	Presenter bool
	Keys      Table // what is shown of a key is as the person has set it
}

// Time is which time one looks at.
func (n Now) Time() Time {
	switch {
	case n.Past == nil:
		return Live
	case n.Past.Live:
		return Paused
	}
	return Replayed
}

// Target is what commands are about.
func (n Now) Target() action.Focus {
	return action.Focus{Region: n.Region, Dataset: n.Dataset, Ends: n.Link, Wider: len(topology.Around(n.State.Fleet, n.Region)) > 0}
}

// Command is the command of an action as far as the focus gives it.
func (n Now) Command(a action.Action) runbook.Command { return a.Start(n.Target(), runbook.ByOperator) }

// hint is what one of the screen's own keys does, behind a reason: "; space returns to now". It is ""
// where there is no such key.
func (n Now) hint(op Op, by int, does string) string {
	if b := n.Keys.Own(op, by); b != nil {
		return "; " + b.Show + " " + does
	}
	return ""
}

// KeysNamed is the keys that panes name: those that are for something where one is.
func (n Now) KeysNamed() show.Hints {
	sign := func(b *Binding) string {
		if b == nil || b.Elsewhere(n) {
			return ""
		}
		return b.Show
	}
	return show.Hints{
		ListLost: sign(n.Keys.Op(ListLost)), NextDataset: sign(n.Keys.Op(NextDataset)), FullPane: sign(n.Keys.Op(FullPane)), ScrollOn: sign(n.Keys.Own(Scroll, scrollOn)),
		SortRegions: sign(n.Keys.Op(SortRegions)), Filter: sign(n.Keys.Op(EditFilter)), Mode: sign(n.Keys.first(setsMode)),
		Config: n.configKeys(),
	}
}

// configKeys is the keys that change the configuration and can do something now, each with its name.
func (n Now) configKeys() string {
	var named []string
	for _, b := range n.Keys {
		if b.Group == GroupConfig && b.Show != "" && !b.Elsewhere(n) && b.Off(n) == "" {
			named = append(named, b.Show+" "+b.Name)
		}
	}
	return strings.Join(named, " · ")
}

// setsMode reports whether a key is an action's that changes how writes are confirmed.
func setsMode(in Intent) bool {
	return in.Op == Act && slices.ContainsFunc(in.Action.Params, func(p param.Param) bool { return p.Kind == param.KindMode })
}

// NoSession says why there is no drill to look at; "" where there is one.
func (n Now) NoSession() string {
	switch n.Page {
	case PageDrill:
		return ""
	case PageBringUp:
		return "the fleet still starts"
	case PageResult:
		return "the drill is over"
	case PageLeaving:
		return "the fleet is being taken down"
	case PageReading:
		return stillRead
	case PageCompared:
		return "a comparison runs its drill by itself, so that each fleet gets the same"
	}
	return "no drill runs"
}

// stillRead says that a journal is being read.
const stillRead = "the journal is still being read"

// NoCommands says why no command is taken; "" where one is.
func (n Now) NoCommands() string {
	switch n.Time() {
	case Replayed:
		return "this is a replay: what you see is over, and takes no commands"
	case Paused:
		return n.notNow()
	}
	if why := n.NoSession(); why != "" {
		return why
	}
	if n.State.Phase == drill.PhaseTearDown {
		return "the fleet is being taken down"
	}
	return ""
}

func oneDataset(n Now) string {
	if len(n.State.Datasets) < 2 {
		return "this fleet has only one dataset"
	}
	return ""
}

func notTabled(n Now) string {
	if why := covered(n); why != "" {
		return why
	}
	if !n.Tabled() {
		return "so few regions are a picture, which has an order of its own"
	}
	return ""
}

func noneLost(n Now) string {
	d := n.State.Dataset(n.Dataset)
	if split := d != nil && len(d.Splits) > 0; !split && measure.Lost(n.State, n.Dataset).N == 0 {
		return "no confirmed write is known to be lost"
	}
	return ""
}

// ListsLost reports whether the key that inspects lists lost writes.
func (n Now) ListsLost() bool { return n.Page == PageResult || n.Focus == pane.Data }

// covered says what hides the panes of a drill; "" where nothing does.
func covered(n Now) string {
	switch {
	case n.Page != PageDrill:
	case n.Presenter:
		return "the presenter view has the screen" + n.hint(Present, 0, "goes back to the panes")
	case n.Link != [2]string{}:
		return "the link matrix has the screen" + n.hint(Matrix, 0, "goes back to the panes")
	}
	return ""
}

func nothingToInspect(n Now) string {
	if why := covered(n); why != "" {
		return why
	}
	if n.ListsLost() {
		return noneLost(n)
	}
	return ""
}

func colourless(n Now) string {
	if n.NoColor {
		return "colours are switched off"
	}
	return ""
}
