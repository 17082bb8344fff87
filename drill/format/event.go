package format

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Mark is what an event is about: it decides how a line is shown.
type Mark string

// The marks.
const (
	MarkNone     Mark = ""
	MarkFault    Mark = "fault"
	MarkData     Mark = "data"
	MarkTraffic  Mark = "traffic"
	MarkOperator Mark = "operator"
	MarkError    Mark = "error"
	MarkIncident Mark = "incident" // what happened, and what it cost
)

// Line is an event in words. T is the time since the engine started.
type Line struct {
	T    time.Duration
	Mark Mark
	Text string
}

// Timeline is the events of a state's timeline in words, oldest first, and what each incident came to
// where it had run its course.
func Timeline(s *drill.State) []Line {
	lines, incidents := make([]Line, 0, len(s.Timeline)), Settled(s)
	for _, e := range s.Timeline {
		for len(incidents) > 0 && incidents[0].T < e.T {
			lines, incidents = append(lines, incidents[0]), incidents[1:]
		}
		lines = append(lines, Event(s, e))
	}
	return append(lines, incidents...)
}

// Settled is what each incident came to that has run its course, as lines of a timeline.
func Settled(s *drill.State) []Line {
	var t Teller
	return t.Tell(s)
}

// Teller tells each incident of a drill once, and again once its count of lost writes is final where
// it was so far before.
type Teller struct {
	told map[measure.IncidentID]telling
}

// telling is what was said of an incident.
type telling struct {
	said  bool
	grows bool // its count was so far
}

// Tell is what those incidents came to that have run their course since it was last asked. One that is told
// again is of now.
func (t *Teller) Tell(s *drill.State) (lines []Line) {
	for _, i := range measure.Incidents(s) {
		before, grows := t.told[i.ID()], i.Grows(s)
		if !i.Over || before.said && (!before.grows || grows) {
			continue
		}
		if t.told == nil {
			t.told = map[measure.IncidentID]telling{}
		}
		t.told[i.ID()] = telling{said: true, grows: grows}
		at := i.Settled
		if before.said {
			at = s.Now
		}
		happened, cost := Incident(s, i)
		lines = append(lines, Line{T: at, Mark: MarkIncident, Text: happened + " " + cost})
	}
	return lines
}

// Event words an event of a state that has taken it in. Every event of State.Timeline has
// its words; a sample has none.
func Event(s *drill.State, e drill.Event) Line {
	l := Line{T: e.T, Mark: MarkData}
	if words, known := sentences[e.Body.Kind()]; known {
		mark, text := words(s, e)
		l.Mark, l.Text = mark, clean.Text(text) // a foreign value with a line end would else be a line of its own
	}
	return l
}

func staged(s *drill.State, b drill.FailoverStaged) string {
	f := s.Failover(b.ID)
	if f == nil {
		return ""
	}
	took, _ := f.Took(b.Stage)
	switch b.Stage {
	case drill.StagePromote:
		return fmt.Sprintf("%s leads %s, %s, promoted in %s%s", b.To, b.Dataset, Term(b.Epoch), Span(took), after(" · ", Restored(b.Restored)))
	case drill.StageReroute:
		rto, _ := f.RTO()
		return fmt.Sprintf("first write of %s confirmed by %s, RTO %s", b.Dataset, b.To, Span(rto))
	}
	still := ""
	if b.Stage == drill.StageDetect && f.Fault == nil && f.Cause == "fault" && attribution.StoodStill(s, f.Ends[drill.StageFault], b.End) != nil {
		still = "; fleetdrill stood still meanwhile"
	}
	return fmt.Sprintf("%s: %s %s%s%s", b.Dataset, b.Stage, Span(took), after(" · ", b.Detail), still)
}

// Restored says what a store was made from; "" where it was there.
func Restored(r *drill.Restored) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("restored %s of %s from a snapshot of %s before, in %s", Plural(r.Writes, "write", "writes"), Bytes(r.Bytes), Span(r.Age), Span(r.Took))
}

// Snapshot says of the last one, in several lengths, how old it is, how large, and how long it took to ship.
func Snapshot(s *telemetry.Snapshot, now time.Duration) []string {
	age, size := Span(max(0, now-s.Taken)), Bytes(s.Bytes)
	return []string{
		fmt.Sprintf("last snapshot %s ago, %s, took %s", age, size, Span(s.Took)),
		fmt.Sprintf("snapshot %s ago, %s", age, size),
		fmt.Sprintf("%s ago, %s", age, size),
		age + " ago",
	}
}

