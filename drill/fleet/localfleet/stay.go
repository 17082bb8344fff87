package localfleet

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/build"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A fleet that stays is one whose regions outlive the process that made them. Each is told
// so once it is on record, so that at no moment a process runs that nobody knows of. Who
// joins the fleet follows processes that are not its children: of their end it sees only
// that it happened.

const (
	// followEvery is how often a region's process that stays is looked at: the system
	// tells the end of a process to its parent alone.
	followEvery = 50 * time.Millisecond
	// endEvery is how often one that is being ended is looked at.
	endEvery = 2 * time.Millisecond
)

// leftToken is the secret of a fleet of that name that was made to stay, "" without one.
func leftToken(state, name string) string {
	file, err := record.Open(state, name)
	if err != nil {
		return ""
	}
	known := file.Get()
	if known.On != On || !known.Stays {
		return ""
	}
	return known.Token
}

// join takes over a fleet that stays; false where what is on record does not.
func (o *ownership) join() (joined bool, err error) {
	file, err := acquire(o.state, o.spec.Name)
	if missing(err) {
		return false, nil // removed since; the caller tries again
	}
	if err != nil {
		return false, err
	}
	known := file.Get()
	if !known.Stays {
		file.Unlock()
		return false, nil
	}
	err = o.mayJoin(known)
	self, selfErr := record.Self()
	if err = errors.Join(err, selfErr); err == nil {
		err = file.Update(func(r *record.Record) {
			if r.Fleet.Web != o.spec.Web || topology.TrustOf(r.Fleet) != topology.TrustOf(o.spec) { // a process is told at its start
				for i := range r.Processes {
					r.Processes[i].Build = ""
				}
			}
			r.Fleet, r.Owner, r.Cordoned = o.spec, self, nil
		})
	}
	if err != nil {
		file.Unlock()
		return false, err
	}
	o.Take(file, true)
	return true, nil
}

// mayJoin refuses the fleet that is on record where this one can't join it.
func (o *ownership) mayJoin(known record.Record) error {
	next := fmt.Sprintf("take it down first with \"fleetdrill down %s\"", o.spec.Name)
	was, is := known.Fleet.Standing().RegionNames(), o.spec.Standing().RegionNames()
	if !slices.Equal(slices.Sorted(slices.Values(was)), slices.Sorted(slices.Values(is))) {
		return fmt.Errorf("%w: the fleet of that name that runs has regions %v and not %v; %s", fleet.ErrExists, was, is, next)
	}
	if known.Token != o.token {
		return fmt.Errorf("%w: the fleet of that name was made anew meanwhile; try again", fleet.ErrExists)
	}
	return nil
}

// Leave implements fleet.Platform: false unless the fleet was made to stay, because its
// regions end with this process then. A region that is frozen is left so.
func (p *Platform) Leave() bool {
	p.downing <- struct{}{}
	defer func() { <-p.downing }()
	s := p.current()
	if s == nil || !p.starter.stays {
		return false
	}
	s.end()
	p.upping <- struct{}{}
	defer func() { <-p.upping }()
	p.letGo()
	return true
}

// letGo ends what follows the regions, without touching them. No Up is under way.
func (p *Platform) letGo() {
	p.mu.Lock()
	s := p.session
	p.session = nil
	p.mu.Unlock()
	if s != nil {
		s.end()
		for _, r := range p.regions {
			if c := r.current(); c != nil {
				c.letGo()
			}
			r.forget()
		}
		s.close()
	}
	p.own.Release()
}

// adopt takes the region's process from the record, where one runs that was made to stay.
// One of another build, or of which it is not known where it listens, is ended: the region
// starts anew with the data it has.
func (b starter) adopt(s *session, r *region) error {
	if !b.stays || r.current() != nil {
		return nil
	}
	known := b.own.File().Get()
	on := known.Process(r.name)
	if on == nil || !record.Alive(*on) {
		return nil
	}
	if on.Address == "" || on.Build == "" || build.Same(b.build, on.Build) != nil {
		b.out.commanded(r.name, "kill -KILL %d", on.PID)
		return record.Kill(*on)
	}
	c := adopted(*on)
	s.watches.Go(func() {
		if c.follow(*on) {
			b.died(s, r, c)
		}
	})
	r.started(c)
	return nil
}

// adopted is a child that another process of fleetdrill has started.
func adopted(p record.Process) *child {
	c := newChild(p.PID)
	c.addr, c.build = p.Address, p.Build
	close(c.announced)
	return c
}

// tellToStay lets a process that is on record outlive this one.
func tellToStay(c *child) (*child, error) {
	if _, err := io.WriteString(c.in, wire.Stay+"\n"); err != nil && c.down() == nil {
		return nil, errors.Join(fmt.Errorf("tell process %d to stay: %w", c.pid, err), c.kill())
	}
	return c, nil
}

// follow waits for the end of a process that stays, and reports it; false where the fleet
// was left before.
func (c *child) follow(identity record.Process) (ended bool) {
	every := followEvery
	look := time.NewTimer(every)
	defer look.Stop()
	for record.Alive(identity) {
		look.Reset(every)
		select {
		case <-look.C:
		case <-c.ending:
			every = endEvery
		case <-c.left:
			return false
		}
	}
	if c.cmd != nil {
		c.reap()
		return true
	}
	close(c.exited)
	return true
}

// letGo ends what follows the process, which goes on.
func (c *child) letGo() {
	close(c.left)
	if c.in != nil {
		_ = c.in.Close() // it was told to stay
	}
	if c.out != nil {
		_ = c.out.Close() // listen ends, and wants no more of it
	}
}

// endsNow marks the process as one that we are ending.
func (c *child) endsNow() {
	c.expected.Store(true)
	select {
	case c.ending <- struct{}{}:
	default:
	}
}

// ask sends a signal to the process alone. It is no error when that is gone.
func (c *child) ask(s syscall.Signal) error {
	if c.cmd != nil {
		return c.cmd.Process.Signal(s)
	}
	select {
	case <-c.exited:
		return os.ErrProcessDone
	default:
	}
	err := unix.Kill(c.pid, s)
	if errors.Is(err, unix.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}
