// Package impact predicts what a command that takes something away will do to users and
// data: a model, from the state as it is, by the definitions of package measure. It is
// held later against what was measured of the same command.
package impact

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Predict is what a kill, freeze, cordon or partition is predicted to break; undo is the verb
// that takes it back.
func Predict(s *drill.State, c drill.Command, undo drill.Verb) drill.Impact {
	s = standing(s)
	p := drill.Impact{Users: map[string]float64{}, WritesAtRisk: map[string]*uint64{}}
	effects := map[string]effect{}
	for _, d := range s.Datasets {
		e := effectOn(s, d, c)
		effects[d.Name] = e
		if e.waits != "" {
			if p.Waits == nil {
				p.Waits = map[string]string{}
			}
			p.Waits[d.Name] = e.waits
		}
		if e.moves {
			p.WritesAtRisk[d.Name] = mostLost(s, d, c, e)
			p.RTO = modelRTO(s.Fleet)
			if c.Verb == drill.VerbCordon {
				p.RTO = 0 // moved first
			}
		}
		if e.last {
			p.LastCopy = append(p.LastCopy, d.Name)
		}
	}
	p.Users, p.Share = newExposure(s, c, undo, effects).shares()
	p.Lines = Lines(s, c, p)
	return p
}

// effect is what a command is predicted to do to one dataset.
type effect struct {
	moves bool   // its authority is lost, or moved first
	to    string // the region that is likely to lead then; "" is none
	waits string // what its mode would lack; "" when its writes don't wait
	last  bool   // no other copy would be left
}

func effectOn(s *drill.State, d *drill.DatasetState, c drill.Command) effect {
	if d.Authority == "" {
		return effect{}
	}
	if c.Verb == drill.VerbPartition {
		return effectOfCut(s, d, c)
	}
	gone := takenAway(s.Fleet, c)
	others := s.Copies(d, func(region string) bool { return !slices.Contains(gone, region) })
	e := effect{waits: lacksAny(d, c, gone, others)}
	if e.moves = slices.Contains(gone, d.Authority); e.moves {
		e.last = len(others) == 0
		e.to = Successor(s, d, others)
	}
	return e
}

// takenAway is the regions that a command on one takes away: with a kill or freeze those that
// share its cluster, a cordon empties it alone.
func takenAway(f drill.Fleet, c drill.Command) []string {
	if c.Verb == drill.VerbCordon {
		return []string{c.Region}
	}
	return f.Domain(c.Region)
}

// lacksAny is what the dataset's mode would miss after any of the regions is gone.
func lacksAny(d *drill.DatasetState, c drill.Command, gone, others []string) string {
	for _, region := range gone {
		c.Region = region
		if why := lacks(d, c, others); why != "" {
			return why
		}
	}
	return ""
}

// effectOfCut is a partition's: whether the controller still reaches the authority, and
// whether that reaches the replicas that its mode needs.
func effectOfCut(s *drill.State, d *drill.DatasetState, c drill.Command) effect {
	e := effect{moves: c.Separates(d.Authority, drill.EndControl)}
	if e.moves {
		left := s.Copies(d, func(region string) bool {
			return region != d.Authority && !apart(s, c, region, drill.EndControl)
		})
		e.waits = lacks(d, drill.Command{Verb: drill.VerbKill, Region: d.Authority}, left)
		e.to = Successor(s, d, left)
		return e
	}
	near := s.Copies(d, func(region string) bool { return region != d.Authority && !apart(s, c, region, d.Authority) })
	switch {
	case d.Spec.Mode == drill.ModeSync && !slices.Contains(near, d.Spec.With):
		e.waits = fmt.Sprintf("%s needs it for every acknowledgement", d.Spec.Durability())
	case d.Spec.Mode == drill.ModeQuorum && len(near)+1 < d.Spec.Majority():
		e.waits = quorumLacks(d, len(near)+1)
	}
	return e
}

