package impact

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/impact/ahead"
	"github.com/fleetdrill/fleetdrill/drill/impact/ground"
	"github.com/fleetdrill/fleetdrill/drill/impact/pool"
	"github.com/fleetdrill/fleetdrill/drill/impact/recovery"
	"github.com/fleetdrill/fleetdrill/drill/impact/shift"
	"github.com/fleetdrill/fleetdrill/drill/impact/timing"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// exposure predicts who is affected the way package measure counts it: the share of users who
// have a request that fails or is too slow, among those who ask between the fault and the
// recovery from it. It follows the expected fate of requests over time, a slice after
// another: who is served by a region that is gone, until the router has noticed and the
// resolvers' answers have expired, and who writes to what has no authority that they
// reach. Requests arrive as a Poisson process, so of N users who send R requests a
// second together, one asks within T with the probability 1-exp(-R·T/N).
type exposure struct {
	s        *drill.State // with the effect in it
	e        runbook.Effect
	outcomes map[string]outcome
	ground   ground.Ground

	detected time.Duration // the router calls a region down
	promoted time.Duration // a lost authority's successor takes writes
	leaseEnd time.Duration // a cut-off authority stops
	// unled says that the hub is gone, unledBefore that it was without the effect.
	unled, unledBefore bool
	forGood            bool // users may be served from farther away for good
	all                []class
	lines              map[string]*line // of the regions' web tiers, as far as they are followed
	phases             int              // of the windows in which users recover
	setups             map[string][]setup
	queues             map[[2]string]*queues    // at narrow links
	lanes              map[[2]string]*pool.Lane // kept connections, by who opens them and to where
	flows              []map[[2]string]float64  // requests a second by population and region, a slice after another
	counted            time.Duration            // of what is no fault: how long users are counted; 0 is by the effect
	shifts             *shift.Shift             // the router goes by other weights; nil where not
	ahead.Steps                                 // Undone: what does not heal by itself is put right
}

const (
	// slice is the step in which the fate of requests is followed.
	slice = recovery.Slice
	// never is later than any prediction looks.
	never = time.Hour
	// mostMoved bounds for how long users are followed who move once their answer expires: longer than a drill waits for
	// anybody (ahead.AfterWait). A TTL of a day has millions of slices, and a dialog predicts with every frame.
	mostMoved = 2 * time.Minute
	// window is the traffic that is judged at once whether users have recovered.
	window = recovery.Window
)

func newExposure(before, s *drill.State, c runbook.Command, effect runbook.Effect, outcomes map[string]outcome) *exposure {
	e := &exposure{s: s, e: effect, outcomes: outcomes, detected: timing.Detected(s.Fleet, effect), promoted: timing.Succession(s.Fleet, effect), leaseEnd: never, Steps: ahead.Of(s, c, effect.Undo)}
	e.ground = ground.Of(before, s)
	if e.phases = recovery.AnyPhase; ahead.StepOf(s, c) >= 0 {
		e.phases = 1
	}
	e.unled, e.unledBefore = unled(s), unled(before)
	e.setups = setupsOf(s)
	e.forGood = elsewhereForGood(e)
	scaleWithFailovers(e)
	if s.Fleet.Failover.Fence {
		e.leaseEnd = timing.LeaseEnds(s.Fleet.Failover.Lease)
	}
	return e
}

// takes is when a lost authority's successor takes writes: a person may have to say so first, which the plan may do before
// it lifts the fault.
func (e *exposure) takes(dataset string) time.Duration {
	if !e.s.Fleet.Failover.ByOperator() {
		return e.promoted
	}
	if at, says := e.Moved[dataset]; says {
		return max(e.promoted, at)
	}
	return max(e.promoted, e.Undone)
}

// blocks reports whether a dataset's writes still wait at a time for replicas that its mode needs.
func (e *exposure) blocks(dataset string, x outcome, at time.Duration) bool {
	freed, frees := e.Freed[dataset]
	return x.waits != "" && (at < e.Undone || x.open) && !(frees && at >= freed)
}

// dead reports whether a region answers nobody, whatever stopped it.
func (e *exposure) dead(region string) bool {
	return e.ground.Gone[region] || slices.Contains(e.e.Stops, region)
}

// storeless reports whether a region's replicas answer nobody, with the region or by themselves.
func storeless(e *exposure, region string) bool {
	return e.dead(region) || e.ground.Storeless[region] || e.e.StopsStore(region)
}

// webless reports whether a region has no web tier at a time while the rest of it goes on: its gateway refuses what comes.
// One that it lacked before is not put right with this effect.
func webless(e *exposure, region string, at time.Duration) bool {
	if up, scales := scaledFrom(e, region); scales && at >= up && !e.e.StopsWeb(region) {
		return false
	}
	return !e.dead(region) && (e.ground.Webless[region] || e.e.StopsWeb(region) && at < e.Undone)
}

