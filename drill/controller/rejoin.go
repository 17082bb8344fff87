package controller

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// outage is a replica that was away, until it is current again.
type outage struct {
	since     time.Duration
	following bool // its rejoin was begun, and an event said so
	began     time.Duration
	// stalled says that it answered all along and heard nothing from the authority: it
	// rejoins once it does.
	stalled bool
	// What it had copied when it went away: a replica whose process lived on (frozen,
	// cut off) still counts from before.
	copied int64
	last   store.Status // as a follower, since it is back
	tails  tails
}

// copiedSince is what the replica has copied since it went away. Its count begins anew
// whenever it follows anew.
func (a *outage) copiedSince(s store.Status) int64 {
	if s.Copied < a.copied {
		return s.Copied
	}
	return s.Copied - a.copied
}

// goAway begins an outage, whose replica may be changed in place. What was cut in one
// before it that did not end is told at the end of this one.
func goAway(d *decision, r *replica) {
	a := &outage{since: d.now}
	if r.known {
		a.copied = r.status.Copied
	}
	if r.outage != nil {
		a.tails = r.outage.tails
	}
	r.outage = a
}

// change is an outage that may be changed.
func (r *replica) change() *outage {
	r.outage = cloned(r.outage)
	return r.outage
}

// reconcile sees to it that every replica follows the authority, and learns when
// one that was away is back and when it is current.
func reconcile(d *decision) {
	markAbsent(d)
	for i := range d.m.replicas {
		r := &d.m.replicas[i]
		if r.known {
			takeCut(d, r)
		}
		switch {
		case r.region == d.m.lead:
			leads(d, r)
		case r.known && d.now-r.heardAt <= FreshFor:
			returns(d, r)
		}
	}
}

// returns looks at the last answer of a region that does not lead.
func returns(d *decision, r *replica) {
	s := r.status
	// A store that has restarted was away, however short that was.
	if r.run != "" && r.run != s.Clock.Run && r.outage == nil {
		goAway(d, r)
		r.outage.since, r.outage.copied = 0, 0 // this answer is of the new run
	}
	r.run = s.Clock.Run
	if r.outage != nil && r.heardAt <= r.outage.since {
		return // that answer is from before it went away
	}
	if s.Authority != d.m.lead || s.Epoch != d.m.epoch {
		if r.outage != nil {
			r.change().copied = 0 // it counts from here
		}
		if r.asked == 0 {
			follow(d, r.region)
		}
		return
	}
	if r.outage != nil {
		rejoin(d, r)
	}
}

// markAbsent marks the replicas that have fallen silent while their region is
// broken, cordoned or down. The silence counts, not the router's word alone: a
// region that has come back stays down for the router until several probes
// succeeded, and its replica is not away again for that.
func markAbsent(d *decision) {
	for i := range d.m.replicas {
		r := &d.m.replicas[i]
		if r.region == d.m.lead || r.outage != nil && !r.outage.following {
			continue
		}
		if r.known && d.now-r.heardAt <= FreshFor {
			if r.outage == nil && (stalled(d, r) || r.stalls) {
				goAway(d, r)
				r.outage.stalled = true
			}
			continue
		}
		if r.condition.Broken || r.condition.Cordoned || r.judged.Region != "" && !r.up {
			goAway(d, r)
		}
	}
}

// stalledAfter is how long a follower may hear nothing from an authority that answers:
// longer than a stream of the log engine takes to be noticed as broken and begun again.
const stalledAfter = 10 * time.Second

// stalled says, of a follower's answer, that it has been left behind though both regions
// answer: the link between them is silent. The authority's own last answer counts, since
// one that is lost is heard by nobody, and that is no follower's fault.
func stalled(d *decision, r *replica) bool {
	lead, s := d.m.of(d.m.lead), r.status
	if lead == nil || !lead.known || s.Authority != d.m.lead || s.Epoch != d.m.epoch || !s.Whole() {
		r.follows = false
		return false
	}
	if !r.follows {
		r.follows, r.authorityAt = true, r.heardAt // it has begun to follow
	}
	if s.AuthorityPosition != nil {
		r.authorityAt = r.heardAt - s.Heard
	}
	return lead.heardAt-r.authorityAt > stalledAfter
}

// rejoin looks at an answer of a replica that was away.
func rejoin(d *decision, r *replica) {
	s, a := r.status, r.change()
	if r.stalls || s.Stalled > 0 {
		return // it answers, and takes nothing in
	}
	if a.stalled && (s.AuthorityPosition == nil || r.heardAt-s.Heard <= a.since) {
		return
	}
	if !a.following {
		a.following, a.began = true, d.now
		started := drill.RejoinStarted{Dataset: d.name(), Region: r.region, Authority: d.m.lead}
		if l := d.m.of(d.m.lead); l != nil && l.fresh(d.now) {
			owed := max(0, l.status.Bytes-s.Bytes) + a.copiedSince(s)
			started.OwedBytes = &owed
		}
		d.emit(started)
	}
	a.last = s
	// What it heard before it went away says nothing of what it missed: a replica whose
	// process lived on still tells of that.
	if !s.Current() || r.heardAt-s.Heard <= a.since {
		return
	}
	current(d, r, s)
}

// leads ends the outage of a region that leads by now: it was current enough
// for that, though nobody may have looked before it moved.
func leads(d *decision, r *replica) {
	switch a := r.outage; {
	case a == nil:
	case !a.following && a.tails.exported == "":
		r.outage = nil
	default:
		if !a.following { // nobody saw it begin
			r.change().began = a.since
		}
		current(d, r, a.last)
	}
}
