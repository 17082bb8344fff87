// Package keys holds what each key is for, beside the reason why it can't do
// anything now. Footer, help, palette and docs/keys.md are made from its table.
package keys

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Binding is one key and what it is for. It is not bubbles' key.Binding, which can be off but
// not say why, and knows no place, danger or intent.
type Binding struct {
	Keys   []string // as the terminal library names them; none for what only the palette offers
	Show   string   // as people read them
	Name   string   // two or three words
	Help   string   // one line
	Group  string
	Danger bool // it takes something away from users
	Place  Place
	Intent Intent
	use    use              // zero for what is no key of the table
	off    func(Now) string // why it can do nothing now where it is for something; nil is never off
}

// Off says why the key can't do anything now; "" when it can.
func (b Binding) Off(n Now) string {
	switch {
	case b.Elsewhere(n) && b.use.elsewhere != nil:
		return b.use.elsewhere(n)
	case b.off != nil:
		return b.off(n)
	}
	return ""
}

// Elsewhere reports whether the key is for other pages than the one that is shown, or for another time.
func (b Binding) Elsewhere(n Now) bool { return !b.use.scope.Has(n.Page, n.Time()) }

// Sign is the key as people read it, in some glyphs.
func (b Binding) Sign(g style.Glyphs) string {
	if b.Show == enterSign {
		return g.Enter
	}
	return b.Show
}

// Alone reports whether the key counts only when it is pressed by itself: it can move users or data,
// or begins or ends something.
func (b Binding) Alone() bool {
	switch b.Intent.Op {
	case Act:
		return !b.Intent.Action.Harmless
	case Quit, QuitNow, EndDrill, Again, NextDrill, ToStart, OpenPsql:
		return true
	}
	return false
}

// Place is where the footer offers a key, when it can do something.
type Place int

// The places.
const (
	InHelp    Place = iota // nowhere in the footer
	Mends                  // before anything else
	ForRegion              // beside the region in focus
	Always
	OnResult // on the page of a result
)

// The headings of help.
const (
	GroupRegion  = string(action.GroupRegion)
	GroupData    = string(action.GroupData)
	GroupConfig  = string(action.GroupConfig)
	GroupLook    = "Look"
	GroupPast    = "Pause and replay"
	GroupResult  = "Result"
	GroupProgram = string(action.GroupProgram)
)

// Table is all bindings. The order is that of help and footer.
type Table []Binding

// New is the table of some actions and of the screen's own keys.
func New(actions []action.Action) Table {
	t := append(actionKeys(actions, action.GroupRegion), regionKeys()...)
	t = append(append(t, actionKeys(actions, action.GroupData)...), dataKeys()...)
	t = append(t, actionKeys(actions, action.GroupConfig)...)
	t = append(append(t, stepKeys()...), lookKeys()...)
	t = append(append(t, pastKeys()...), resultKeys()...)
	t = append(t, actionKeys(actions, action.GroupProgram)...)
	return append(t, programKeys()...)
}

// For is what a key is for; nil where it is for nothing.
func (t Table) For(key string) *Binding {
	for i := range t {
		if slices.Contains(t[i].Keys, key) {
			return &t[i]
		}
	}
	return nil
}

// Op is the first binding of one of the screen's own; nil where there is none.
func (t Table) Op(op Op) *Binding {
	return t.first(func(in Intent) bool { return in.Op == op })
}

// Own is the binding of one of the screen's own that goes so far; nil where there is none.
func (t Table) Own(op Op, by int) *Binding {
	return t.first(func(in Intent) bool { return in.Op == op && in.By == by })
}

// Act is the binding of an action's verb; nil where there is none.
func (t Table) Act(verb runbook.Verb) *Binding {
	return t.first(func(in Intent) bool { return in.Op == Act && in.Action.Verb == verb })
}

func (t Table) first(is func(Intent) bool) *Binding {
	for i := range t {
		if is(t[i].Intent) {
			return &t[i]
		}
	}
	return nil
}
