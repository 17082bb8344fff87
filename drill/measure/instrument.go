package measure

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// Disturbed is a measurement during which what measures, or a region's node, did not run, or the disk of a leader stood still: its
// numbers are not the fault's doing. One of Standstill, Starved and Disk is set, and one of Fault, Move, Rejoin and Check: what was
// measured.
type Disturbed struct {
	Standstill *drill.StandstillNoticed
	Starved    *drill.RegionStarved
	Disk       *attribution.DiskStall
	Fault      *drill.Fault
	Move       *Move
	Rejoin     *drill.Rejoin
	Check      bool // whether the fleet was steady after the last step
}

// measured is a measurement's time.
type measured struct {
	from, to time.Duration
	what     Disturbed
}

// Disturbances is, of each standstill of program, node or disk, the first measurement that it overlaps. One outside of any harms nothing and is
// not among them.
func Disturbances(s *drill.State) []Disturbed {
	var all []Disturbed
	spans := measurements(s)
	disturbed := func(overlaps func(from, to time.Duration) bool, by func(*Disturbed)) {
		if i := slices.IndexFunc(spans, func(m measured) bool { return overlaps(m.from, m.to) }); i >= 0 {
			d := spans[i].what
			by(&d)
			all = append(all, d)
		}
	}
	for i, still := range s.Standstills {
		disturbed(still.Overlaps, func(d *Disturbed) { d.Standstill = &s.Standstills[i] })
	}
	for i, starved := range s.Starved {
		disturbed(starved.Overlaps, func(d *Disturbed) { d.Starved = &s.Starved[i] })
	}
	for _, stall := range attribution.DiskStalls(s) {
		disturbed(stall.Overlaps, func(d *Disturbed) { d.Disk = &stall })
	}
	return all
}

// measurements is what of the drill is measured over time, and when: a fault until users recovered from it, a move until
// the first write after it, a rejoin until the replica was current. What is not over lasts until now. What is held against
// an objective comes first.
func measurements(s *drill.State) []measured {
	var all []measured
	for _, f := range s.Faults {
		m := measured{from: f.From, to: s.Now, what: Disturbed{Fault: f}}
		if r := recoveryFrom(s, f); r != nil {
			m.to = f.From + r.After(f)
		}
		if m.to == s.Now && !f.Shape.IsZero() && f.Lifted != nil {
			m.to = *f.Lifted
		}
		all = append(all, m)
	}
	for _, move := range Moves(s, "") {
		to := s.Now
		if rto := move.RTO(s); rto.Known && !rto.AtLeast {
			to = move.Began + rto.D
		} else if move.Switchover != nil {
			to = move.Switchover.T
		}
		all = append(all, measured{from: move.Began, to: to, what: Disturbed{Move: &move}})
	}
	for _, r := range s.Rejoins {
		m := measured{from: r.Began, to: s.Now, what: Disturbed{Rejoin: r}}
		if r.Done != nil {
			m.to = r.Began + r.Done.Took
		}
		all = append(all, m)
	}
	if c := s.SteadyAfter; c != nil && !c.Met {
		after := func(e drill.Event) bool { m, is := e.Body.(drill.SteadyMeasured); return is && m.When == c.When }
		if i := slices.IndexFunc(s.Timeline, after); i >= 0 {
			all = append(all, measured{from: s.Timeline[i].T - c.For, to: s.Timeline[i].T, what: Disturbed{Check: true}})
		}
	}
	return all
}

// ByInstrument reports whether a failover that no fault of this drill caused began while this program stood still, and leases
// ran out because nobody renewed them, or while the machine starved the region that led, or had its disk stand still.
func (m Move) ByInstrument(s *drill.State) bool {
	if m.Failover == nil || m.Failover.Fault != nil || m.Cause == "operator" {
		return false
	}
	end := m.Began
	if detected, done := m.Failover.Ends[drill.StageDetect]; done {
		end = max(end, detected)
	}
	for _, starved := range s.Starved {
		if starved.Region == m.From && starved.Overlaps(m.Began, end) {
			return true
		}
	}
	for _, stall := range attribution.DiskStalls(s) {
		if stall.Region == m.From && stall.Dataset == m.Dataset && stall.Overlaps(m.Began, end) {
			return true
		}
	}
	return attribution.StoodStill(s, m.Began, end) != nil
}

// Sent is how many of the requests that were due this program could send. NotSent by why; LeftOut were due, or waited,
// while it stood still. Share is that of those not sent among all but these.
type Sent struct {
	Requests, NotSent, LeftOut int
	Why                        map[string]int
	Share                      float64
	Known                      bool // requests were counted
}

// Unsent is the requests since the steady check, or so far where there was none, that were not sent. What a fleet that comes
// up cost before is no part of what is measured.
func Unsent(s *drill.State) Sent {
	out := Sent{Why: map[string]int{}}
	for _, p := range s.Populations {
		if p.Last == nil {
			continue
		}
		out.Known = true
		out.Requests += p.Last.TotalRequests
		out.LeftOut += p.Last.TotalLeftOut
		before := telemetry.Population{}
		if p.Steady != nil {
			before = *p.Steady
		}
		out.Requests -= before.TotalRequests
		out.LeftOut -= before.TotalLeftOut
		for why, n := range s.Unsent(*p.Last) {
			out.Why[why] += n
			out.NotSent += n
		}
	}
	if due := out.Requests + out.NotSent; due > 0 {
		out.Share = float64(out.NotSent) / float64(due)
	}
	return out
}

// FailedLately is a population's failed requests by reason, and all its requests, of the last so much time, however long
// that is: to the width of its series' points.
func FailedLately(s *drill.State, p *drill.PopulationState, lately time.Duration) (failed map[string]int, requests int) {
	failed = map[string]int{}
	for _, point := range p.Series.Since(s.Now - lately) {
		requests += point.OK + point.Failed
		for reason, n := range point.Why {
			failed[reason] += n
		}
	}
	return failed, requests
}
