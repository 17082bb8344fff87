package impact

import (
	"math"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/impact/ground"
	"github.com/fleetdrill/fleetdrill/drill/impact/timing"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// capacity is the requests per second that a region's web tier takes at a time, with what the effect takes of it and as later
// steps of the plan scale it; false where that is unlimited.
func capacity(e *exposure, region string, at time.Duration) (perSecond float64, limited bool) {
	perSecond, limited = measure.CapacityOf(e.s, region)
	if told, is, known := governedCapacity(e, region, at); known {
		perSecond, limited = told, is
	}
	for _, s := range e.Scaled {
		if s.Region == region && at >= s.At {
			each := eachTakes(e, region, at)
			perSecond, limited = each*float64(s.Replicas), each > 0 || s.Replicas == 0
			break
		}
	}
	for _, w := range e.e.Weakens {
		if w.Region == region && at < e.Undone {
			perSecond *= w.Web
		}
	}
	return perSecond, limited
}

// turn is what a region's web tier does with the attempts that come to it at a time: the share that it sheds, and how long the
// others wait until they are served.
type turn struct {
	shed float64
	wait time.Duration
}

// line is a region's web replicas over time, a slice after another: how far ahead of now the next turn is, in seconds, behind it
// where they have served less than they could. It is what each of them keeps (drill/agent/web), of requests that flow evenly.
type line struct {
	ahead float64
	turns []turn
	// used is, by population, the retries above its budget that a request a second has cost: as many as it saved before it can send.
	used map[string]float64
}

// turnAt is what a region does with attempts at a time. Attempts come one slice after another, so that those of before decide
// how long the line is.
func (e *exposure) turnAt(region string, at time.Duration) turn {
	if region == nowhere || at >= returned(e) {
		return turn{}
	}
	if e.lines == nil {
		e.lines = map[string]*line{}
	}
	l := e.lines[region]
	if l == nil {
		l = &line{ahead: -topology.WebBurst.Seconds(), used: map[string]float64{}}
		e.lines[region] = l
	}
	for len(l.turns) <= int(at/slice) {
		l.turns = append(l.turns, advance(e, l, region, time.Duration(len(l.turns))*slice))
	}
	return l.turns[at/slice]
}

// advance moves a region's line on by a slice.
func advance(e *exposure, l *line, region string, at time.Duration) turn {
	takes, limited := capacity(e, region, at)
	if !limited || takes <= 0 || e.silent(region, at) {
		l.ahead = -topology.WebBurst.Seconds()
		return turn{}
	}
	bound := e.s.Fleet.Web.Queue.Seconds()
	move := func(attempts float64) { l.ahead += slice.Seconds() * (attempts/takes - 1) }
	move(attempts(e, l, region, at, 0))
	l.ahead = max(l.ahead, -topology.WebBurst.Seconds())
	out := turn{}
	if l.ahead > bound {
		l.ahead = bound
		out.shed = settled(e, l, region, at, takes)
	}
	out.wait = time.Duration(max(0, l.ahead) * float64(time.Second))
	return out
}

// attempts is how many a second come to a region at a time, with the retries of the share that it sheds. Once the fault is
// lifted and the router has noticed, its users go back.
func attempts(e *exposure, l *line, region string, at time.Duration, shed float64) (perSecond float64) {
	for _, k := range e.all {
		to := k.served(at)
		if at >= returned(e) {
			to = k.stays[0].to
		}
		if part := (policy.Answer{Shares: to}).Part(region); part > 0 {
			perSecond += k.pop.Spec.Rate * k.share * part * (1 + l.retried(k, shed))
		}
	}
	return perSecond
}

// settled is the share of attempts that a region sheds whose line is full: what is shed is sent again, which sheds more. It is
// followed until it stands still.
func settled(e *exposure, l *line, region string, at time.Duration, takes float64) (shed float64) {
	for range 20 {
		next := max(0, 1-takes/max(attempts(e, l, region, at, shed), takes))
		still := math.Abs(next-shed) < 1e-4
		if shed = next; still {
			break
		}
	}
	for _, p := range e.s.Populations {
		if r := p.Spec.Retries; r.Budget > 0 {
			l.used[p.Spec.Name] += slice.Seconds() * max(0, ground.Retries(r, shed)-r.Budget)
		}
	}
	return shed
}

// retried is how many retries a request of a class costs on average where a share of attempts is shed: no more than its budget,
// once that is used up which was saved.
func (l *line) retried(k class, shed float64) float64 {
	r := k.pop.Spec.Retries
	if r.Budget > 0 && l.used[k.pop.Spec.Name] >= ground.Saved(r) {
		return min(ground.Retries(r, shed), r.Budget)
	}
	return ground.Retries(r, shed)
}

// returned is about when the router sends users back to what was gone.
func returned(e *exposure) time.Duration { return e.Undone + timing.Noticed(e.s.Fleet) }

// again is what becomes in the end of a request whose attempts can be refused: its client sends it again, after waits that grow,
// and as long as its user waits. An answer that comes so late is slow. Without a budget's leave it is not sent again.
func (e *exposure) again(k class, at time.Duration, first fate) fate {
	r, out, left := k.pop.Spec.Retries, first, first.refused
	if left == 0 || r.Most == 0 {
		return first
	}
	allowed, sent, after := allowed(e, k, at, left), 0.0, time.Duration(0)
	for n := range r.Most {
		after += r.Backoff << min(n, 20) / 2 // it is drawn from none up to that
		some := min(left, max(0, allowed-sent))
		if after >= k.timeout() || some <= 0 {
			break
		}
		sent += some
		k.queued = after
		then := e.attempt(k, at+after)
		out = out.plus(fate{bad: -1, refused: -1}, some).plus(then, some)
		left = some * then.refused
	}
	return out
}

// allowed is how many retries a request of a class may cost at a time, of which a share of attempts fails.
func allowed(e *exposure, k class, at time.Duration, failing float64) float64 {
	r := k.pop.Spec.Retries
	over := ground.Retries(r, failing) - r.Budget
	if r.Budget == 0 || over <= 0 {
		return float64(r.Most)
	}
	for _, to := range k.served(at) {
		if l := e.lines[to.Region]; l != nil && l.used[k.pop.Spec.Name] > 0 {
			return l.retried(k, failing)
		}
	}
	if at.Seconds()*over > ground.Saved(r) { // it fails since the fault
		return r.Budget
	}
	return float64(r.Most)
}

// attempt is what becomes of one attempt: some meet a part of a web tier that hangs, some are shed.
func (e *exposure) attempt(k class, at time.Duration) (out fate) {
	for _, to := range k.served(at) {
		t := e.turnAt(to.Region, at)
		one := k
		one.queued += t.wait
		missing := missed(e, to.Region, at)
		f := e.to(one, at, to.Region)
		if opening := connects(e, k.pop, to.Region, at); opening > rare {
			one.queued += k.pop.Spec.RTT[to.Region]
			f = fate{}.plus(f, 1-opening).plus(e.to(one, at, to.Region), opening)
		}
		f = fate{}.plus(f, (1-missing)*(1-t.shed)).plus(refused, (1-missing)*t.shed).plus(hangs, missing)
		out = out.plus(f, to.Part)
	}
	return out
}

// overloaded reports whether a region that serves the class at a time sheds, or lets it wait.
func overloaded(e *exposure, k class, at time.Duration) bool {
	return slices.ContainsFunc(k.served(at), func(to policy.Share) bool {
		t := e.turnAt(to.Region, at)
		return t.shed > 0 || t.wait > 0
	})
}
