package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/succession"
)

// MayHold refuses a region that does not hold the dataset, by residency or because it
// keeps no replica. Nil where it holds it.
func MayHold(s *drill.State, d *drill.DatasetState, region string) *Refusal {
	if s.Region(region) == nil {
		return Refuse("", "there is no region %q", region)
	}
	next := "choose one of " + strings.Join(d.Spec.Regions, ", ")
	if err := d.Spec.Residency(region, s.Region(region).Spec.Jurisdiction); err != nil {
		r := Refuse(next, "%s", err)
		r.Shows = true
		return r
	}
	if !slices.Contains(d.Spec.Regions, region) {
		return Refuse(next, "%s keeps no replica of %s", region, d.Name)
	}
	return nil
}

// TooFewForQuorum refuses quorum where a majority would be all replicas: it would
// outlive the loss of none. Nil where there are three or more.
func TooFewForQuorum(name string, replicas int) *Refusal {
	if replicas >= 3 {
		return nil
	}
	return Refuse("use sync", "%s has %d replicas, and a majority would be all of them", name, replicas)
}

// Served refuses a dataset without an authority that answers, and says what to do. Nil
// where it has one.
func Served(s *drill.State, d *drill.DatasetState) *Refusal {
	switch {
	case s.OpenFailover(d.Name) != nil:
		return Refuse("wait until it is over, or promote a region", "no region leads %s now: its failover is not over", d.Name).By(runbook.VerbPromote)
	case d.Authority == "":
		return Refuse("wait until one does", "no region leads %s yet", d.Name)
	}
	r := s.Region(d.Authority)
	if r != nil && r.Cordoned || Away(s, d.Authority) == nil { // a cordoned one that leads could not be moved; it answers
		return nil
	}
	return Refuse("wait for the failover, or promote a region", "%s leads %s and does not answer", d.Authority, d.Name).By(runbook.VerbPromote)
}

// MayLead refuses a region that can't become the dataset's authority now.
func MayLead(s *drill.State, d *drill.DatasetState, region string) *Refusal {
	if r := MayHold(s, d, region); r != nil {
		return r
	}
	if r := Away(s, region); r != nil {
		return r
	}
	return Hangs(d, region)
}

// Hangs refuses a region whose store takes no writes, though it answers. Nil where it takes them.
func Hangs(d *drill.DatasetState, region string) *Refusal {
	if stall, is := d.Stalled[region]; is {
		return Refuse("choose another region, or wait until it works again", "the store of %s in %s takes no writes: %s", d.Name, region, stall.Why)
	}
	return nil
}

// Lost refuses to take an authority over from a region that has not lost it, and what
// can't take over whatever is given up.
func Lost(s *drill.State, c runbook.Command) *Refusal {
	d := s.Dataset(c.Dataset)
	if r := MayLead(s, d, c.To); r != nil {
		return r
	}
	if s.OpenFailover(d.Name) == nil {
		if d.Authority == "" {
			return Refuse("wait until one does", "no region leads %s yet", d.Name)
		}
		if Served(s, d) != nil {
			return Refuse("wait until it is", "%s leads %s, and its loss is not noticed yet", d.Authority, d.Name)
		}
		return Refuse("switch over instead, which loses nothing", "%s leads %s and works", d.Authority, d.Name).By(runbook.VerbSwitchover)
	}
	if r := d.Replicas[c.To]; r != nil && !r.Stale && r.Seeding {
		return Refuse("wait until it is whole", "%s is being copied to %s", d.Name, c.To)
	}
	return nil
}

// LeftBehind refuses a replica that was away, or still catching up, when the authority was
// lost, while others are known to hold more: that is no tail which async may lose, so it takes
// force. What is silent and may hold more, the controller judges once it has asked anew.
func LeftBehind(s *drill.State, d *drill.DatasetState, region string) *Refusal {
	q := succession.Of(s, d)
	gap := q.LeftBehind(region, q.Answers(Answering(s, d, region)))
	if gap == nil || gap.By == "" {
		return nil
	}
	next, verb := fmt.Sprintf("promote %s, which has them", gap.By), runbook.VerbPromote
	if r := MayLead(s, d, gap.By); r != nil {
		next, verb = fmt.Sprintf("wait until %s works again, or force it, which loses them", gap.By), runbook.VerbForce
		if r.Verb != "" {
			next = fmt.Sprintf("%s %s, or force it, which loses them", r.Verb, gap.By)
		}
	}
	return Refuse(next, "%s had not caught up when %s was lost: at least %s that %s has would be lost", region, d.Authority,
		format.Plural(gap.Writes, "write", "writes"), gap.By).By(verb)
}

// Answering is the regions whose replicas of a dataset can be expected to answer, and one more.
func Answering(s *drill.State, d *drill.DatasetState, and string) []string {
	all := []string{and}
	for _, region := range d.Spec.Regions {
		if r := d.Replicas[region]; region != and && Away(s, region) == nil && !d.Hangs(region) && (r == nil || !r.Stale) {
			all = append(all, region)
		}
	}
	return all
}

// Heir is the region, other than some, that could lead the dataset or be its partner, and
// would be chosen; "" where there is none.
func Heir(s *drill.State, d *drill.DatasetState, without ...string) string {
	var could []string
	for _, region := range d.Spec.Regions {
		if slices.Contains(without, region) || MayLead(s, d, region) != nil || d.Hangs(region) {
			continue
		}
		if r := d.Replicas[region]; r == nil || !r.Seeding && !r.Stale { // of a dry run nothing is measured
			could = append(could, region)
		}
	}
	q := succession.Of(s, d)
	return q.Planned(q.Answers(could))
}
