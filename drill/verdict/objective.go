// Package verdict judges a drill: a file an objective, one list of them, and how the evidence
// adds up to passed, failed or inconclusive. What it holds against a target it takes
// from package measure.
package verdict

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Unit is what an objective's numbers count.
type Unit int

// The units: seconds, a count, a share from 0 to 1, bytes.
const (
	Seconds Unit = iota
	Number
	Share
	Bytes
)

// Goal is a target: at most N, or at least N where what a drill shows is the point; of one
// dataset, or with "" of all together.
type Goal struct {
	N       float64
	AtLeast bool
	Dataset string
}

// Value is what was measured in an objective's unit. Bound says that a part is unknown, so
// that N is a lower bound.
type Value struct {
	N     float64
	Known bool
	Bound bool
}

// Objective is one kind of objective.
type Objective struct {
	Name  string // in drill files and report.json
	Label string // on a screen
	Unit  Unit
	// One and Many are what a Number counts: "write", "writes".
	One, Many string
	// Help says in a line what is measured.
	Help string
	// Says is words by which a hypothesis speaks of it, in lower case.
	Says []string
	// Input says how a drill file gives the goal; nil where no file can: it is asked for by
	// what else the plan or fleet says.
	Input *Input
	// Asked is the goals of a drill: one, or one of each dataset that is named; none where
	// it is not asked for.
	Asked func(*drill.State) []Goal
	// Measure is what the drill came to, of a goal's dataset.
	Measure func(s *drill.State, dataset string) Value
	// Detail says what of it is worth saying when it is missed, beside the numbers; may be nil.
	Detail func(*drill.State) string
}

// Input is how a drill file gives a goal. Exactly one of Duration, Count, Share and Word is set.
type Input struct {
	Duration func(*runbook.Objectives, time.Duration)
	Min      time.Duration // the least that makes sense
	Count    func(o *runbook.Objectives, dataset string, n int, atLeast bool)
	Share    func(*runbook.Objectives, float64)
	Word     func(*runbook.Objectives, string)
	Words    []string // that Word takes
	// PerDataset says that a file may give a Count by dataset.
	PerDataset bool
	// Needs is the least that a plan's steps must do for there to be a number at all.
	Needs Need
	// Lacks says what a fleet has to have for there to be a number at all, and has not; nil or "" is nothing.
	Lacks func(topology.Fleet) string
}

// Need is what a plan's steps must do for an objective to be measurable.
type Need int

// The needs.
const (
	NeedsNothing Need = iota
	NeedsMove         // a step takes or moves an authority
	NeedsFault        // a step takes something away from users
)

// All is every objective, in the order in which they are judged and shown.
var All = []Objective{RTO, rpo, LostWrites, UsersAffected, ServedAgain, moved, retries, forbidden, staleReads, ownReads, splitBrain, staleEndpoints, refusedSteps, pinnedBytes}

// Find is the objective of that name; false where there is none, as in a newer journal.
func Find(name string) (Objective, bool) {
	for _, o := range All {
		if o.Name == name {
			return o, true
		}
	}
	return Objective{}, false
}

// Label is an objective's name on a screen: the name itself where it is not known.
func Label(name string) string {
	if o, known := Find(name); known {
		return o.Label
	}
	return name
}

// Text writes a number of an objective in its unit.
func (o Objective) Text(n float64) string {
	switch o.Unit {
	case Seconds:
		return format.Exact(format.Seconds(n))
	case Share:
		return format.ExactPercent(n)
	case Bytes:
		return format.Bytes(n)
	default:
		return format.Count(int64(n))
	}
}

// Quantity writes a number of an objective with what it counts. Names that are not known are
// taken for seconds.
func Quantity(name string, n float64) string {
	o, _ := Find(name)
	if o.Many != "" {
		return format.Plural(int64(n), o.One, o.Many)
	}
	return o.Text(n)
}

// Brief writes a number of an objective as short as a column of a screen needs it.
func Brief(name string, n float64) string {
	switch o, _ := Find(name); o.Unit {
	case Seconds:
		return format.Span(format.Seconds(n))
	case Share:
		return format.Percent(n)
	default:
		return o.Text(n)
	}
}

// Bound is "at most" or "at least".
func Bound(atLeast bool) string {
	if atLeast {
		return "at least"
	}
	return "at most"
}

// Missed is by how much what was measured so far misses a goal of its own, in words; "" where it does not, or nothing decides that yet.
func (o Objective) Missed(s *drill.State, goals runbook.Objectives) string {
	asks := drill.NewState()
	asks.Plan = &runbook.Plan{Objectives: goals}
	for _, g := range o.Asked(asks) {
		if j, _ := o.judge(g, o.Measure(s, g.Dataset)); j.Met != nil && !*j.Met {
			return fmt.Sprintf("%s is %s, the limit is %s", o.Name, o.Text(*j.Measured), o.Text(j.Target))
		}
	}
	return ""
}

// judge holds a value against a goal. A lower bound decides only where it is beyond the goal,
// whatever the unknown part is: missed where at most is asked for, met where at least is.
func (o Objective) judge(g Goal, v Value) (drill.ObjectiveJudged, string) {
	j := drill.ObjectiveJudged{Name: o.Name, Target: g.N, AtLeast: g.AtLeast, Dataset: g.Dataset}
	name := o.Name
	if g.Dataset != "" {
		name += " of " + g.Dataset
	}
	undecided := v.N <= g.N
	if g.AtLeast {
		undecided = v.N < g.N
	}
	if !v.Known || v.Bound && undecided {
		return j, name + " was not measured"
	}
	met := v.N <= g.N
	if g.AtLeast {
		met = v.N >= g.N
	}
	j.Measured, j.Met = &v.N, &met
	least := ""
	if v.Bound {
		least = "at least "
	}
	return j, fmt.Sprintf("%s %s%s, asked for %s %s", name, least, o.Text(v.N), Bound(g.AtLeast), o.Text(g.N))
}
