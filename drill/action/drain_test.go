package action

import (
	"context"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// lateUsers is a bus, and a region whose users go on asking for a while.
type lateUsers struct {
	port.Events
	port.Network
	state *drill.State
	now   time.Duration
	last  time.Duration // when the last of them asks
}

func (u *lateUsers) View(look func(*drill.State)) { look(u.state) }
func (u *lateUsers) Now() time.Duration           { return u.now }
func (u *lateUsers) UserBytes(string) uint64      { return uint64(min(u.now, u.last)) }

// A region is drained once no resolver can have its address any more and nobody asks, however long that takes them.
func TestAwaitDrained(t *testing.T) {
	const within = drainQuiet/10 + 1
	tests := []struct {
		name       string
		ttl        time.Duration
		ignore     float64
		last, took time.Duration
		stay       bool
	}{
		{name: "nobody is there, and a cached answer may be used", ttl: 2 * time.Second, took: 2 * time.Second},
		{name: "users leave over a long TTL", ttl: time.Minute, last: time.Minute, took: time.Minute + drainQuiet},
		{name: "resolvers ignore the TTL", ttl: 5 * time.Second, ignore: 0.3, last: 20 * time.Second, took: 20*time.Second + drainQuiet},
		{name: "users stay", ttl: 5 * time.Second, last: time.Hour, took: 5*time.Second + drainLimit, stay: true},
	}
	for _, tt := range tests {
		s := serving()
		s.Fleet.Routing.DNSTTL = tt.ttl
		s.Fleet.Users = []topology.Population{{IgnoreTTL: tt.ignore}}
		u := &lateUsers{state: s, last: tt.last}
		err := awaitDrained(t.Context(), Rig{Events: u, Network: u, Sleep: func(_ context.Context, d time.Duration) error {
			u.now += d
			return nil
		}}, "east")
		if (err != nil) != tt.stay || u.now < tt.took || u.now > tt.took+2*within {
			t.Errorf("%s: %v after %s, want it after %s", tt.name, err, u.now, tt.took)
		}
	}
}
