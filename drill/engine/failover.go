package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// failover is one unplanned move of an authority, stage by stage.
type failover struct {
	id      int
	from    string
	epoch   uint64 // to promote in
	cause   string
	chosen  string // by an operator: "" means the most advanced
	decided bool   // the stage decide has ended
	asked   bool   // an operator has decided
	forced  bool   // by an operator who accepts that writes may be lost
	stuck   string // why nobody can take over, as it was said last
}

func (k *keeper) stage(f *failover, stage drill.Stage, end time.Duration, to, detail string) {
	k.emit(drill.FailoverStaged{
		ID: f.id, Dataset: k.spec.Name, From: f.from, To: to, Cause: f.cause, Epoch: f.epoch,
		Stage: stage, End: end, Detail: detail,
	})
}

// lose opens a failover: the region that leads can't serve.
func (k *keeper) lose(ctx context.Context, l loss) {
	lead, _ := k.leader()
	if l.region != lead || k.open != nil || (l.judged && k.router.Up(lead)) {
		return
	}
	k.stopRenewing()
	k.dropSwitch(ctx, fmt.Errorf("%s was lost", lead), false)
	began, detail := l.at, l.why
	k.view(func(s *drill.State) {
		if f := s.FaultOn(lead); f != nil {
			began = min(f.From, l.at)
		} else if _, at, known := k.watch.replica(lead, k.spec.Name); known {
			// No fault of ours: it was lost some time after its last answer.
			began, detail = min(at, l.at), l.why+"; no fault of this drill, counted from its last answer"
		}
	})
	k.open = &failover{id: k.ids.Failover(), from: lead, epoch: k.nextEpoch(), cause: "fault"}
	k.stage(k.open, drill.StageFault, began, "", "")
	k.stage(k.open, drill.StageDetect, l.at, "", detail)
	k.away(lead)
	k.advance(ctx)
}

// advance takes an open failover as far as it goes now. What can't be done yet
// is taken up at the next tick.
func (k *keeper) advance(ctx context.Context) {
	f := k.open
	if k.policy.Decide == "operator" && !f.asked {
		return
	}
	if !f.decided {
		answers, _ := k.candidates(ctx, func(ctx context.Context, c *wire.Client) (store.Status, error) {
			return c.StoreStatus(ctx, k.spec.Name)
		})
		to, missing := k.choose(f, answers)
		if to == "" {
			k.sayStuck(f, missing)
			return
		}
		f.decided = true
		k.stage(f, drill.StageDecide, k.now(), to, fmt.Sprintf("%s, at position %d", to, answers[to].Position))
		detail := k.awaitFence(ctx, f)
		if ctx.Err() != nil {
			return
		}
		k.stage(f, drill.StageFence, k.now(), "", detail)
	}
	// Only now, with the old authority silent, are the replicas at their last
	// position. Fencing them keeps them there.
	answers := k.fenceCandidates(ctx, f.epoch)
	to, missing := k.choose(f, answers)
	if to == "" {
		k.sayStuck(f, missing)
		return
	}
	first := k.awaitFirst(f.epoch)
	held, err := k.promoteTo(ctx, to, f.epoch, k.after(f.from, to, f.forced))
	if err != nil {
		// It may hold a lease all the same, so the next try decides and fences
		// anew, in a fresh epoch.
		k.log.Warn("promote", "dataset", k.spec.Name, "region", to, "epoch", f.epoch, "error", err)
		if errors.Is(err, store.ErrSeeding) {
			k.stuck(f, to+" refuses to lead: "+err.Error(), "or wait until it is whole: until then it can't be forced either")
		}
		f.epoch = k.nextEpoch()
		f.decided = false
		return
	}
	k.stage(f, drill.StagePromote, held, to, "")
	k.open = nil
	k.errands.Go(func() { k.watchReroute(ctx, f, held, first) })
}

// candidates asks every region that may take over: those that users can reach.
// The old authority may be one of them: it is promoted only after its lease.
func (k *keeper) candidates(ctx context.Context, question func(context.Context, *wire.Client) (store.Status, error)) (map[string]store.Status, []string) {
	var regions []string
	for _, region := range k.spec.Regions {
		if k.router.Up(region) {
			regions = append(regions, region)
		}
	}
	return k.ask(ctx, regions, question)
}

