package engine

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
)

// absence is a replica that was away, until it is current again.
type absence struct {
	since     time.Duration
	following bool // RejoinStarted was said
	began     time.Duration
	// What was known when it went away: a replica whose process lived on (frozen,
	// cut off) still tells of cuts and copies from before.
	cut    store.Cut
	copied int64
	last   store.Status // as a follower, since it is back
}

// absent is an absence from now on.
func (k *keeper) absent(region string) *absence {
	a := &absence{since: k.now()}
	if s, _, known := k.watch.replica(region, k.spec.Name); known {
		a.copied = s.Copied
		if s.Cut != nil {
			a.cut = *s.Cut
		}
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
		if region == lead {
			k.rejoined(region)
			continue
		}
		s, at, known := k.watch.replica(region, k.spec.Name)
		if !known || k.now()-at > fresh {
			continue
		}
		// A store that has restarted was away, however short that was.
		if run := k.runs[region]; run != "" && run != s.Clock.Run && k.gone[region] == nil {
			k.gone[region] = &absence{}
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
			_, at, known := k.watch.replica(region, k.spec.Name)
			if known && k.now()-at <= fresh {
				continue
			}
			if r.Fault != nil || r.Cordoned || (r.Up != nil && !*r.Up) {
				k.gone[region] = k.absent(region)
			}
		}
	})
}

// rejoining looks at an answer, which came at the given time, of a replica that was away.
func (k *keeper) rejoining(region, lead string, gone *absence, s store.Status, at time.Duration) {
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

// current says that a replica which was away has everything again.
func (k *keeper) current(region string, gone *absence, s store.Status) {
	done := drill.RejoinDone{Dataset: k.spec.Name, Region: region, Bytes: gone.bytes(s), Took: k.now() - gone.began}
	if s.Cut != nil && *s.Cut != gone.cut {
		done.Diverged, done.Exported = s.Cut.Entries, s.Cut.Exported
	}
	delete(k.gone, region)
	if done.Diverged == 0 || k.exports == "" {
		k.emit(done)
		return
	}
	// The region's own file goes with the fleet, what it holds must not.
	k.errands.Go(func() {
		path, err := k.bringHome(region)
		if err != nil {
			k.emit(drill.TaskFailed{Task: fmt.Sprintf("bring the diverged writes of %s out of %s", k.spec.Name, region), Error: err.Error(),
				Next: fmt.Sprintf("copy %s out of the region before the fleet goes down", done.Exported)})
		} else {
			done.Exported = path
		}
		k.emit(done)
	})
}

// exportLimit bounds the copying of one diverged tail out of its region.
const exportLimit = 30 * time.Second

// bringHome copies what a region's replica cut last to the operator's disk.
func (k *keeper) bringHome(region string) (path string, err error) {
	// Not the drill's context: its end is when the file is wanted most.
	ctx, cancel := context.WithTimeout(context.Background(), exportLimit)
	defer cancel()
	x, err := diverged.Create(filepath.Join(k.exports, region, k.spec.Name))
	if err != nil {
		return "", err
	}
	if err := k.client(region).Diverged(ctx, k.spec.Name, x.Put); err != nil {
		return "", errors.Join(err, x.Drop())
	}
	cut, err := x.Keep()
	switch {
	case err != nil:
		return "", err
	case cut == nil:
		return "", errors.New("the region's export is empty")
	}
	return cut.Exported, nil
}

// rejoined ends the absence of a region that leads by now: it was current enough
// for that, though nobody may have looked before it moved.
func (k *keeper) rejoined(region string) {
	gone := k.gone[region]
	if gone == nil {
		return
	}
	if !gone.following {
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
