package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// region looks at one region's state.
func (e *Engine) region(name string, look func(*drill.RegionState)) {
	e.view(func(s *drill.State) {
		if r := s.Region(name); r != nil {
			look(r)
		}
	})
}

// fault is the fault that holds on a region, and whether it is cordoned.
func (e *Engine) fault(region string) (holds *drill.Fault, cordoned bool) {
	e.region(region, func(r *drill.RegionState) { holds, cordoned = r.Fault, r.Cordoned })
	return holds, cordoned
}

// refuseBroken refuses a fault on a region that can't take one.
func (e *Engine) refuseBroken(region string) (outcome, bool) {
	holds, cordoned := e.fault(region)
	switch {
	case holds != nil:
		return refuse("restore it first", fmt.Errorf("%s is broken already (%s)", region, holds.Fault)), true
	case cordoned:
		return refuse("uncordon it first", fmt.Errorf("%s is cordoned: nothing runs there", region)), true
	}
	return outcome{}, false
}

func (e *Engine) predict(id int, c drill.Command) {
	var p drill.Impact
	e.view(func(s *drill.State) { p, _ = action.Predict(s, c) })
	e.emit(drill.ImpactPredicted{ID: id, Impact: p})
}

// kill takes a region away. Its links go silent first: a killed process on this
// machine would send a FIN, a region without power does not, and detection would
// look quicker than it is.
func (e *Engine) kill(ctx context.Context, id int, c drill.Command) outcome {
	if out, broken := e.refuseBroken(c.Region); broken {
		return out
	}
	e.predict(id, c)
	from := e.now()
	e.net.cut(c.Region, true)
	proof, err := e.fleet.Do(ctx, c.Region, fleet.OpKill)
	if err != nil {
		if !errors.Is(err, fleet.ErrDown) {
			e.net.cut(c.Region, false)
		}
		return faultFailed(err)
	}
	return e.proved(id, drill.FaultKill, c.Region, from, proof)
}

func (e *Engine) freeze(ctx context.Context, id int, c drill.Command) outcome {
	if out, broken := e.refuseBroken(c.Region); broken {
		return out
	}
	e.predict(id, c)
	from := e.now()
	proof, err := e.fleet.Do(ctx, c.Region, fleet.OpFreeze)
	if err != nil {
		return faultFailed(err)
	}
	return e.proved(id, drill.FaultFreeze, c.Region, from, proof)
}

func faultFailed(err error) outcome {
	if errors.Is(err, fleet.ErrDown) {
		return refuse("restore it first", err)
	}
	return outcome{err: err, next: "look at the region with `fleetdrill status`; no fault is counted"}
}

func (e *Engine) proved(command int, kind drill.FaultKind, region string, from time.Duration, proof fleet.Proof) outcome {
	id := e.orders.fault()
	e.users.OpenImpact(command, from)
	e.mend.disturb(id, command, region, from)
	e.emit(drill.FaultProved{ID: id, Fault: kind, Region: region, From: from, Proof: proof.Text})
	return outcome{proof: proof.Text}
}

// restore brings a region back from a kill or freeze, or starts one that died
// by itself. Its links heal once its gateway has answered: what was held on
// them is then reset or delivered, as a returning host would.
func (e *Engine) restore(ctx context.Context, region string) outcome {
	holds, cordoned := e.fault(region)
	if cordoned {
		return refuse("uncordon it", fmt.Errorf("%s is cordoned", region))
	}
	if holds == nil && e.router.Up(region) {
		return refuse("", fmt.Errorf("%s is up", region))
	}
	proof, err := e.fleet.Do(ctx, region, fleet.OpRestore)
	if err != nil {
		return outcome{err: err, next: "try restore again, or `fleetdrill status` for what is left of it"}
	}
	e.net.cut(region, false)
	if holds != nil {
		e.emit(drill.FaultLifted{ID: holds.ID, Region: region, Proof: proof.Text})
	}
	return outcome{proof: proof.Text}
}

