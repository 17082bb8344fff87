package impact

import (
	"cmp"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// class is users who are alike: of one population, and whose resolver's answers expire at the same times.
type class struct {
	pop   *drill.PopulationState
	share float64 // of the population
	stays []stay  // one after the other
	// queued is how long a request waits before its region works on it.
	queued time.Duration
	// kept is for how long its resolver keeps an answer.
	kept time.Duration
}

// stay is where such users' requests go from a time on: to one region, or each by chance to one of several. They come there
// one after the other over a time, as their resolvers' answers expire: any moment of it is as likely as another.
type stay struct {
	from, over time.Duration
	to         []policy.Share
}

// served is where such users' requests go at a time.
func (k class) served(at time.Duration) []policy.Share {
	last := k.stays[0].to
	for _, s := range k.stays[1:] {
		switch {
		case s.from > at:
			return last
		case at < s.from+s.over:
			last = policy.Mixed(last, s.to, float64(at-s.from)/float64(s.over))
		default:
			last = s.to
		}
	}
	return last
}

// settled is when the last of such users is where they stay.
func (k class) settled() time.Duration {
	last := k.stays[len(k.stays)-1]
	return last.from + last.over
}

// first is the region that such a user's requests go to at first, of several that most go to.
func (k class) first() string { return policy.Answer{Shares: k.stays[0].to}.Main() }

// only is all requests to one region.
func only(region string) []policy.Share { return []policy.Share{{Region: region, Part: 1}} }

// timeout is how long such a user waits for an answer.
func (k class) timeout() time.Duration {
	return cmp.Or(k.pop.Spec.Timeout, topology.DefaultRequestTimeout)
}

// classes is all users by what becomes of them.
func (e *exposure) classes() []class {
	var all []class
	for _, p := range e.s.Populations {
		now, then := served(e.s.Fleet, p), e.routed(p.Spec).Shares
		if e.shifts != nil {
			all = append(all, shifted(e, p, now)...)
			continue
		}
		gone, from := leave(e, now)
		move := func(k class, before []policy.Share) {
			for _, one := range redrawing(e.s.Fleet, k, before, then, from) {
				all = append(all, back(e, one, before, one.kept))
			}
		}
		if gone != nil && len(then) == 0 {
			all = append(all, waiting(e, p, now, gone)...)
			continue
		}
		if gone != nil && e.s.Fleet.AnswerTTL(p.Spec) == 0 {
			all = append(all, back(e, class{pop: p, share: 1, stays: []stay{{to: now}, {from: from, to: then}}}, now, 0))
			continue
		}
		for _, s := range now {
			k := class{pop: p, share: s.Part, stays: []stay{{to: only(s.Region)}}}
			switch {
			case gone != nil && len(p.Shares) > 0: // others come to what is gone, too, until it is noticed
				move(k, answered(e.s.Fleet, p))
			case gone[s.Region]:
				move(k, only(s.Region))
			default:
				all = append(all, k)
			}
		}
	}
	return all
}

// shifted is a population whose router goes by other weights.
func shifted(e *exposure, p *drill.PopulationState, now []policy.Share) (all []class) {
	then, from := e.shifts.Sends(e.s, p.Spec).Shares, e.shifts.From
	if e.s.Fleet.AnswerTTL(p.Spec) == 0 {
		return []class{{pop: p, share: 1, stays: []stay{{to: now}, {from: from, to: then}}}}
	}
	for _, s := range now {
		k := class{pop: p, share: s.Part, stays: []stay{{to: only(s.Region)}}}
		all = append(all, redrawing(e.s.Fleet, k, answered(e.s.Fleet, p), then, from)...)
	}
	return all
}

// back is such users who were sent elsewhere, with their way back: once the router has called up what was gone, each resolver learns of
// it when its answer expires for the next time. Where data has moved meanwhile nobody waits for that (elsewhereForGood).
func back(e *exposure, k class, before []policy.Share, ttl time.Duration) class {
	last, from := k.stays[len(k.stays)-1], returned(e)
	if e.forGood || last.from >= from {
		return k
	}
	if ttl > 0 {
		from = last.from + (from-last.from+ttl-1)/ttl*ttl
	}
	k.stays = append(slices.Clone(k.stays), stay{from: from, over: last.over, to: before})
	return k
}

// served is where a population's requests go, as they were answered last.
func served(f topology.Fleet, p *drill.PopulationState) (now []policy.Share) {
	for _, region := range f.RegionNames() {
		if part := measure.ShareServedBy(p, region); part > 0 {
			now = append(now, policy.Share{Region: region, Part: part})
		}
	}
	return now
}

// answered is what the router answers the population with, where that is several regions.
func answered(f topology.Fleet, p *drill.PopulationState) (of []policy.Share) {
	for _, region := range f.RegionNames() {
		if part := p.Shares[region]; part > 0 {
			of = append(of, policy.Share{Region: region, Part: part})
		}
	}
	return of
}

// waiting is a population of which no region is left: once the router knows, it has none to answer with, so that its users
// are refused at once, until the region is back or a failover has scaled another one, and the failure that their resolver
// keeps has run out.
func waiting(e *exposure, p *drill.PopulationState, now []policy.Share, gone map[string]bool) (all []class) {
	back := returned(e)
	others, from := opened(e, p.Spec)
	if len(others) > 0 {
		back = min(back, from)
	}
	kept := topology.DefaultFailureTTL
	if e.s.Fleet.Entry(p.Spec) == topology.EntryLB {
		kept = 0
	}
	for _, s := range now {
		k := class{pop: p, share: s.Part, stays: []stay{{to: only(s.Region)}}}
		if !gone[s.Region] || back <= e.detected {
			all = append(all, k)
			continue
		}
		for i, one := range redrawing(e.s.Fleet, k, nil, only(nowhere), e.detected) {
			again := back + time.Duration((float64(i%topology.DefaultResolvers)+0.5)/topology.DefaultResolvers*float64(kept))
			if one.settled() < again { // else it is back before anybody asks anew
				to := only(s.Region)
				if back == from {
					to = others
				}
				one.stays = append(one.stays, stay{from: again, to: to})
			} else {
				one.stays = k.stays
			}
			all = append(all, one)
		}
	}
	return all
}

// nowhere is where requests go that the router has no region for.
const nowhere = ""

// leave is which of the regions that serve a population are gone, and when the router answers it anew. It is nil where none is.
func leave(e *exposure, now []policy.Share) (gone map[string]bool, from time.Duration) {
	for _, s := range now {
		emptied := slices.Contains(e.e.Empties, s.Region)
		if !emptied && (!e.unreachable(s.Region) || e.unled) { // without the hub nobody notices
			continue
		}
		if gone == nil {
			gone = map[string]bool{}
		}
		if gone[s.Region] = true; emptied {
			from = e.handedOver()
		} else {
			from = e.detected
		}
	}
	return gone, from
}

// redrawing is a class by its resolvers: their answers expire one after the other over the TTL, those of the resolvers that
// ignore it over a longer one, each somewhere within its part of it; who keeps none asks anew at once. What expires last before
// the router answers anew is drawn of the answer of before.
func redrawing(f topology.Fleet, k class, before, after []policy.Share, from time.Duration) []class {
	const resolvers = topology.DefaultResolvers
	var all []class
	over := func(share float64, ttl time.Duration) {
		idle := unasked(share/k.share*k.pop.Spec.Rate/resolvers, ttl)
		k.kept = ttl
		one := k
		one.share, share = share*idle, share*(1-idle)
		all = append(all, drawn([]class{one}, from, 0, after)...)
		each := ttl / resolvers
		for i := range resolvers {
			one := k
			one.share = share / resolvers
			expires := from + time.Duration(i)*each
			if len(before) > 1 && expires > ttl {
				all = append(all, drawn(drawn([]class{one}, expires-ttl, each, before), expires, each, after)...)
			} else {
				all = append(all, drawn([]class{one}, expires, each, after)...)
			}
		}
	}
	over(k.share*(1-k.pop.Spec.IgnoreTTL), f.AnswerTTL(k.pop.Spec))
	if k.pop.Spec.IgnoreTTL > 0 {
		over(k.share*k.pop.Spec.IgnoreTTL, f.IgnoredTTL())
	}
	return all
}

// unasked is how likely it is that a resolver has no answer that it keeps: one has expired, and nobody has asked since. Its users
// ask so many times a second, as a Poisson process, so that it is so between two answers for one part in that many seconds.
func unasked(rate float64, ttl time.Duration) float64 {
	if ttl <= 0 || rate <= 0 {
		return 0
	}
	return 1 / (1 + rate*ttl.Seconds())
}

// drawn is classes by what their resolvers draw from a time on, one after the other over so long.
func drawn(classes []class, at, over time.Duration, of []policy.Share) (all []class) {
	for _, k := range classes {
		for _, s := range of {
			one := k
			one.share *= s.Part
			one.stays = append(slices.Clone(k.stays), stay{from: at, over: over, to: only(s.Region)})
			all = append(all, one)
		}
	}
	return all
}

// refusals say who would be refused for their law, and is not now.
func refusals(e *exposure) (lines []string) {
	for _, p := range e.s.Populations {
		if e.routed(p.Spec).Err == policy.ErrJurisdiction && p.Refused == "" {
			lines = append(lines, p.Spec.Name+" would be refused, not moved: "+policy.Refusal(p.Spec)+" then")
		}
	}
	return lines
}

// routed is where the router sends a population then, by the fleet's policy: to regions that it reaches.
func (e *exposure) routed(p topology.Population) policy.Answer {
	return policy.Of(e.s.Fleet, p, func(region string) bool {
		r := e.s.Region(region)
		return r != nil && r.Health.Serves() && !e.unreachable(region) && !slices.Contains(e.e.Empties, region)
	})
}
