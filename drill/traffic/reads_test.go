package traffic

import (
	"net/http"
	"path"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// read is what americas' reads find in a minute of a replica that is a lag behind, and of an authority that is away.
func read(t *testing.T, change func(*topology.Population), lag, away time.Duration) (out telemetry.Reads) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var w *world
		w = newWorld(t, func(c *UsersConfig) {
			change(&c.Fleet.Users[0])
			regions := c.Transport
			c.Transport = func(population, region string) http.RoundTripper {
				next := regions(population, region)
				return roundTrip(func(r *http.Request) (*http.Response, error) {
					if r.Method != http.MethodGet {
						return next.RoundTrip(r)
					}
					if r.URL.Query().Get(wire.QueryReads) == topology.ReadsAuthority {
						time.Sleep(away)
						return next.RoundTrip(r)
					}
					known, _ := w.ledger.find("orders", path.Base(r.URL.Path))
					if w.now()-known.Ended < lag {
						return reply(200, region, wire.Found{Region: region}), nil
					}
					return next.RoundTrip(r)
				})
			}
		})
		w.run(t, func() {
			time.Sleep(time.Minute)
			s := w.sample()
			if s.Reads == nil || s.Failed != 0 {
				t.Fatalf("%+v", s)
			}
			out = *s.Reads
		})
	})
	return out
}

// Who reads nearby is quick and finds what the replica has by then; who reads of the authority finds all, and waits. How old what
// a stale read lacks is, is at most as much as the replica is behind.
func TestStaleReads(t *testing.T) {
	const lag, away = 200 * time.Millisecond, 90 * time.Millisecond
	near := read(t, func(p *topology.Population) { p.ReadOwn = 0.3 }, lag, away)
	if near.Answered < 4000 || near.Stale < near.Answered/50 || near.Stale > near.Answered/2 || near.Own < near.Answered/5 || near.OwnMissed < near.Own/2 {
		t.Errorf("nearby: %+v", near)
	}
	if near.AgeMax == nil || near.AgeP50 == nil || *near.AgeMax >= lag || *near.AgeP50 > *near.AgeMax || *near.P50 > time.Millisecond {
		t.Errorf("nearby: stale by %v, at most %v, after %v", near.AgeP50, near.AgeMax, near.P50)
	}
	led := read(t, func(p *topology.Population) { p.ReadOwn, p.Reads = 0.3, topology.ReadsAuthority }, lag, away)
	if led.Stale != 0 || led.OwnMissed != 0 || led.AgeMax != nil || led.Own < led.Answered/5 || *led.P50 < away {
		t.Errorf("of the authority: %+v", led)
	}
	if plain := read(t, func(*topology.Population) {}, lag, away); plain.Own != 0 || plain.OwnMissed != 0 || plain.Stale == 0 {
		t.Errorf("nobody looks at their own writes: %+v", plain)
	}
}

// A write is looked at by its user once, the newest first, and not after a while.
func TestOwnWritesAreLookedAtOnce(t *testing.T) {
	o := &ownWrites{share: 1, draw: draws(1, "americas", "own")}
	o.wrote(ownWrite{user: 1, id: "w1", acked: at(1)})
	o.wrote(ownWrite{user: 2, id: "w2", acked: at(1.5)})
	for _, want := range []string{"w2", "w1"} {
		if w := o.next(at(2)); w == nil || w.id != want {
			t.Errorf("%+v, want %s", w, want)
		}
	}
	if w := o.next(at(2)); w != nil {
		t.Errorf("once more: %+v", w)
	}
	o.wrote(ownWrite{user: 3, id: "w3", acked: at(3)})
	if w := o.next(at(3) + ownWithin + 1); w != nil {
		t.Errorf("long after: %+v", w)
	}
	for range 2 * mostOwn {
		o.wrote(ownWrite{acked: at(4)})
	}
	if len(o.all) != mostOwn {
		t.Errorf("%d are kept", len(o.all))
	}
}