// Successor is the region that is to lead a dataset next, of those that could: sync's partner,
// which has every acknowledged write, else the newest replica, and of equals the one
// nearest to the authority, which copies the soonest. A failover is predicted by it, and
// a cordon moves the authority by it. A replica of which nothing is known (in a dry run)
// is at position 0. "" is none.
func Successor(s *drill.State, d *drill.DatasetState, could []string) string {
	if d.Spec.Mode == drill.ModeSync && slices.Contains(could, d.Spec.With) {
		return d.Spec.With
	}
	position := func(region string) uint64 {
		if r := d.Replicas[region]; r != nil {
			return r.Position
		}
		return 0
	}
	best := ""
	for _, region := range could {
		n := cmp.Compare(position(region), position(best))
		nearer := roundTrip(s.Fleet, d.Authority, region) < roundTrip(s.Fleet, d.Authority, best)
		if best == "" || n > 0 || n == 0 && nearer {
			best = region
		}
	}
	return best
}

// roundTrip is that of the link of two regions as the fleet file gives it.
func roundTrip(f drill.Fleet, a, b string) time.Duration {
	l, _ := f.LinkBetween(a, b)
	return l.RTT
}

// lacks is what the dataset's mode would miss after the command, others being the
// replicas left: for the next write's acknowledgement, or to be certain who may
// take over. "" when it lacks nothing.
func lacks(d *drill.DatasetState, c drill.Command, others []string) string {
	needed := c.Region == d.Authority || c.Region == d.Spec.With
	switch {
	case !slices.Contains(d.Spec.Regions, c.Region):
		return ""
	case d.Spec.Mode == drill.ModeQuorum && len(others) < d.Spec.Majority():
		return quorumLacks(d, len(others))
	case d.Spec.Mode != drill.ModeSync || !needed:
		return ""
	case len(others) < 2:
		return fmt.Sprintf("sync needs two replicas, %d would be left", len(others))
	case c.Verb == drill.VerbCordon:
		return "" // moves the authority and finds another partner first
	case c.Region == d.Spec.With:
		return fmt.Sprintf("%s needs it for every acknowledgement", d.Spec.Durability())
	case !slices.Contains(others, d.Spec.With):
		return fmt.Sprintf("%s, which does not serve, and no other region is certain to have every acknowledged write", d.Spec.Durability())
	}
	return ""
}

func quorumLacks(d *drill.DatasetState, left int) string {
	return fmt.Sprintf("quorum needs %d of %d replicas, %d would be left", d.Spec.Majority(), len(d.Spec.Regions), left)
}

// detection is how long the router takes to call a region down that falls silent: half an
// interval to the next probe on average, the probes after it, and the last one's timeout.
func detection(f drill.Fleet) time.Duration {
	p := f.Routing.Probe
	return p.Every/2 + time.Duration(p.DownAfter-1)*p.Every + p.Timeout
}

// modelRTO is detection and, with fencing, the lease, whichever is over later. A person who
// decides comes on top, and where nobody writes from a region that is left, what
// the DNS TTL has left to run.
func modelRTO(f drill.Fleet) time.Duration {
	if !f.Failover.Fence {
		return detection(f)
	}
	return max(detection(f), f.Failover.Lease)
}

// replicationStall is how much longer than its way a write may be uncopied on a busy machine:
// one slice of a loaded scheduler.
const replicationStall = 100 * time.Millisecond

