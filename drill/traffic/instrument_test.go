package traffic

import (
	"context"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/instrument"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
	"github.com/fleetdrill/fleetdrill/drill/traffic/zone"
)

// watched is a watch in the world's time; nobody ticks for it: whoever runs asks it.
func watched(now func() time.Duration) *instrument.Watch {
	return instrument.New(instrument.Config{Now: now, Slept: func() time.Duration { return 0 }, Settle: 1500 * ms})
}

// What was due or waited while this program stood still is nobody's failure, and nobody's latency.
func TestAStandstillHurtsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) { c.Instrument = watched(c.Now) })
		p := w.users.populations[0]
		w.users.OpenImpact(1, 0)
		before := p.draw(w.now())
		p.metrics.began(before)
		time.Sleep(15 * time.Second) // nothing runs
		p.metrics.ended(before, outcome{at: w.now(), failure: failure.Timeout})
		p.ask(t.Context(), p.draw(w.now()-14*time.Second)) // due in it
		p.ask(t.Context(), p.draw(w.now()-ms))
		w.users.shared.requests.Wait()
		s := w.sample()
		if s.LeftOut != 3 || s.Requests != 0 || s.Failed != 0 || s.AffectedNow != 0 || s.NotSent != 0 || s.Impacts[0].Asked != 0 {
			t.Errorf("%+v", s)
		}
		for range 40 { // it runs on, and what the standstill broke is mended
			time.Sleep(50 * ms)
			p.cfg.Instrument.Stood(w.now(), w.now())
		}
		p.ask(t.Context(), p.draw(w.now()))
		w.users.shared.requests.Wait()
		if s := w.sample(); s.LeftOut != 0 || s.OK != 1 || s.TotalLeftOut != 3 {
			t.Errorf("afterwards: %+v", s)
		}
	})
}

// A request that is under way when this program stands still is not overdue: nobody knows.
func TestAStandstillOverdueIsNotAffected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) { c.Instrument = watched(c.Now) })
		p := w.users.populations[0]
		p.metrics.limit = 100 * ms
		w.users.OpenImpact(1, 0)
		p.metrics.began(p.draw(w.now()))
		time.Sleep(time.Second)
		if s := w.sample(); s.AffectedNow != 0 || s.Impacts[0].Asked != 0 || s.Inflight != 1 {
			t.Errorf("%+v", s)
		}
	})
}

func TestWithoutDescriptorsNothingIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) { c.Instrument = watched(c.Now) })
		w.meet(func(asked) error { return syscall.EMFILE })
		w.run(t, func() {
			time.Sleep(4 * time.Second)
			s := w.sample()
			if s.NotSent < 150 || s.TotalNotSent[telemetry.UnsentNoDescriptor] != s.NotSent || s.Requests != 0 || s.AffectedNow != 0 || s.AskedNow != 0 {
				t.Errorf("%+v", s)
			}
			// A relay of this program's own was refused one: what its user sees looks like the region's doing.
			w.meet(func(asked) error { return syscall.ECONNRESET })
			time.Sleep(500 * ms)
			if s := w.sample(); s.Failed != 0 || s.NotSent < 20 {
				t.Errorf("within a second: %+v", s)
			}
			time.Sleep(2 * time.Second)
			w.sample()
			time.Sleep(time.Second)
			if s := w.sample(); s.Failed < 50 || s.NotSent != 0 {
				t.Errorf("later: %+v", s)
			}
		})
	})
}

// Nor is a request whose user's resolver could not ask the name server for want of a descriptor.
func TestWithoutDescriptorsNobodyResolves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(c *UsersConfig) {
			c.Instrument = watched(c.Now)
			c.Lookup = func(context.Context, string) (zone.Answer, error) {
				return zone.Answer{}, &net.OpError{Op: "dial", Err: os.NewSyscallError("socket", syscall.EMFILE)}
			}
		})
		w.run(t, func() {
			time.Sleep(4 * time.Second)
			own, err := w.users.Write(t.Context(), "americas", "orders", nil, func(string, string) {})
			if err != nil || own.Error != failure.NoDescriptor {
				t.Errorf("an own write: %+v, %v", own, err)
			}
			if s := w.sample(); s.NotSent < 150 || s.TotalNotSent[telemetry.UnsentNoDescriptor] != s.NotSent || s.Requests != 0 || s.AffectedNow != 0 {
				t.Errorf("%+v", s)
			}
		})
	})
}
