// Package people holds when people came to something in a drill beside when the machine did.
package people

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/scribe"
)

// Mark is a note that says when people detected, decided or mitigated something.
type Mark struct {
	scribe.Entry
	At time.Duration
	By string
	// Fault is the newest that took effect before it; nil where none did.
	Fault *drill.Fault
	// After is from when that could first affect a user to the mark, Machine to where the machine came to the same: a failover
	// that it caused was detected or decided, requests were as good as before. Neither is known without a fault, and the
	// machine's not where it never did.
	After, Machine measure.Span
}

// Marks is every mark of a drill, in the order of the notes.
func Marks(s *drill.State) (all []Mark) {
	for _, n := range s.Notes {
		if m, is := Of(s, n); is {
			all = append(all, m)
		}
	}
	return all
}

// Of is the mark that a note makes; false where it makes none.
func Of(s *drill.State, n drill.Note) (m Mark, is bool) {
	m = Mark{Entry: scribe.Read(n.Text), At: n.T, By: n.By}
	if !m.IsMark() {
		return m, false
	}
	for _, f := range s.Faults {
		if f.From <= n.T && (m.Fault == nil || f.From >= m.Fault.From) {
			m.Fault = f
		}
	}
	if m.Fault != nil {
		m.After = measure.Span{D: n.T - m.Fault.From, Known: true}
		m.Machine = machine(s, m.Fault, m.Kind)
	}
	return m, true
}

// machine is when the machine came to the same.
func machine(s *drill.State, f *drill.Fault, kind scribe.Kind) (first measure.Span) {
	if kind == scribe.Mitigated {
		for _, r := range s.Recoveries {
			if r.Fault == f.ID {
				return measure.Span{D: r.After(f), Known: true}
			}
		}
		return first
	}
	stage := map[scribe.Kind]drill.Stage{scribe.Detected: drill.StageDetect, scribe.Decided: drill.StageDecide}[kind]
	for _, o := range s.Failovers {
		if end, ended := o.Ends[stage]; o.Fault == f && ended && (!first.Known || end-f.From < first.D) {
			first = measure.Span{D: end - f.From, Known: true}
		}
	}
	return first
}
