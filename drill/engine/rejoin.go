package engine

import (
	"context"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// absence is a replica that was away, until it is current again.
type absence struct {
	since     time.Duration
	following bool // RejoinStarted was said
	began     time.Duration
	// deaf says that it answered all along and heard nothing from the authority: it
	// rejoins once it does.
	deaf bool
	// What it had copied when it went away: a replica whose process lived on (frozen,
	// cut off) still counts from before.
	copied int64
	last   store.Status // as a follower, since it is back
	cuts   cuts
}

// absent is an absence from now on. What was cut in one before it that did not end is
// told at the end of this one.
func (k *keeper) absent(region string) *absence {
	a := &absence{since: k.now()}
	if s, _, known := k.watch.replica(region, k.spec.Name); known {
		a.copied = s.Copied
	}
	if before := k.gone[region]; before != nil {
		a.cuts = before.cuts
	}
	return a
}

// away notes that a region's replica is lost for now.
func (k *keeper) away(region string) {
	if k.holds(region) {
		k.gone[region] = k.absent(region)
	}
}

// reconcile sees to it that every replica follows the authority, and says when
// one that was away is back and when it is current.
func (k *keeper) reconcile(ctx context.Context) {
	lead, epoch := k.leader()
	k.noteAbsent(lead)
	for _, region := range k.spec.Regions {
		s, at, known := k.watch.replica(region, k.spec.Name)
		if known {
			k.noteCut(ctx, region, s)
		}
		if region == lead {
			k.rejoined(region)
			continue
		}
		if !known || k.now()-at > fresh {
			continue
		}
		// A store that has restarted was away, however short that was.
		if run := k.runs[region]; run != "" && run != s.Clock.Run && k.gone[region] == nil {
			k.gone[region] = k.absent(region)
			k.gone[region].since, k.gone[region].copied = 0, 0 // this answer is of the new run
		}
		k.runs[region] = s.Clock.Run
		gone := k.gone[region]
		if gone != nil && at <= gone.since {
			continue // that answer is from before it went away
		}
		if s.Authority != lead || s.Epoch != epoch {
			if gone != nil {
				gone.copied = 0 // it counts from here
			}
			k.followNow(ctx, region, lead, epoch)
			continue
		}
		if gone != nil {
			k.rejoining(region, lead, gone, s, at)
		}
	}
}

// noteAbsent marks the replicas that have fallen silent while their region is
// broken, cordoned or down. The silence counts, not the router's word alone: a
// region that has come back stays down for the router until several probes
// succeeded, and its replica is not away again for that.
func (k *keeper) noteAbsent(lead string) {
	k.view(func(s *drill.State) {
		for _, region := range k.spec.Regions {
			r := s.Region(region)
			gone := k.gone[region]
			if r == nil || region == lead || gone != nil && !gone.following {
				continue
			}
			status, at, known := k.watch.replica(region, k.spec.Name)
			if known && k.now()-at <= fresh {
				if gone == nil && k.deaf(region, status, at) {
					k.gone[region] = k.absent(region)
					k.gone[region].deaf = true
				}
				continue
			}
			if r.Fault != nil || r.Cordoned || (r.Up != nil && !*r.Up) {
				k.gone[region] = k.absent(region)
			}
		}
	})
}

// deafAfter is how long a follower may hear nothing from an authority that answers:
// longer than a stream takes to be noticed as broken and begun again over a far link.
const deafAfter = 10 * time.Second

// deaf says, of a follower's answer, that it has been left behind though both regions
// answer: the link between them is silent. The authority's own last answer counts, since
// one that is lost is heard by nobody, and that is no follower's fault.
func (k *keeper) deaf(region string, s store.Status, at time.Duration) bool {
	lead, epoch := k.leader()
	_, answered, known := k.watch.replica(lead, k.spec.Name)
	if !known || s.Authority != lead || s.Epoch != epoch || s.Seeding {
		delete(k.heard, region)
		return false
	}
	last, heard := k.heard[region]
	if !heard {
		last = at // it has begun to follow
	}
	if s.AuthorityPosition != nil {
		last = at - s.Heard
	}
	k.heard[region] = last
	return answered-last > deafAfter
}

// rejoining looks at an answer, which came at the given time, of a replica that was away.
func (k *keeper) rejoining(region, lead string, gone *absence, s store.Status, at time.Duration) {
	if gone.deaf && (s.AuthorityPosition == nil || at-s.Heard <= gone.since) {
		return
	}
	if !gone.following {
		gone.following, gone.began = true, k.now()
		started := drill.RejoinStarted{Dataset: k.spec.Name, Region: region, Authority: lead}
		if l, at, known := k.watch.replica(lead, k.spec.Name); known && k.now()-at < fresh {
			owed := max(0, l.Bytes-s.Bytes) + gone.bytes(s)
			started.OwedBytes = &owed
		}
		k.emit(started)
	}
	gone.last = s
	// What it heard before it went away says nothing of what it missed: a replica whose
	// process lived on still tells of that.
	if s.Seeding || s.AuthorityPosition == nil || s.Position < *s.AuthorityPosition || at-s.Heard <= gone.since {
		return
	}
	k.current(region, gone, s)
}

// rejoined ends the absence of a region that leads by now: it was current enough
// for that, though nobody may have looked before it moved.
func (k *keeper) rejoined(region string) {
	gone := k.gone[region]
	if gone == nil {
		return
	}
	if !gone.following && gone.cuts.exported == "" {
		delete(k.gone, region)
		return
	}
	k.current(region, gone, gone.last)
}

// gathered says whether every replica that is not held away leads or hears whom it
// follows: one that has just come back, or just led, may not have been told yet.
func (k *keeper) gathered(held map[string]bool) bool {
	lead, epoch := k.leader()
	for _, region := range k.spec.Regions {
		if held[region] {
			continue
		}
		s, at, known := k.watch.replica(region, k.spec.Name)
		if !known || k.now()-at > fresh || s.Seeding {
			return false
		}
		if region != lead && (s.Authority != lead || s.Epoch != epoch || s.AuthorityPosition == nil) {
			return false
		}
	}
	return true
}

// bytes is what the replica has copied since it went away. Its count begins anew
// whenever it follows anew.
func (a *absence) bytes(s store.Status) int64 {
	if s.Copied < a.copied {
		return s.Copied
	}
	return s.Copied - a.copied
}
