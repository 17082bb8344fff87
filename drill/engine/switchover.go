package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

const (
	// catchUpLimit bounds the wait for a replica to come near before writes are
	// blocked; blockLimit bounds how long they are blocked for the rest.
	catchUpLimit = 30 * time.Second
	blockLimit   = 5 * time.Second
	// nearEnough is how many entries a replica may lack when writes are blocked: a
	// batch or two, which the links carry in one round trip.
	nearEnough = 64
	// pollEvery is how often a replica is asked while a move waits for it.
	pollEvery = 5 * time.Millisecond
)

// handle carries out a promote or switchover command.
func (k *keeper) handle(ctx context.Context, c drill.Command) outcome {
	lead, epoch := k.leader()
	switch c.Verb {
	case drill.VerbReseed:
		return k.reseed(ctx, c)
	case drill.VerbForce:
		return k.force(ctx, c)
	}
	switch err := k.residency(c.To); {
	case err != nil:
		return refuse(fmt.Sprintf("choose one of %v", k.spec.Regions), err)
	case !k.holds(c.To):
		return refuse(fmt.Sprintf("choose one of %v", k.spec.Regions), fmt.Errorf("%s holds no replica of %s", c.To, k.spec.Name))
	case c.Verb == drill.VerbPromote && k.open == nil:
		return refuse("use switchover, which loses nothing", fmt.Errorf("%s is led by %s, which serves", k.spec.Name, lead))
	case c.Verb == drill.VerbPromote:
		answers, _ := k.candidates(ctx, func(ctx context.Context, c *wire.Client) (store.Status, error) {
			return c.StoreStatus(ctx, k.spec.Name)
		})
		if missing := k.uncertain(k.open.from, c.To, answers); missing != "" {
			return refuse("restore a region that has every acknowledged write, or use force, which may lose some", errors.New(missing))
		}
		k.open.asked, k.open.chosen, k.open.forced = true, c.To, false
		k.advance(ctx)
		now, e := k.leader()
		if now != c.To || e <= epoch {
			return outcome{err: fmt.Errorf("%s did not answer", c.To), next: "it is tried again; or promote another region"}
		}
		return outcome{proof: fmt.Sprintf("%s leads %s in epoch %d", c.To, k.spec.Name, e)}
	case k.switching != nil:
		return refuse("wait until it is done", fmt.Errorf("%s is being switched to %s", k.spec.Name, k.switching.to))
	case k.open != nil:
		return refuse("wait for the failover, or use promote", fmt.Errorf("%s has no authority now", k.spec.Name))
	case c.To == lead:
		return refuse("choose another region", fmt.Errorf("%s leads %s already", lead, k.spec.Name))
	case !k.router.Up(c.To):
		return refuse("restore it first", fmt.Errorf("%s is down", c.To))
	}
	moved, err := k.switchover(ctx, c.To)
	if err != nil {
		return outcome{err: err, next: "see who leads it now; try again when the replica has caught up"}
	}
	blocked := "writes blocked for " + moved.Blocked.Round(time.Millisecond).String()
	if moved.Open {
		blocked = "no write was acknowledged since"
	}
	return outcome{proof: fmt.Sprintf("%s leads %s in epoch %d, %s", moved.To, k.spec.Name, moved.Epoch, blocked)}
}

// force promotes a region that may lack acknowledged writes, because those that
// have them can't be had. The promise that it breaks is given up with it.
func (k *keeper) force(ctx context.Context, c drill.Command) outcome {
	if err := k.residency(c.To); err != nil {
		return refuse(fmt.Sprintf("choose one of %v", k.spec.Regions), err)
	}
	lead, epoch := k.leader()
	switch {
	case !k.holds(c.To):
		return refuse(fmt.Sprintf("choose one of %v", k.spec.Regions), fmt.Errorf("%s holds no replica of %s", c.To, k.spec.Name))
	case k.open == nil:
		return refuse("use switchover, which loses nothing", fmt.Errorf("%s is led by %s, which serves", k.spec.Name, lead))
	case !k.router.Up(c.To):
		return refuse("restore it first", fmt.Errorf("%s is down", c.To))
	}
	f := k.open
	before := *f
	f.asked, f.chosen, f.forced, f.stuck = true, c.To, true, ""
	k.advance(ctx)
	now, e := k.leader()
	if now != c.To || e <= epoch {
		// It was agreed to now, not to whatever may have come back by the next try.
		f.asked, f.chosen, f.forced = before.asked, before.chosen, false
		why := fmt.Errorf("%s did not take over", c.To)
		if f.stuck != "" {
			why = errors.New(f.stuck)
		}
		return outcome{err: why, next: "force it again, or another region"}
	}
	return outcome{proof: fmt.Sprintf("%s leads %s in epoch %d, by force", c.To, k.spec.Name, e)}
}