// cordon empties a region without hurting anybody: its datasets move away by
// switchover, the router sends users elsewhere, and once they have gone the
// region is made unschedulable and its workload evicted.
func (e *Engine) cordon(ctx context.Context, id int, c drill.Command) outcome {
	if out, broken := e.refuseBroken(c.Region); broken {
		return out
	}
	e.predict(id, c)
	for _, k := range e.keepers {
		if lead, _ := k.leader(); lead != c.Region {
			continue
		}
		to := e.bestReplica(k, c.Region)
		if to == "" {
			return refuse("restore another region first", fmt.Errorf("no other region could lead %s", k.spec.Name))
		}
		move := drill.Command{Verb: drill.VerbSwitchover, Dataset: k.spec.Name, To: to, By: c.By}
		if !e.obey(ctx, move) {
			return outcome{err: fmt.Errorf("%s could not be moved away, so %s is not cordoned", k.spec.Name, c.Region), next: "see the switchover's error"}
		}
	}
	e.partnersElsewhere(ctx, c)
	e.router.SetDraining(c.Region, true)
	if err := e.awaitDrained(ctx, c.Region); err != nil {
		e.router.SetDraining(c.Region, false)
		return outcome{err: err, next: "its users stay; try again"}
	}
	proof, err := e.fleet.Do(ctx, c.Region, fleet.OpCordon)
	if err != nil {
		e.router.SetDraining(c.Region, false)
		return outcome{err: err, next: "uncordon " + c.Region + " and look at `fleetdrill status`"}
	}
	e.emit(drill.RegionCordoned{Region: c.Region, On: true, Proof: proof.Text})
	return outcome{proof: proof.Text}
}

// partnersElsewhere gives each dataset whose sync partner is to be cordoned another
// one, where there is one. Where there is none, its writes will wait, as was
// predicted: whether they are worth less is not for a cordon to decide.
func (e *Engine) partnersElsewhere(ctx context.Context, c drill.Command) {
	for _, k := range e.keepers {
		lead, _ := k.leader()
		if p := k.promise(); p.Mode != drill.ModeSync || p.With != c.Region {
			continue
		}
		if to := e.bestReplica(k, c.Region, lead); to != "" {
			e.obey(ctx, drill.Command{Verb: drill.VerbMode, Dataset: k.spec.Name, Mode: drill.ModeSync, With: to, By: c.By})
		}
	}
}

// bestReplica is the healthy region, other than some, with the newest replica.
func (e *Engine) bestReplica(k *keeper, not ...string) string {
	best, position := "", uint64(0)
	for _, region := range k.spec.Regions {
		if slices.Contains(not, region) || !e.router.Up(region) {
			continue
		}
		if _, cordoned := e.fault(region); cordoned {
			continue
		}
		if s, _, known := e.watch.replica(region, k.spec.Name); known && !s.Seeding && k.residency(region) == nil && (best == "" || s.Position > position) {
			best, position = region, s.Position
		}
	}
	return best
}

// drainQuiet is how long no user's byte may pass before a region counts as
// drained, and drainLimit how long that is waited for beyond the DNS TTL.
const (
	drainQuiet = 500 * time.Millisecond
	drainLimit = 10 * time.Second
)

// awaitDrained waits for the users' cached answers to expire and their last
// requests to end: until no byte passes between users and the region.
func (e *Engine) awaitDrained(ctx context.Context, region string) error {
	patience := e.cfg.Spec.Routing.DNSTTL + drainLimit
	limit := e.now() + patience
	bytes, since := e.net.userBytes(region, e.cfg.Spec.Users), e.now()
	tick := time.NewTicker(drainQuiet / 10)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return errStopped
		case <-tick.C:
		}
		if b := e.net.userBytes(region, e.cfg.Spec.Users); b != bytes {
			bytes, since = b, e.now()
		}
		// Cached answers may be idle for a while and still be used.
		if e.now()-since >= drainQuiet+e.cfg.Spec.Routing.DNSTTL {
			return nil
		}
		if e.now() > limit {
			return fmt.Errorf("users still reach %s %s after it was drained", region, patience)
		}
	}
}

func (e *Engine) uncordon(ctx context.Context, region string) outcome {
	if _, cordoned := e.fault(region); !cordoned {
		return refuse("", fmt.Errorf("%s is not cordoned", region))
	}
	proof, err := e.fleet.Do(ctx, region, fleet.OpUncordon)
	if err != nil {
		return outcome{err: err, next: "try uncordon again, or look at `fleetdrill status`"}
	}
	e.router.SetDraining(region, false)
	e.emit(drill.RegionCordoned{Region: region, On: false, Proof: proof.Text})
	return outcome{proof: proof.Text}
}
