package runner

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/controller"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/splitbrain"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/readiness"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
)

// act does a step that takes no time, or begins one. With now, done is its result.
func (c *Controller) act(ctx context.Context, step exchange.Step) (now bool, done exchange.Done) {
	switch step.Kind {
	case exchange.StepEmit:
		c.cfg.Bus.Emit(step.Body)
	case exchange.StepAnswer, exchange.StepFlushed:
		c.answer(step.Command, step.Outcome)
	case exchange.StepPlace:
		c.cfg.Topology.Place(step.Dataset, step.Authority, step.Epoch)
	case exchange.StepNumber:
		number := c.cfg.IDs.Failover
		if step.Occasion.Move != 0 {
			number = c.cfg.IDs.Move
		}
		return true, exchange.Done{Step: step, Number: number()}
	case exchange.StepPreflight:
		return true, exchange.Done{Step: step, Targets: c.preflight()}
	case exchange.StepTails:
		return true, exchange.Done{Step: step, Tails: c.tails(step.Terms)}
	default:
		c.begin(ctx, step)
	}
	return false, exchange.Done{}
}

func (c *Controller) answer(number uint64, o exchange.Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if answer := c.answers[number]; answer != nil {
		answer <- o
		delete(c.answers, number)
	}
}

// begin does a step in a goroutine of its own. One without a number has no result.
func (c *Controller) begin(ctx context.Context, step exchange.Step) {
	if step.Kind == exchange.StepFetch {
		ctx = context.WithoutCancel(ctx)
	}
	ctx, end := context.WithCancelCause(ctx)
	if step.ID != 0 {
		c.running[step.ID] = running{step: step, end: end}
	}
	c.steps.Go(func() {
		defer end(nil)
		limited, cancel := ctx, context.CancelFunc(func() {})
		if step.Limit > 0 {
			limited, cancel = context.WithTimeout(ctx, step.Limit)
		}
		defer cancel()
		done := c.perform(limited, step)
		done.Step = step
		if done.Err != nil && ctx.Err() != nil { // else it had its time, or was answered
			done.Err = context.Cause(ctx)
		}
		if step.ID != 0 {
			c.inbox.put(done)
		}
	})
}

// wentDown ends what a region was asked, and what depends on it. A fetch is left to its
// limit: the region may come back.
func (c *Controller) wentDown(region string) {
	for _, r := range c.running {
		if r.step.Kind != exchange.StepFetch && (r.step.Region == region || r.step.Beside == region) {
			r.end(fmt.Errorf("%s is down", region))
		}
	}
}

// perform asks a region for what the step says.
func (c *Controller) perform(ctx context.Context, step exchange.Step) (done exchange.Done) {
	name, region := c.cfg.Dataset.Name, step.Region
	if step.Kind == exchange.StepPush {
		if region == "" {
			c.cfg.Topology.PushAll(ctx)
			return done
		}
		done.Err = c.cfg.Topology.PushFor(ctx, region, name)
		return done
	}
	client := c.cfg.Client(region)
	switch step.Kind {
	case exchange.StepStatus:
		done.Status, done.Err = client.StoreStatus(ctx, name)
	case exchange.StepFence:
		done.Status, done.Err = client.Fence(ctx, name, step.Epoch)
	case exchange.StepPromote:
		done.Status, done.Err = client.Promote(ctx, name, step.Epoch)
	case exchange.StepGrant:
		done.Status, done.Err = client.Grant(ctx, name, step.Epoch, step.Clock, step.Lease)
	case exchange.StepFollow:
		done.Status, done.Err = client.Follow(ctx, name, step.Authority, step.Epoch)
	case exchange.StepPreload:
		done.Status, done.Err = client.Preload(ctx, name, c.cfg.Dataset.Weight, step.Lead)
	case exchange.StepShip:
		done.Status, done.Err = client.Copy(ctx, name, wire.StoreSnapshot)
	case exchange.StepReseed:
		done.Status, done.Err = client.Copy(ctx, name, wire.StoreReseed)
	case exchange.StepAudit:
		done.Checked, done.Err = c.audit(ctx, region, step.Occasion)
	case exchange.StepFetch:
		done.Path, done.Err = c.fetch(ctx, region)
	default:
		done.Err = fmt.Errorf("no step %q", step.Kind)
	}
	if done.Err != nil {
		c.cfg.Log.Info(string(step.Kind), "dataset", name, "region", region, "epoch", step.Epoch, "error", done.Err)
	}
	return done
}

// audit holds the ledger against a region's contents.
func (c *Controller) audit(ctx context.Context, region string, o exchange.Occasion) (drill.LedgerChecked, error) {
	name := c.cfg.Dataset.Name
	return c.cfg.Ledger.Check(ctx, name, region, o.Why, o.Failover,
		func(ctx context.Context, after uint64, visit func(id string, payload []byte, index, epoch uint64) error) error {
			return c.cfg.Client(region).Audit(ctx, name, after, func(e store.Entry) error {
				return visit(e.ID, e.Payload, e.Index, e.Epoch)
			})
		})
}

// Audit holds the ledger against the authority, for whatever occasion, and emits what came
// of it. Without an authority there is nothing to check.
func (c *Controller) Audit(ctx context.Context, o exchange.Occasion) {
	region, _ := c.Leader()
	if region == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, controller.AuditLimit)
	defer cancel()
	step := exchange.Step{Kind: exchange.StepAudit, Region: region, Occasion: o}
	done := exchange.Done{Step: step}
	done.Checked, done.Err = c.audit(ctx, region, o)
	c.cfg.Bus.Emit(controller.Audited(c.cfg.Dataset.Name, done))
}

// fetch copies what a region's replica cut last to the operator's disk.
func (c *Controller) fetch(ctx context.Context, region string) (path string, err error) {
	x, err := diverged.Create(filepath.Join(c.cfg.Exports, region, c.cfg.Dataset.Name))
	if err != nil {
		return "", err
	}
	if err := c.cfg.Client(region).Diverged(ctx, c.cfg.Dataset.Name, x.Put); err != nil {
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

// preflight is how ready each region is to lead the dataset, as the state has it now.
func (c *Controller) preflight() (targets []preflight.Target) {
	c.cfg.Bus.View(func(s *drill.State) {
		if d := s.Dataset(c.cfg.Dataset.Name); d != nil {
			targets = readiness.Of(s, d)
		}
	})
	return targets
}

// tails is what the ledger has of each pair of terms.
func (c *Controller) tails(terms []splitbrain.Term) (out []splitbrain.Tail) {
	read := func(term, since splitbrain.Term) (list []splitbrain.Write) {
		for _, w := range c.cfg.Ledger.Acknowledged(c.cfg.Dataset.Name, term.Epoch, since.First) {
			list = append(list, splitbrain.Write{ID: w.ID, Sent: w.Sent, Ended: w.Ended})
		}
		return list
	}
	for i := 1; i < len(terms); i++ {
		t := splitbrain.Tail{Old: read(terms[i-1], terms[i])}
		if len(t.Old) > 0 {
			t.New = read(terms[i], terms[i])
		}
		out = append(out, t)
	}
	return out
}