// missed is the share of a region's requests that go to a part of its web tier that is gone, before its gateway's health
// checks have found out. Of a process that ends the system tells the gateway; a node that stands still or is gone tells nobody.
func missed(e *exposure, region string, at time.Duration) float64 {
	share := 0.0
	for _, w := range e.e.Weakens {
		if w.Region == region && w.Web > 0 && (e.e.Still || ofNodes(e.s.Region(region))) && at < min(topology.PartNoticed, e.Undone) {
			share = max(share, 1-w.Web)
		}
	}
	return share
}

// ofNodes reports whether a region's zones are machines, and not processes of this one.
func ofNodes(r *drill.RegionState) bool {
	return r != nil && r.Seen != nil && slices.ContainsFunc(r.Seen.Zones, func(z telemetry.Zone) bool { return z.Node != "" })
}

// silent reports whether it answers nobody at a time: what was stopped before is not put right
// with this.
func (e *exposure) silent(region string, at time.Duration) bool {
	return e.ground.Gone[region] || e.dead(region) && at < e.Undone
}

// unreachable reports whether the router's probes of a region fail.
func (e *exposure) unreachable(region string) bool {
	return e.dead(region) || webless(e, region, 0) || e.apart(region, topology.EndControl)
}

func (e *exposure) apart(a, b string) bool { return e.ground.Apart[[2]string{a, b}] }

// handedOver is how long a planned move leaves a dataset without an authority: fenced, until the other has the copy that is still on its
// way and is promoted. A write that comes then is refused; one that waits for its first copy afterwards is late (follows). Where a
// hub is far, the steps of its controller have to get there: whether it was fenced comes back, the other is asked whether it is near, and told over
// a connection of its own to lead.
func (e *exposure) handedOver() time.Duration {
	longest := time.Duration(0)
	for _, d := range e.s.Datasets {
		if x := e.outcomes[d.Name]; x.planned && x.to != "" {
			from, to := time.Duration(0), time.Duration(0)
			if hub := e.s.Fleet.Hub; hub != nil {
				from, to = hub.RTT[d.Authority], hub.RTT[x.to]
			}
			steps := from/2 + max(to, e.ground.RoundTrip(d.Authority, x.to)/2) + (1+handshakes(e.s.Fleet))*to
			longest = max(longest, ground.HandOver(d)+steps+ground.Shipping(e.s, d, x.to))
		}
	}
	return longest
}

// gaveUp is how long after it was sent a request fails that hangs: its user gives up, or what comes back resets its connection.
func gaveUp(e *exposure, k class, at time.Duration) time.Duration {
	if left := e.Undone - at; left > 0 {
		return min(k.timeout(), left)
	}
	return k.timeout()
}

// fate is what becomes of a request, as the share of such requests: those that affect their
// user (they fail, or are answered later than the population's threshold), and of them
// those that hang until the user gives up, those that wait until their region does,
// those that are refused at once, and those that a region answers late which stood still and goes on. Of the others that are
// bad, which are answered too late, took is the time until they are, in seconds, times their share.
type fate struct{ bad, hangs, waits, refused, stalls, took float64 }

var (
	hangs   = fate{bad: 1, hangs: 1}
	waits   = fate{bad: 1, waits: 1}
	refused = fate{bad: 1, refused: 1}
)

// tooSlow is an answer that comes after so long, which is too late.
func tooSlow(took time.Duration) fate { return fate{bad: 1, took: took.Seconds()} }

// slowed is the share of those that are answered, and only late.
func (f fate) slowed() float64 { return max(0, f.bad-f.hangs-f.waits-f.refused-f.stalls) }

// answeredAfter is how long those take on average.
func (f fate) answeredAfter() time.Duration {
	if f.slowed() == 0 {
		return 0
	}
	return time.Duration(f.took / f.slowed() * float64(time.Second))
}

func (f fate) plus(more fate, share float64) fate {
	return fate{f.bad + share*more.bad, f.hangs + share*more.hangs, f.waits + share*more.waits, f.refused + share*more.refused, f.stalls + share*more.stalls, f.took + share*more.took}
}

// request is what becomes of a request that a class sends to a region at a time: a read, or a write to a dataset ("" in a fleet that has none).
func (e *exposure) request(k class, at time.Duration, region, dataset string, write bool) fate {
	if region == nowhere {
		return refused
	}
	switch left := e.Undone - at; {
	case e.silent(region, at) && !e.ground.Gone[region] && e.e.Still && left < k.timeout():
		out := e.answered(k, region, ground.Path{RTT: left}, 0) // it goes on where it stopped
		out.stalls, out.took = out.slowed(), 0
		return out
	case e.silent(region, at):
		return hangs
	case webless(e, region, at), refusesUsers(e, region, at, write):
		return refused
	}
	d := e.s.Dataset(dataset)
	switch {
	case d == nil:
		return e.answered(k, region, ground.Path{}, 0)
	case e.outside(region, d):
		return refused
	}
	x := e.outcomes[dataset]
	// Of a backup nobody but its leader can be read: while that is lost, or once another leads, reads fare as writes do.
	followed := d.Spec.Mode != topology.ModeBackup || x.planned && at < e.handedOver()
	if nearest := k.pop.Spec.Reads != topology.ReadsAuthority && followed; !write && nearest {
		return e.read(k, at, region, d)
	}
	switch {
	case unrenewed(e, at) && !e.silent(d.Authority, at):
		return refused
	case write && e.blocks(dataset, x, at):
		return waits
	case x.planned && at < e.handedOver():
		return refused
	case x.planned:
		return foundBy(e, k, at, e.handedOver(), region, cmp.Or(x.to, d.Authority), d, write)
	}
	return ofLeader(e, k, at, region, d, write)
}