// switchover moves the authority without loss: the replica comes near, the old
// authority is fenced, the replica takes in the rest, then it is promoted.
func (k *keeper) switchover(ctx context.Context, to string) (drill.SwitchoverDone, error) {
	from, epoch := k.leader()
	done := drill.SwitchoverDone{ID: k.ids.Move(), Dataset: k.spec.Name, From: from, To: to, Epoch: k.nextEpoch()}

	coming, cancel := k.whileUp(ctx, catchUpLimit, from, to)
	defer cancel()
	if err := k.await(coming, to, func(s store.Status) bool {
		if s.Authority != from || s.Epoch != epoch {
			k.followNow(ctx, to, from, epoch) // it has just come back, and was not told yet
		}
		lead, _, known := k.watch.replica(from, k.spec.Name)
		return known && s.Authority == from && !s.Seeding && s.Entries+nearEnough >= lead.Entries
	}); err != nil {
		return done, fmt.Errorf("%s did not catch up with %s: %w", to, from, err)
	}

	k.stopRenewing()
	began := k.now()
	asking, cancel := k.whileUp(ctx, actTimeout, from)
	defer cancel()
	last, err := k.client(from).Fence(asking, k.spec.Name, done.Epoch)
	if err != nil {
		return done, k.fallBack(ctx, from, fmt.Errorf("fence %s: %w", from, because(asking, err)))
	}
	fenced := k.now()
	blocked, cancel := k.whileUp(ctx, blockLimit, from, to)
	defer cancel()
	if err := k.await(blocked, to, func(s store.Status) bool {
		return s.Position >= last.Position && s.LastIn == last.LastIn
	}); err != nil {
		return done, k.fallBack(ctx, from, fmt.Errorf("%s did not get the last writes of %s: %w", to, from, err))
	}
	caughtUp := k.now()
	first := k.awaitFirst(done.Epoch)
	held, err := k.promoteTo(ctx, to, done.Epoch, k.after(from, to, false))
	if err != nil {
		return done, k.fallBack(ctx, from, fmt.Errorf("promote %s: %w", to, err))
	}
	done.Fence, done.CatchUp, done.Promote = fenced-began, caughtUp-fenced, held-caughtUp
	writing, cancel := k.whileUp(ctx, blockLimit, to)
	defer cancel()
	select {
	case w := <-first:
		done.Blocked = max(w.at, held) - began
	case <-writing.Done(): // perhaps nobody writes, or all writes wait for a region
		done.Blocked, done.Open = k.now()-began, true
	}
	k.emit(done)
	k.errands.Go(func() { k.audit(ctx, to, occasion{why: fmt.Sprintf("switchover %d", done.ID), move: done.ID}) })
	return done, nil
}

// await asks a replica until what is hoped of it holds, or ctx is over.
func (k *keeper) await(ctx context.Context, region string, hold func(store.Status) bool) error {
	began := k.now()
	var last store.Status
	var asked error
	for {
		asking, done := context.WithTimeout(ctx, askTimeout)
		s, err := k.client(region).StoreStatus(asking, k.spec.Name)
		done()
		if err == nil {
			if last = s; hold(s) {
				return nil
			}
		}
		if ctx.Err() == nil {
			asked = err // else the question was cut short
		}
		select {
		case <-ctx.Done():
			waited := (k.now() - began).Round(time.Millisecond)
			switch {
			case ctx.Err() == context.Canceled:
				return context.Cause(ctx)
			case asked != nil:
				return fmt.Errorf("no answer within %s: %w", waited, asked)
			}
			return fmt.Errorf("still at position %d after %s", last.Position, waited)
		case <-time.After(pollEvery):
		}
	}
}

// fallBack gives the old authority its role back, in a fresh epoch, after a
// move that could not be finished. Where the other one has been promoted it may hold a
// lease whose answer was lost: a failover fences it first.
func (k *keeper) fallBack(ctx context.Context, from string, why error) error {
	lead, _ := k.leader()
	err := fmt.Errorf("%s may lead already", lead)
	if lead == from {
		err = fmt.Errorf("%s is down", from)
		if k.router.Up(from) {
			_, err = k.promoteTo(ctx, from, k.nextEpoch(), k.promise())
		}
	}
	if err == nil {
		return why
	}
	lead, _ = k.leader() // promoted just now, and perhaps without a lease
	k.report(ctx, loss{region: lead, at: k.now(), why: "a move broke half way: " + err.Error()})
	return fmt.Errorf("%w; %s was not promoted again: %w; a failover follows", why, from, err)
}
