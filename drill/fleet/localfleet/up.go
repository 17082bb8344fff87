package localfleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// The stages of a region's bring-up, and about how long each takes: to start is 0.1 s
// of processor time a region (measured), so three regions on two cores; to wait is the
// first probe, unless the machine is busy.
const (
	stageStart, expectStart = "start process", 150 * time.Millisecond
	stageWait, expectWait   = "wait for gateway", 20 * time.Millisecond
	stageStop               = "stop process"
)

// Up implements fleet.Platform. What another process left of a fleet of that name is
// removed first, its data too; if that process is alive the error names it. A fleet that
// was made to stay is joined instead, and its cordons are lifted. Called again, it starts the regions that are down and not cordoned.
func (p *Platform) Up(ctx context.Context) error {
	if err := p.up(ctx); err != nil {
		if p.own.Failed() {
			return fmt.Errorf("bring up %s: %w (it was there before and is %w; take it down with \"fleetdrill down %s\")", p.cfg.Fleet.Name, err, fleet.ErrLeft, p.cfg.Fleet.Name)
		}
		return fmt.Errorf("bring up %s: %w", p.cfg.Fleet.Name, err)
	}
	return nil
}

func (p *Platform) up(ctx context.Context) error {
	select {
	case p.upping <- struct{}{}:
		defer func() { <-p.upping }()
	default:
		return errors.New("it is being started already")
	}
	s := p.begin()
	ctx, cancel := s.bound(ctx)
	defer cancel()
	if ctx.Err() != nil {
		return s.reason(ctx)
	}
	if err := p.own.open(); err != nil {
		return err
	}
	group, together := errgroup.WithContext(ctx)
	for _, r := range p.regions {
		group.Go(func() error {
			if err := p.upRegion(together, s, r); err != nil {
				return fmt.Errorf("region %s: %w", r.name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// begin is the session, begun if there is none.
func (p *Platform) begin() *session {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.session != nil {
		return p.session
	}
	s := newSession()
	p.session = s
	p.own.Begin()
	watch := watcher{probe: p.probe, report: p.cfg.Report}
	for _, r := range p.regions {
		s.watches.Go(func() { watch.follow(s.ctx, r) })
	}
	return s
}

// upRegion starts the region, or wakes it, unless it is cordoned.
func (p *Platform) upRegion(ctx context.Context, s *session, r *region) error {
	if err := r.await(ctx); err != nil {
		return s.reason(ctx)
	}
	defer r.release()
	if r.isCordoned() {
		return nil
	}
	stage := drill.StageEntered{Region: r.name, Stage: stageStart, Of: 2, Status: drill.StageRunning, Expected: expectStart}
	p.cfg.Report(stage)
	err := p.starter.adopt(s, r)
	if err == nil {
		err = p.starter.revive(ctx, s, r)
	}
	if err == nil {
		c := r.current()
		stage.Status, stage.Detail = drill.StageDone, fmt.Sprintf("process %d", c.pid)
		p.cfg.Report(stage)
		stage = drill.StageEntered{Region: r.name, Stage: stageWait, Index: 1, Of: 2, Status: drill.StageRunning, Detail: c.address(), Expected: expectWait}
		p.cfg.Report(stage)
		err = p.starter.serving(ctx, r)
	}
	stage.Status = drill.StageDone
	if err != nil {
		stage.Status, stage.Detail = drill.StageFailed, err.Error()
	}
	p.cfg.Report(stage)
	return err
}