// ofLeader is what becomes of a request that whoever leads a dataset is to answer, which is not moved on purpose.
func ofLeader(e *exposure, k class, at time.Duration, region string, d *drill.DatasetState, write bool) fate {
	x, promoted := e.outcomes[d.Name], e.takes(d.Name)
	reaches := region == d.Authority || !e.apart(region, d.Authority)
	stands, lost := !storeless(e, d.Authority) && reaches, x.moves || x.open
	if reaches && at < e.Undone && (at < promoted || !lost) {
		if answer, is := storeAlone(e, k, at, region, d, write); is {
			return answer
		}
	}
	switch {
	case !lost && (e.silent(d.Authority, at) || storeless(e, d.Authority) && at < e.Undone):
		return waits // it stands still, and is back before anybody has noticed
	case !lost && (reaches || at >= e.Undone):
		return e.written(k, at, region, d.Authority, d, write)
	case !lost:
		return waits
	case stands && at < e.leaseEnd && (region == d.Authority || at < promoted):
		// A cut-off authority goes on until its lease is over, with what it can acknowledge
		// alone. Where it needs a copy from the other side of the cut, the write is stored and
		// waits for it in vain: sync and quorum lose nothing for that, and their users fail
		// from the first moment, those beside the authority too.
		if write && !e.acknowledges(d) {
			return waits
		}
		return e.written(k, at, region, d.Authority, d, write)
	case at < promoted && !stands:
		return waits
	case x.to == "" && at >= e.Undone && !e.ground.Gone[d.Authority]:
		return e.written(k, at, region, d.Authority, d, write) // nobody else could lead it, and it is back
	case at < promoted || x.to == "":
		return refused
	case region != x.to && distrusts(e, region, x.to, d):
		return refused
	case (region != x.to && e.apart(region, x.to) || e.apart(region, topology.EndControl)) && at < e.Undone:
		return refused // it does not learn of the new one, or can't reach it
	}
	return foundBy(e, k, at, promoted, region, x.to, d, write)
}

// to is what becomes of the requests of a class that are sent to a region at a time.
func (e *exposure) to(k class, t time.Duration, region string) (out fate) {
	sets := e.s.Fleet.DatasetsOf(k.pop.Spec)
	if len(sets) == 0 {
		sets = []string{""}
	}
	for _, name := range sets {
		share := 1 / float64(len(sets))
		if w := k.pop.Spec.Writes; w > 0 && name != "" {
			out = out.plus(e.request(k, t, region, name, true), share*w)
			share *= 1 - w
		}
		out = out.plus(e.request(k, t, region, name, false), share)
	}
	return out
}

// shares is the predicted share of each population's users, and of all: of those who are expected to ask over the times at which they may
// have recovered, those who are expected to be affected. Where users are counted for longer, more ask, which counts for as much more.
func (e *exposure) shares() (users map[string]float64, all float64) {
	users = map[string]float64{}
	e.all = e.classes()
	ends, steps := e.follow(e.all)
	exposed := make([]time.Duration, len(e.all))
	asked, affected := map[string]float64{}, map[string]float64{}
	last := time.Duration(0)
	for _, end := range ends {
		for i, k := range e.all {
			for t := last; t < end.At; t += slice {
				exposed[i] += time.Duration(steps[i][t/slice].bad * float64(slice))
			}
			rate := k.pop.Spec.Rate / math.Max(1, float64(k.pop.Spec.Count))
			n := k.share * float64(k.pop.Spec.Count) * end.Chance
			asked[k.pop.Spec.Name] += n * (1 - math.Exp(-rate*end.At.Seconds()))
			affected[k.pop.Spec.Name] += n * (1 - math.Exp(-rate*exposed[i].Seconds()))
		}
		last = end.At
	}
	sumAsked, sumAffected := 0.0, 0.0
	for _, p := range e.s.Populations {
		name := p.Spec.Name
		users[name] = 0
		if asked[name] > 0 {
			users[name] = affected[name] / asked[name]
		}
		sumAsked, sumAffected = sumAsked+asked[name], sumAffected+affected[name]
	}
	if sumAsked == 0 {
		return users, 0
	}
	return users, sumAffected / sumAsked
}
