// Package keys holds what each key is for, beside the reason why it can't do
// anything now. Footer, help, palette and docs/keys.md are made from its table.
package keys

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/action"
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
	off    func(Now) string // nil is never off
}

// Off says why the key can't do anything now; "" when it can.
func (b Binding) Off(n Now) string {
	if b.off == nil {
		return ""
	}
	return b.off(n)
}

// Elsewhere reports whether the key is for other pages than the one that is shown.
func (b Binding) Elsewhere(n Now) bool {
	why := b.Off(n)
	return why != "" && slices.Contains([]string{n.NoSession(), n.NoCommands(), n.noResult(), noTime(n), onlyReplays, stillRuns}, why)
}

// Acts reports whether the key can move users or data.
func (b Binding) Acts() bool { return b.Intent.Op == Act && !b.Intent.Action.Harmless }

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
	for i := range t {
		if t[i].Intent.Op == op {
			return &t[i]
		}
	}
	return nil
}
