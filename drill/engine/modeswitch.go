package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// modeLimit bounds the time until a new promise holds: as long as a replica may
// take to come near in a switchover.
const modeLimit = catchUpLimit

// modeSwitch is a change of a dataset's promise that is not in force yet.
//
// It goes in two steps, so that no write is acknowledged under a promise that
// nobody promotes by. First the authority is told the new mode beside the old
// one: writes keep both. Once everything that was there then is kept by the new
// one as well, the controller promotes by it, and only then is the authority let
// off the old one.
type modeSwitch struct {
	to       drill.Durability
	by       string
	began    time.Duration
	position uint64 // what must be kept before the new promise holds
	reply    chan<- outcome
}

// setMode begins a switch; the answer comes on reply, now or when it is done.
func (k *keeper) setMode(ctx context.Context, c drill.Command, reply chan<- outcome) {
	to := drill.Durability{Mode: c.Mode, With: c.With}
	if out := k.refuseMode(to); out.err != nil {
		reply <- out
		return
	}
	k.mu.Lock()
	k.switching = &modeSwitch{to: to, by: c.By, began: k.now(), reply: reply}
	s, lead := k.switching, k.lead
	k.mu.Unlock()
	if err := k.tell(ctx, lead); err != nil {
		k.dropSwitch(ctx, fmt.Errorf("tell %s: %w", lead, err), k.router.Up(lead))
		return
	}
	asking, cancel := k.whileUp(ctx, actTimeout, lead)
	status, err := k.client(lead).StoreStatus(asking, k.spec.Name)
	err = because(asking, err)
	cancel()
	if err != nil {
		k.dropSwitch(ctx, fmt.Errorf("ask %s for its position: %w", lead, err), k.router.Up(lead))
		return
	}
	s.position = status.Position
	k.advanceSwitch(ctx)
}

func (k *keeper) refuseMode(to drill.Durability) outcome {
	lead, _ := k.leader()
	rule := k.promise()
	up := 0
	for _, region := range k.spec.Regions {
		if k.router.Up(region) {
			up++
		}
	}
	switch {
	case k.open != nil:
		return refuse("wait for the failover", fmt.Errorf("%s has no authority now", k.spec.Name))
	case k.switching != nil:
		return refuse("wait until it is done", fmt.Errorf("%s is being switched to %s", k.spec.Name, k.switching.to))
	case k.spec.Mode == drill.ModePinned || to.Mode == drill.ModePinned:
		return refuse("say so in the fleet file", fmt.Errorf("residency is not switched while a drill runs: it decides where data may be"))
	case to == rule.Durability:
		return refuse("", fmt.Errorf("%s is %s already", k.spec.Name, to))
	case to.Mode == drill.ModeSync && (!k.holds(to.With) || to.With == lead):
		return refuse("name another region that holds a replica", fmt.Errorf("sync needs a partner beside the authority %s, not %q", lead, to.With))
	case to.Mode == drill.ModeSync && !k.router.Up(to.With):
		return refuse("restore it first", fmt.Errorf("%s is down: every write would wait for it", to.With))
	case to.Mode == drill.ModeQuorum && len(k.spec.Regions) < 3:
		return refuse("use sync", fmt.Errorf("%s has %d replicas: a majority would be all of them", k.spec.Name, len(k.spec.Regions)))
	case to.Mode == drill.ModeQuorum && up < k.spec.Majority():
		return refuse("restore one first", fmt.Errorf("%d of %d regions are up: every write would wait", up, len(k.spec.Regions)))
	}
	return outcome{}
}

// tell gives the regions the configuration of now, and returns once the named one has it.
func (k *keeper) tell(ctx context.Context, region string) error {
	lead, epoch := k.leader()
	k.watch.place(wire.Placement{Dataset: k.config(), Authority: lead, Epoch: epoch})
	asking, cancel := k.whileUp(ctx, k.patience(), region)
	defer cancel()
	return because(asking, k.watch.pushFor(asking, region, k.spec.Name))
}

// advanceSwitch takes a switch as far as it goes now.
func (k *keeper) advanceSwitch(ctx context.Context) {
	s := k.switching
	lead, epoch := k.leader()
	asking, cancel := context.WithTimeout(ctx, askTimeout)
	status, err := k.client(lead).StoreStatus(asking, k.spec.Name)
	cancel()
	switch {
	case err == nil && status.Role == drill.RoleAuthority && status.Epoch == epoch && status.Mode == s.to.Mode && status.DurableIndex >= s.position:
	case k.now()-s.began > modeLimit:
		k.dropSwitch(ctx, fmt.Errorf("%s was not kept for what was there within %s (at %d of %d)", s.to, modeLimit, status.DurableIndex, s.position), k.router.Up(lead))
		return
	default:
		return
	}
	was := k.promise()
	k.mu.Lock()
	k.rule, k.switching = promise{Durability: s.to, settled: true}, nil
	k.mu.Unlock()
	// Should it not be told now, the next question finds that it holds an old topology.
	if err := k.tell(ctx, lead); err != nil {
		k.log.Info("mode", "dataset", k.spec.Name, "region", lead, "error", err)
	}
	took := k.now() - s.began
	k.emit(drill.ModeChanged{Dataset: k.spec.Name, Was: was.Durability, Now: s.to, By: s.by, Took: took})
	s.reply <- outcome{proof: fmt.Sprintf("%s keeps %s up to position %d, %s", lead, s.to, status.DurableIndex, took.Round(time.Millisecond))}
}

// dropSwitch goes back to the promise of before, which was kept all along. An
// authority that is reachable is told.
func (k *keeper) dropSwitch(ctx context.Context, why error, reachable bool) {
	k.mu.Lock()
	s := k.switching
	k.switching = nil
	lead := k.lead
	k.mu.Unlock()
	if s == nil {
		return
	}
	if reachable {
		if err := k.tell(ctx, lead); err != nil {
			k.log.Info("mode", "dataset", k.spec.Name, "region", lead, "error", err)
		}
	}
	s.reply <- outcome{err: fmt.Errorf("%s stays %s: %w", k.spec.Name, k.promise(), why), next: "see that its regions are current, then try again"}
}
