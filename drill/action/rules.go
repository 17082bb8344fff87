package action

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/succession"
)

// What several actions' rules are made of. Each is written once.

// broken refuses a region that a fault or a cordon holds, with what ends that. Nil where
// none does.
func broken(s *drill.State, region string) *Refusal {
	r := s.Region(region)
	switch {
	case r == nil: // a journal may name what its fleet has not
		return refuse("", "there is no region %q", region)
	case r.Fault != nil:
		return refuse(fmt.Sprintf("%s it first", undoOf(r.Fault)), "%s is %s", region, doneWord(r.Fault)).
			since(r.Fault.Command).by(undoOf(r.Fault))
	case r.Cordoned:
		return refuse("uncordon it first", "%s is cordoned, nothing runs there", region).
			since(lastDone(s, runbook.VerbCordon, region)).by(runbook.VerbUncordon)
	}
	return nil
}

// possible refuses what the platform can't do where it runs. Nil where it can.
func possible(s *drill.State, v runbook.Verb) *Refusal {
	if l := s.Limit(v); l != nil {
		return refuse(l.Next, "%s", l.Why)
	}
	return nil
}

// away refuses a region that can't be expected to answer, for whatever reason.
func away(s *drill.State, region string) *Refusal {
	if r := broken(s, region); r != nil {
		return r
	}
	r := s.Region(region)
	if f := s.FaultOn(region); f != nil {
		return refuse("heal it first", "%s is cut off from the controller", region).since(f.Command).by(runbook.VerbHeal)
	}
	if !r.Health.Serves() {
		return refuse("restore it first", "%s is %s", region, r.Health).by(runbook.VerbRestore)
	}
	return nil
}

// undoOf is the verb that ends a fault.
func undoOf(f *drill.Fault) runbook.Verb {
	a, _ := Find(runbook.Verb(f.Fault))
	return a.Undo
}

// doneWord is what a fault is called in the past: "killed".
func doneWord(f *drill.Fault) string { return doneBy(runbook.Verb(f.Fault)) }

// doneBy is what a verb's action is called in the past.
func doneBy(v runbook.Verb) string {
	a, _ := Find(v)
	return a.Words.Done
}

// lastDone is the id of the last command of a verb that took effect on a region; 0
// where there is none.
func lastDone(s *drill.State, v runbook.Verb, region string) int {
	for _, c := range slices.Backward(s.Commands) {
		if c.Command.Verb == v && c.Command.Region == region && c.Ended != nil && c.Error == "" {
			return c.ID
		}
	}
	return 0
}

// mayHold refuses a region that does not hold the dataset, by residency or because it
// keeps no replica. Nil where it holds it.
func mayHold(s *drill.State, d *drill.DatasetState, region string) *Refusal {
	if s.Region(region) == nil {
		return refuse("", "there is no region %q", region)
	}
	next := "choose one of " + strings.Join(d.Spec.Regions, ", ")
	if err := d.Spec.Residency(region, s.Region(region).Spec.Jurisdiction); err != nil {
		r := refuse(next, "%s", err)
		r.Shows = true
		return r
	}
	if !slices.Contains(d.Spec.Regions, region) {
		return refuse(next, "%s keeps no replica of %s", region, d.Name)
	}
	return nil
}

// TooFewForQuorum refuses quorum where a majority would be all replicas: it would
// outlive the loss of none. Nil where there are three or more.
func TooFewForQuorum(name string, replicas int) *Refusal {
	if replicas >= 3 {
		return nil
	}
	return refuse("use sync", "%s has %d replicas, and a majority would be all of them", name, replicas)
}

// served refuses a dataset without an authority that answers, and says what to do. Nil
// where it has one.
func served(s *drill.State, d *drill.DatasetState) *Refusal {
	switch {
	case s.OpenFailover(d.Name) != nil:
		return refuse("wait until it is over, or promote a region", "no region leads %s now: its failover is not over", d.Name).by(runbook.VerbPromote)
	case d.Authority == "":
		return refuse("wait until one does", "no region leads %s yet", d.Name)
	}
	r := s.Region(d.Authority)
	if r != nil && r.Cordoned || away(s, d.Authority) == nil { // a cordoned one that leads could not be moved; it answers
		return nil
	}
	return refuse("wait for the failover, or promote a region", "%s leads %s and does not answer", d.Authority, d.Name).by(runbook.VerbPromote)
}

