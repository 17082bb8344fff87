package localfleet

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Down implements fleet.Platform. It ends an Up and commands that are under way, then
// the regions' processes with SIGKILL, then what the record knows besides. After an
// Up that was refused it does nothing: what is there then is not this process's to
// remove. It needs some seconds at the worst and is not cut short by the context: regions
// that stay are worse than a person who waits.
func (p *Platform) Down(context.Context) error {
	if err := p.down(); err != nil {
		return fmt.Errorf("take down %s: %w", p.cfg.Fleet.Name, err)
	}
	return nil
}

func (p *Platform) down() error {
	p.downing <- struct{}{}
	defer func() { <-p.downing }()
	s := p.current()
	if s != nil {
		s.end()
	}
	p.upping <- struct{}{}
	defer func() { <-p.upping }()
	if p.own.LeftAlone() {
		p.letGo()
		return nil
	}
	if err := p.endRegions(); err != nil {
		return err
	}
	p.mu.Lock()
	if p.session != nil {
		p.session.close()
		p.session = nil
	}
	p.mu.Unlock()
	return p.own.remove()
}

// endRegions ends every process that this process started.
func (p *Platform) endRegions() error {
	var group errgroup.Group
	for _, r := range p.regions {
		group.Go(func() error {
			r.turn <- struct{}{}
			defer func() { <-r.turn }()
			c := r.current()
			if c == nil {
				return nil
			}
			if err := p.endRegion(r, c); err != nil {
				return fmt.Errorf("region %s: %w", r.name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

func (p *Platform) endRegion(r *region, c *child) error {
	stage := drill.StageEntered{Region: r.name, Stage: stageStop, Of: 1, Status: drill.StageRunning}
	p.cfg.Report(stage)
	if c.down() == nil {
		p.out.commanded(r.name, "kill -KILL %d", c.pid)
	}
	if err := c.kill(); err != nil {
		stage.Status, stage.Detail = drill.StageFailed, err.Error()
		p.cfg.Report(stage)
		return err
	}
	r.forget()
	stage.Status, stage.Detail = drill.StageDone, fmt.Sprintf("process %d %s", c.pid, c.end())
	p.cfg.Report(stage)
	return nil
}
