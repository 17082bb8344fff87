// Package comparison holds drills side by side: each number of several runs in a row, where they
// differ, and what that comes to in sentences.
package comparison

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Run is a drill of a comparison.
type Run struct {
	// Label is what it is called there: its fleet, or when it was.
	Label string
	// State is what its journal comes to; nil where there is none.
	State *drill.State
	// Why is why there is no state.
	Why string
}

// Judged reports whether the drill came to an end that says something: it passed or failed. What an
// inconclusive one measured may be the machine's doing.
func (r Run) Judged() bool {
	return r.State != nil && (r.State.Verdict == drill.Passed || r.State.Verdict == drill.Failed)
}

// Cell is a number of one run. Value is in the row's unit, and nil where it was not measured: then
// Text says why, or that it is unknown.
type Cell struct {
	Text  string
	Value *float64
	// AtLeast says that Value is a lower bound.
	AtLeast bool
}

// Row is one number of all runs, in their order.
type Row struct {
	// Key names the number, and Of the dataset or population that it is of; "" is all together.
	Key, Of string
	What    string
	Unit    Unit
	Cells   []Cell
	// Differs says that it is not the same in all runs that have it, see Unit.
	Differs bool
}

// Comparison is runs side by side.
type Comparison struct {
	Runs []Run
	Rows []Row
	// Findings is what came out, in sentences made of the rows.
	Findings []string
}

// Of compares runs. Of several datasets or populations each has its own rows; a run that lacks
// one has no number of it.
func Of(runs ...Run) Comparison {
	c := Comparison{Runs: runs}
	for _, n := range numbers {
		names := []string{""}
		if n.per != nil {
			names = named(runs, n.per)
		}
		for _, name := range names {
			if row := n.row(runs, name); n.shown == nil || n.shown(runs, row) {
				c.Rows = append(c.Rows, row)
			}
		}
	}
	c.Findings = findings(c)
	return c
}

// row is a number of all runs.
func (n number) row(runs []Run, name string) Row {
	row := Row{Key: n.key, Of: name, What: n.what, Unit: n.unit}
	if name != "" {
		row.What += " " + n.before + name
	}
	var ended []Cell // what is not over may come to the same
	for _, r := range runs {
		cell := Cell{Text: format.None}
		if r.State != nil && (name == "" || slices.Contains(n.per(r.State), name)) {
			cell = n.of(r.State, name)
		}
		row.Cells = append(row.Cells, cell)
		if r.State != nil && r.State.Verdict != "" {
			ended = append(ended, cell)
		}
	}
	row.Differs = row.Unit.differ(ended)
	return row
}

// Remarks is what has to be known of the runs before their numbers: which are missing, which were not
// judged, and why.
func (c Comparison) Remarks() (all []string) {
	for _, r := range c.Runs {
		switch word, why := "", ""; {
		case r.State == nil:
			all = append(all, r.Label+": "+r.Why)
		case !r.Judged():
			if word, why = format.Outcome(r.State); why != "" {
				word += ", " + why
			}
			all = append(all, r.Label+": "+word)
		}
	}
	return all
}