// fenceCandidates fences every region that may take over and returns what they hold
// from then on. One that users can reach is waited for, longer than for a mere
// question: a replica that is passed over because its disk was slow may be the only
// one with writes that async has acknowledged.
func (k *keeper) fenceCandidates(ctx context.Context, epoch uint64) map[string]store.Status {
	var mu sync.Mutex
	var all sync.WaitGroup
	answers := map[string]store.Status{}
	for _, region := range k.spec.Regions {
		if !k.router.Up(region) {
			continue
		}
		all.Go(func() {
			asking, cancel := k.whileUp(ctx, k.patience(), region)
			defer cancel()
			s, err := k.client(region).Fence(asking, k.spec.Name, epoch)
			if err != nil {
				k.log.Info("fence a candidate", "dataset", k.spec.Name, "region", region, "epoch", epoch, "error", err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			answers[region] = s
		})
	}
	all.Wait()
	return answers
}

func (k *keeper) sayStuck(f *failover, missing string) {
	k.stuck(f, missing, "or force a promotion, which may lose acknowledged writes")
}

func (k *keeper) stuck(f *failover, missing, otherwise string) {
	if f.stuck == missing {
		return
	}
	f.stuck = missing
	k.emit(drill.TaskFailed{
		Task:     "failover of " + k.spec.Name,
		Failover: f.id,
		Error:    missing + "; writes wait",
		Next:     fmt.Sprintf("restore one of %v, %s", k.spec.Regions, otherwise),
	})
}

// awaitFence waits until the old authority can't acknowledge writes any more:
// it said so itself, or its last lease has certainly run out.
func (k *keeper) awaitFence(ctx context.Context, f *failover) string {
	if !k.policy.Fence {
		return "fencing is off: the old authority may still take writes"
	}
	// Whoever was granted a lease last: the old authority, or a candidate whose
	// promotion broke half way.
	holder, _ := k.leader()
	confirmed := make(chan bool, 1)
	asking, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, err := k.client(holder).Fence(asking, k.spec.Name, f.epoch)
		confirmed <- err == nil
	}()
	over := time.NewTimer(k.leaseOver() - k.now())
	defer over.Stop()
	for {
		select {
		case yes := <-confirmed:
			if yes {
				return holder + " confirmed that it is fenced"
			}
			confirmed = nil // wait for the lease
		case <-over.C:
			return "lease over"
		case <-ctx.Done():
			return ""
		}
	}
}

// watchReroute waits for the first write that the new authority acknowledges,
// then holds the ledger against it.
func (k *keeper) watchReroute(ctx context.Context, f *failover, held time.Duration, first <-chan ack) {
	select {
	case w := <-first:
		// The acknowledgement and the lease's answer race home; the lease was first.
		k.stage(f, drill.StageReroute, max(w.at, held), w.authority, "")
		k.audit(ctx, w.authority, occasion{why: fmt.Sprintf("failover %d", f.id), failover: f.id})
	case <-ctx.Done():
	}
}

// occasion is what a check of the ledger is made for.
type occasion struct {
	why            string
	failover, move int
}

// audit holds the ledger against a region's contents and says what came of it.
func (k *keeper) audit(ctx context.Context, region string, o occasion) {
	ctx, cancel := context.WithTimeout(ctx, auditLimit)
	defer cancel()
	checked, err := k.ledger.Check(ctx, k.spec.Name, region, o.why, o.failover,
		func(ctx context.Context, after uint64, visit func(id string, payload []byte, index, epoch uint64) error) error {
			return k.client(region).Audit(ctx, k.spec.Name, after, func(e store.Entry) error {
				return visit(e.ID, e.Payload, e.Index, e.Epoch)
			})
		})
	if err != nil {
		k.emit(drill.TaskFailed{
			Task:  fmt.Sprintf("check the ledger of %s against %s (%s)", k.spec.Name, region, o.why),
			Error: err.Error(), Next: "lost writes are unknown until a later check",
		})
		return
	}
	checked.Move = o.move
	k.emit(checked)
}

// auditLimit bounds one reading of a replica's whole contents.
const auditLimit = time.Minute