// mostLost is the most acknowledged writes that a dataset is predicted to lose; nil where
// there is no bound. It is what was stored nowhere else at the last sample, what may have
// been acknowledged since and is still on its way to the nearest replica, and, of an
// authority that is only cut off, what its users write until its lease is over. Writes
// arrive as a Poisson process, so four standard deviations and one are added: one
// fault in some thirty thousand exceeds that.
func mostLost(s *drill.State, d *drill.DatasetState, c drill.Command, e effect) *uint64 {
	if c.Verb == drill.VerbCordon {
		return new(uint64) // moved first, with all it has
	}
	if d.AtRisk == nil {
		return nil
	}
	loses := d.Spec.Mode == drill.ModeAsync || d.Spec.Mode == drill.ModePinned
	mean := 0.0
	if loses {
		uncopied := roundTrip(s.Fleet, d.Authority, e.to)/2 + replicationStall
		mean += WriteRate(s, d, func(string) bool { return true }) * uncopied.Seconds()
	}
	if c.Verb == drill.VerbPartition && loses {
		goesOn := s.Fleet.Failover.Lease
		if !s.Fleet.Failover.Fence {
			if s.Fleet.Failover.Decide == "operator" {
				return nil // until a person decides, and longer
			}
			goesOn = detection(s.Fleet) + s.Fleet.Routing.DNSTTL // until its users are elsewhere
		}
		reaching := func(region string) bool { return !apart(s, c, region, d.Authority) }
		mean += WriteRate(s, d, reaching) * goesOn.Seconds()
	}
	most := *d.AtRisk
	if mean > 0 {
		most += uint64(math.Ceil(mean + 4*math.Sqrt(mean) + 1))
	}
	return &most
}

// WriteRate is the writes per second that users send to a dataset by way of some regions.
func WriteRate(s *drill.State, d *drill.DatasetState, by func(region string) bool) float64 {
	rate := 0.0
	for _, p := range s.Populations {
		all := s.Fleet.DatasetsOf(p.Spec)
		if !slices.Contains(all, d.Name) {
			continue
		}
		for _, region := range s.Fleet.RegionNames() {
			if by(region) {
				rate += p.ShareServedBy(region) * p.Spec.Rate * p.Spec.Writes / float64(len(all))
			}
		}
	}
	return rate
}

// Shares is the predicted share of each population's users, and of all, where a command moves
// no authority and makes no write wait, as one that reshapes links: with these in its shape,
// and some time more on each round trip.
func Shares(s *drill.State, c drill.Command, undo drill.Verb, more time.Duration) (users map[string]float64, all float64) {
	return newExposure(Reshaped(standing(s), c, more), c, undo, nil).shares()
}

// Lines say a prediction to a person.
func Lines(s *drill.State, c drill.Command, p drill.Impact) []string {
	var lines []string
	for _, pop := range s.Populations {
		if share := p.Users[pop.Spec.Name]; share > 0.005 {
			line := fmt.Sprintf("~%s of %s's users", format.Percent(share), pop.Spec.Name)
			if c.Region != "" {
				line += fmt.Sprintf(" (%s now answers %s of them)", c.Region, format.Percent(pop.ShareServedBy(c.Region)))
			}
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		lines = append(lines, "no user is predicted to be affected")
	}
	for _, d := range s.Datasets {
		if most, moves := p.WritesAtRisk[d.Name]; moves {
			lines = append(lines, moveLine(s, c, d, most, p.RTO))
		}
		if why := p.Waits[d.Name]; why != "" {
			lines = append(lines, fmt.Sprintf("writes of %s would wait: %s", d.Name, why))
		}
	}
	if len(p.LastCopy) > 0 {
		lines = append(lines, fmt.Sprintf("this is the last copy of %s that answers", strings.Join(p.LastCopy, " and ")))
	}
	return lines
}

// moveLine says what losing or moving its authority does to a dataset.
func moveLine(s *drill.State, c drill.Command, d *drill.DatasetState, most *uint64, rto time.Duration) string {
	if c.Verb == drill.VerbCordon {
		return fmt.Sprintf("authority of %s is moved first, nothing lost", d.Name)
	}
	line := fmt.Sprintf("%s loses its authority; ", d.Name)
	if most == nil {
		line += "no bound is known for the writes it may lose"
	} else {
		line += fmt.Sprintf("at most %s lost", format.Plural(*most, "write", "writes"))
	}
	line += fmt.Sprintf(", RTO ~%s", format.Span(rto))
	if s.Fleet.Failover.Decide == "operator" {
		line += " and a person's time to decide"
	}
	if c.Verb == drill.VerbPartition && !s.Fleet.Failover.Fence {
		line += "; with fencing off it goes on beside the new one: split brain"
	}
	return line
}