// recovered says what else a reader has to know of a recovery: from which fault, where
// there are several, and which others held then, since users can be served in spite of them.
func recovered(s *drill.State, b drill.Recovered, at time.Duration) string {
	var others []string
	several := false
	for _, f := range s.Faults {
		if f.ID == b.Fault || f.Proved > at {
			continue
		}
		several = true
		if f.Lifted == nil || *f.Lifted > at {
			others = append(others, Where(f.FaultProved)+" "+cmp.Or(f.FaultProved.Done, string(f.Fault)))
		}
	}
	text := ""
	if f := s.Fault(b.Fault); f != nil && several {
		text = fmt.Sprintf(" (of %s %s)", Where(f.FaultProved), cmp.Or(f.FaultProved.Done, string(f.Fault)))
	}
	if len(others) > 0 {
		text += "; still " + strings.Join(others, ", ")
	}
	return text
}

// splitBrain words the first sight of a split brain, or its end with what each side took.
func splitBrain(s *drill.State, b drill.SplitBrain) (Mark, string) {
	if !b.Over {
		return MarkError, fmt.Sprintf("SPLIT BRAIN of %s: %s (%s) still confirms writes beside %s (%s)", b.Dataset, b.Old, Term(b.OldEpoch), b.New, Term(b.NewEpoch))
	}
	tails := b.Tails
	if d := s.Dataset(b.Dataset); d != nil {
		if whole := d.Split(b.OldEpoch, b.NewEpoch); whole != nil {
			tails = whole.Tails
		}
	}
	return MarkData, fmt.Sprintf("split brain of %s is over: %s confirmed by %s, %s by %s meanwhile", b.Dataset,
		Plural(len(tails[b.Old]), "write", "writes"), b.Old, Count(len(tails[b.New])), b.New)
}

// named says where the fleet's name server is, and how a person asks it what users are told.
func named(s *drill.State, b drill.EntryOpened) string {
	return "name server at " + b.Names + after("; ask it: ", s.Fleet.Dig(b.Names))
}

func rerouted(b drill.Rerouted) (Mark, string) {
	switch {
	case b.Refused:
		return MarkFault, fmt.Sprintf("%s refused, not moved: %s", b.Population, b.Why)
	case b.To == "":
		return MarkFault, fmt.Sprintf("no region can serve %s: %s", b.Population, b.Why)
	case b.From == "":
		return MarkTraffic, fmt.Sprintf("%s served by %s", b.Population, served(b))
	case b.From == b.To:
		return MarkTraffic, fmt.Sprintf("%s served by %s now: %s", b.Population, served(b), b.Why)
	}
	return MarkTraffic, fmt.Sprintf("%s served by %s instead of %s: %s", b.Population, served(b), b.From, b.Why)
}

// served is the region that serves a population, or each with its share.
func served(b drill.Rerouted) string {
	if len(b.Shares) == 0 {
		return b.To
	}
	return Shares(b.Shares)
}

// Shares is the shares of regions as a person reads them, the largest first: "us-east 70 % and eu-west 30 %".
func Shares(by map[string]float64) string {
	regions := slices.SortedFunc(maps.Keys(by), func(a, b string) int { return cmp.Or(cmp.Compare(by[b], by[a]), cmp.Compare(a, b)) })
	for i, region := range regions {
		regions[i] = region + " " + Percent(by[region])
	}
	return And(regions)
}

func flapping(b drill.RegionFlapping) (Mark, string) {
	if !b.On {
		return MarkTraffic, b.Region + " flaps no longer"
	}
	return MarkFault, fmt.Sprintf("%s flaps: down %s within %s", b.Region, Plural(b.Downs, "time", "times"), Span(b.Within))
}

// proved words a fault as the state has it, which completes what older journals lack.
func proved(s *drill.State, b drill.FaultProved) string {
	if f := s.Fault(b.ID); f != nil {
		b = f.FaultProved
	}
	return Where(b) + " " + cmp.Or(b.Done, string(b.Fault)) + after(" · ", b.Proof)
}

func lifted(s *drill.State, b drill.FaultLifted) string {
	f := s.Fault(b.ID)
	if f == nil {
		return b.Region + " restored" + after(" · ", b.Proof)
	}
	return Where(f.FaultProved) + " " + cmp.Or(f.Ended, "restored") + after(" · ", b.Proof)
}

// Where is what a fault is on: a region, or the ends of a link.
func Where(b drill.FaultProved) string {
	switch {
	case b.Part != "":
		return Part(b.Region, b.Part)
	case b.Region != "":
		return b.Region
	case b.OneWay:
		return strings.Join(b.Between, " to ")
	}
	return strings.Join(b.Between, " and ")
}

// Part is a part of a region as a person calls it: "zone us-east-a", "the web tier of us-east".
func Part(region, part string) string {
	switch {
	case strings.HasPrefix(part, region+"-"):
		return "zone " + part
	case region == topology.EndControl: // of no region
		return "the " + part
	}
	return "the " + part + " of " + region
}

// Either is the one word or the other.
func Either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

func after(separator, text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return separator + text
}
