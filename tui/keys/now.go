package keys

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/tui/pane"
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
	PageReading // a journal is being read
)

// Now is what decides whether a key can do something.
type Now struct {
	pane.View
	Page    Page
	NoColor bool
	Past    *Past   // nil while one looks at now
	Outcome Outcome // of the page of a result
	Keys    Table   // what is shown of a key is as the person has set it
}

// Target is what commands are about.
func (n Now) Target() action.Focus {
	return action.Focus{Region: n.Region, Dataset: n.Dataset}
}

// Command is the command of an action as far as the focus gives it.
func (n Now) Command(a action.Action) runbook.Command { return a.Start(n.Target(), runbook.ByOperator) }

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
		return "the journal is still being read"
	}
	return "no drill runs"
}

// NoCommands says why no command is taken; "" where one is.
func (n Now) NoCommands() string {
	if n.Past != nil {
		return n.Past.noCommands()
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
	if why := n.NoSession(); why != "" && n.Page != PageResult {
		return why
	}
	if len(n.State.Datasets) < 2 {
		return "this fleet has only one dataset"
	}
	return ""
}

func notTabled(n Now) string {
	if why := n.NoSession(); why != "" {
		return why
	}
	if !n.Tabled() {
		return "so few regions are a picture, which has an order of its own"
	}
	return ""
}

func noneLost(n Now) string {
	if n.Page == PageStart {
		return "no drill runs"
	}
	d := n.State.Dataset(n.Dataset)
	if split := d != nil && len(d.Splits) > 0; !split && measure.Lost(n.State, n.Dataset).N == 0 {
		return "no confirmed write is known to be lost"
	}
	return ""
}

// ListsLost reports whether the key that inspects lists lost writes.
func (n Now) ListsLost() bool { return n.Page == PageResult || n.Focus == pane.Data }

func nothingToInspect(n Now) string {
	if n.ListsLost() {
		return noneLost(n)
	}
	return n.NoSession()
}

func colourless(n Now) string {
	if n.NoColor {
		return "colours are switched off"
	}
	return ""
}