// mayLead refuses a region that can't become the dataset's authority now.
func mayLead(s *drill.State, d *drill.DatasetState, region string) *Refusal {
	if r := mayHold(s, d, region); r != nil {
		return r
	}
	if r := away(s, region); r != nil {
		return r
	}
	return hangs(d, region)
}

// hangs refuses a region whose store takes no writes, though it answers. Nil where it takes them.
func hangs(d *drill.DatasetState, region string) *Refusal {
	if stall, is := d.Stalled[region]; is {
		return refuse("choose another region, or wait until it works again", "the store of %s in %s hangs: %s", d.Name, region, stall.Why)
	}
	return nil
}

// lost refuses to take an authority over from a region that has not lost it, and what
// can't take over whatever is given up.
func lost(s *drill.State, c runbook.Command) *Refusal {
	d := s.Dataset(c.Dataset)
	if r := mayLead(s, d, c.To); r != nil {
		return r
	}
	if s.OpenFailover(d.Name) == nil {
		if d.Authority == "" {
			return refuse("wait until one does", "no region leads %s yet", d.Name)
		}
		if served(s, d) != nil {
			return refuse("wait until it is", "%s leads %s, and its loss is not noticed yet", d.Authority, d.Name)
		}
		return refuse("switch over instead, which loses nothing", "%s leads %s and works", d.Authority, d.Name).by(runbook.VerbSwitchover)
	}
	if r := d.Replicas[c.To]; r != nil && !r.Stale && r.Seeding {
		return refuse("wait until it is whole", "%s is being copied to %s", d.Name, c.To)
	}
	return nil
}

// leftBehind refuses a replica that was away, or still catching up, when the authority was
// lost, while others are known to hold more: that is no tail which async may lose, so it takes
// force. What is silent and may hold more, the controller judges once it has asked anew.
func leftBehind(s *drill.State, d *drill.DatasetState, region string) *Refusal {
	q := succession.Of(s, d)
	gap := q.LeftBehind(region, q.Answers(answering(s, d, region)))
	if gap == nil || gap.By == "" {
		return nil
	}
	next, verb := fmt.Sprintf("promote %s, which has them", gap.By), runbook.VerbPromote
	if r := mayLead(s, d, gap.By); r != nil {
		next, verb = fmt.Sprintf("wait until %s works again, or force it, which loses them", gap.By), runbook.VerbForce
		if r.Verb != "" {
			next = fmt.Sprintf("%s %s, or force it, which loses them", r.Verb, gap.By)
		}
	}
	return refuse(next, "%s had not caught up when %s was lost: at least %s that %s has would be lost", region, d.Authority,
		format.Plural(gap.Writes, "write", "writes"), gap.By).by(verb)
}

// answering is the regions whose replicas of a dataset can be expected to answer, and one more.
func answering(s *drill.State, d *drill.DatasetState, and string) []string {
	all := []string{and}
	for _, region := range d.Spec.Regions {
		if r := d.Replicas[region]; region != and && away(s, region) == nil && !d.Hangs(region) && (r == nil || !r.Stale) {
			all = append(all, region)
		}
	}
	return all
}

// heir is the region, other than some, that could lead the dataset or be its partner, and
// would be chosen; "" where there is none.
func heir(s *drill.State, d *drill.DatasetState, without ...string) string {
	var could []string
	for _, region := range d.Spec.Regions {
		if slices.Contains(without, region) || mayLead(s, d, region) != nil || d.Hangs(region) {
			continue
		}
		if r := d.Replicas[region]; r == nil || !r.Seeding && !r.Stale { // of a dry run nothing is measured
			could = append(could, region)
		}
	}
	q := succession.Of(s, d)
	return q.Planned(q.Answers(could))
}

// openFault is the fault of a kind that holds on the links that the command names; nil
// where none does.
func openFault(s *drill.State, kind drill.FaultKind, c runbook.Command) *drill.Fault {
	for _, f := range s.Faults {
		if f.Fault == kind && f.Lifted == nil && len(f.Between) == 2 && f.SameCut(c) {
			return f
		}
	}
	return nil
}

// confirmImpact asks about what takes something away from users: with what is predicted
// and, where a last copy would go, with the region's name typed.
func confirmImpact(s *drill.State, c runbook.Command) *Confirmation {
	p, _ := Predict(s, c)
	ask := &Confirmation{Impact: &p}
	if len(p.LastCopy) > 0 && c.Region != "" {
		ask.Irreversible = fmt.Sprintf("No other copy of %s answers: it would be gone.", strings.Join(p.LastCopy, " and "))
		ask.Type = c.Region
	}
	return ask
}
