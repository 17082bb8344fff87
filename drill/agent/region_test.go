package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

func TestWritesReachTheAuthorityAndComeBack(t *testing.T) {
	l := newLab(t, nil, "us-east", "eu-west", "ap-south")
	l.lead("us-east", 1)
	replicas := map[string]bool{}
	for i, via := range []string{"us-east", "eu-west", "ap-south", "us-east", "eu-west"} {
		id := fmt.Sprintf("w-%d", i)
		got, err := l.write(via, id)
		if err != nil {
			t.Fatalf("write %s via %s: %v", id, via, err)
		}
		if got.Authority != "us-east" || got.Region != via || got.Index != uint64(i+1) || got.Epoch != 1 {
			t.Errorf("write %s via %s: %+v", id, via, got)
		}
		if via == "us-east" {
			replicas[got.Replica] = true
		}
	}
	if len(replicas) != 2 {
		t.Errorf("two writes in a row were served by %v, want both web replicas in turn", replicas)
	}
	for name, r := range l.regions {
		for i := range 5 {
			id := fmt.Sprintf("w-%d", i)
			wait(t, id+" in "+name, func() bool {
				found, err := r.client.Read(t.Context(), orders, id, "")
				if err != nil {
					t.Fatal(err)
				}
				return found.Found && found.Region == name && string(found.Payload) == "payload of "+id
			})
		}
	}
	found, err := l.regions["eu-west"].client.Read(t.Context(), orders, "never-written", "")
	if err != nil || found.Found {
		t.Errorf("what was never written: %+v, %v: want an answer that says so", found, err)
	}
	wait(t, "both followers' reports", func() bool {
		m := l.regions["us-east"].replica()
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.followers["eu-west"] == 5 && m.followers["ap-south"] == 5
	})
}

func TestFailoverToAnotherRegion(t *testing.T) {
	l := newLab(t, nil, "us-east", "eu-west", "ap-south")
	l.lead("us-east", 1)
	if _, err := l.write("ap-south", "before"); err != nil {
		t.Fatal(err)
	}
	wait(t, "the copy in eu-west", func() bool { return l.count("eu-west") == 1 })
	must(t, func(ctx context.Context) error {
		st, err := l.regions["us-east"].client.Fence(ctx, orders, 2)
		if err == nil && st.Role != role.Fenced {
			err = fmt.Errorf("fenced authority is %s", st.Role)
		}
		return err
	})
	if _, err := l.write("us-east", "between"); !errors.Is(err, store.ErrStaleEpoch) {
		t.Errorf("write to a fenced authority in the old epoch: %v, want ErrStaleEpoch", err)
	}
	l.lead("eu-west", 2)
	got, err := l.write("us-east", "after")
	if err != nil || got.Authority != "eu-west" || got.Epoch != 2 {
		t.Errorf("write after the failover: %+v, %v", got, err)
	}
	wait(t, "all regions to have both writes", func() bool {
		return l.count("us-east") == 2 && l.count("eu-west") == 2 && l.count("ap-south") == 2
	})
}

func TestStaleEpochIsNotStored(t *testing.T) {
	tests := []struct {
		name           string
		believed, held uint64
	}{
		{"the gateway is behind", 4, 5},
		{"the replica missed its promotion", 6, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, nil, "us-east", "eu-west")
			l.lead("us-east", tt.held)
			must(t, func(ctx context.Context) error {
				_, err := l.regions["eu-west"].client.PutTopology(ctx, l.topology("eu-west", "us-east", tt.believed))
				return err
			})
			if _, err := l.write("eu-west", "w"); !errors.Is(err, store.ErrStaleEpoch) {
				t.Errorf("%v, want ErrStaleEpoch", err)
			} else if !strings.Contains(err.Error(), "us-east") {
				t.Errorf("%v does not name the region that refused", err)
			}
			if n := l.count("us-east"); n != 0 {
				t.Errorf("%d entries were stored all the same", n)
			}
		})
	}
}

func TestRefusalsOfWrites(t *testing.T) {
	tests := []struct {
		name   string
		setup  func(t *testing.T, l *lab)
		via    string
		want   error
		status int
	}{
		{"no topology", func(*testing.T, *lab) {}, "eu-west", wire.ErrNoAuthority, 503},
		{"no authority", func(_ *testing.T, l *lab) { l.push("", 0) }, "eu-west", wire.ErrNoAuthority, 503},
		{"no lease", func(t *testing.T, l *lab) {
			l.push("us-east", 1)
			must(t, func(ctx context.Context) error {
				_, err := l.regions["us-east"].client.Promote(ctx, orders, 1)
				return err
			})
		}, "eu-west", store.ErrFenced, 503},
		{"not the authority", func(_ *testing.T, l *lab) { l.push("us-east", 0) }, "eu-west", store.ErrNotAuthority, 409},
		{"the authority's address refuses", func(t *testing.T, l *lab) { misplace(t, l, refused(t)) }, "eu-west", wire.ErrUpstream, 502},
		{"the authority is silent", func(t *testing.T, l *lab) { misplace(t, l, silent(t)) }, "eu-west", wire.ErrUpstream, 504},
		{"the authority's address is another region's", func(t *testing.T, l *lab) { misplace(t, l, l.regions["eu-west"].url()) }, "eu-west", wire.ErrUpstream, 502},
		{"no such dataset", func(t *testing.T, l *lab) {
			l.data.Name = "invoices"
			l.push("us-east", 1)
		}, "us-east", wire.ErrNotFound, 404},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, func(c *Config) {
				if tt.status == http.StatusGatewayTimeout {
					c.WriteTimeout = 50 * time.Millisecond
				}
			}, "us-east", "eu-west")
			tt.setup(t, l)
			_, err := l.write(tt.via, "w")
			if !errors.Is(err, tt.want) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if got := status(t, err); got != tt.status {
				t.Errorf("HTTP status %d, want %d (%v)", got, tt.status, err)
			}
		})
	}
}

// misplace tells eu-west that the authority us-east is at that address.
func misplace(t *testing.T, l *lab, address string) {
	t.Helper()
	l.lead("us-east", 1)
	top := l.topology("eu-west", "us-east", 1)
	top.Peers["us-east"] = address
	must(t, func(ctx context.Context) error {
		_, err := l.regions["eu-west"].client.PutTopology(ctx, top)
		return err
	})
}

func TestASilentAuthorityIsNamed(t *testing.T) {
	l := newLab(t, func(c *Config) { c.WriteTimeout = 100 * time.Millisecond }, "us-east", "eu-west")
	misplace(t, l, silent(t))
	_, err := l.regions["eu-west"].client.Route(t.Context(), orders, store.Write{ID: "w"})
	if !errors.Is(err, wire.ErrUpstream) || !strings.Contains(err.Error(), "us-east") || !strings.Contains(err.Error(), "100ms") {
		t.Errorf("%v: want the authority's name and the time limit", err)
	}
}

func TestWrongRegion(t *testing.T) {
	l := newLab(t, nil, "us-east", "eu-west")
	l.lead("us-east", 3)
	mistaken := l.regions["us-east"].as("eu-west", testToken)
	for name, call := range map[string]func(context.Context) error{
		"health":  func(ctx context.Context) error { _, err := mistaken.Health(ctx); return err },
		"status":  func(ctx context.Context) error { _, err := mistaken.Status(ctx); return err },
		"promote": func(ctx context.Context) error { _, err := mistaken.Promote(ctx, orders, 9); return err },
		"fence":   func(ctx context.Context) error { _, err := mistaken.Fence(ctx, orders, 9); return err },
		"audit":   func(ctx context.Context) error { return mistaken.Audit(ctx, orders, 0, nil) },
		"write": func(ctx context.Context) error {
			_, err := mistaken.Write(ctx, orders, store.Write{ID: "w"})
			return err
		},
		"topology": func(ctx context.Context) error { _, err := mistaken.PutTopology(ctx, wire.Topology{}); return err },
	} {
		if err := call(t.Context()); !errors.Is(err, wire.ErrWrongRegion) {
			t.Errorf("%s: %v, want ErrWrongRegion", name, err)
		}
	}
	st, err := l.regions["us-east"].client.StoreStatus(t.Context(), orders)
	if err != nil || st.Epoch != 3 || st.Role != role.Authority {
		t.Errorf("after commands that were meant for another region: %+v, %v: want them refused before they act", st, err)
	}
	if _, err := l.regions["us-east"].client.PutTopology(t.Context(), l.topology("eu-west", "us-east", 3)); !errors.Is(err, wire.ErrWrongRegion) {
		t.Errorf("another region's topology: %v, want ErrWrongRegion", err)
	}
}

func TestAFollowerRefusesTheStreamOfAnotherRegion(t *testing.T) {
	l := newLab(t, nil, "us-east", "eu-west", "ap-south")
	l.lead("us-east", 1)
	top := l.topology("eu-west", "us-east", 1)
	top.Peers["us-east"] = l.regions["ap-south"].url()
	must(t, func(ctx context.Context) error {
		c := l.regions["eu-west"].client
		if _, err := c.PutTopology(ctx, top); err != nil {
			return err
		}
		_, err := c.Follow(ctx, orders, "us-east", 1)
		return err
	})
	wait(t, "eu-west to say that another region answered", func() bool {
		st, err := l.regions["eu-west"].client.StoreStatus(t.Context(), orders)
		return err == nil && strings.Contains(st.Error, wire.ErrWrongRegion.Error())
	})
}

func TestTopologyIsSentAgainAfterARestart(t *testing.T) {
	l := newLab(t, func(c *Config) { c.Engines = DefaultEngines() }, "us-east", "eu-west")
	l.data.Engine = "log"
	l.lead("us-east", 1)
	if _, err := l.write("eu-west", "before"); err != nil {
		t.Fatal(err)
	}
	us := l.regions["us-east"]
	before, err := us.client.Status(t.Context())
	if err != nil || before.Topology == 0 {
		t.Fatalf("%+v, %v", before, err)
	}
	us.stop(t)
	if _, err := l.write("eu-west", "meanwhile"); !errors.Is(err, wire.ErrUpstream) {
		t.Errorf("write while the authority is away: %v, want ErrUpstream", err)
	}
	us.config.Run = "another-run"
	us.config.Listen = us.agent.Addr()
	us.start(t)
	after, err := us.client.Status(t.Context())
	if err != nil || after.Run == before.Run || after.Topology != 0 || len(after.Stores) != 0 {
		t.Fatalf("after the restart: %+v, %v: want another run, no topology, no stores", after, err)
	}
	if _, err := us.client.Health(t.Context()); err != nil {
		t.Errorf("health without a topology: %v", err)
	}
	if _, err := l.write("us-east", "too-early"); !errors.Is(err, wire.ErrNoAuthority) {
		t.Errorf("write without a topology: %v, want ErrNoAuthority", err)
	}
	l.push("us-east", 1)
	if _, err := l.write("eu-west", "no-lease-yet"); !errors.Is(err, store.ErrFenced) {
		t.Errorf("write after the restart, before a grant: %v, want ErrFenced", err)
	}
	l.lead("us-east", 2)
	if got, err := l.write("eu-west", "after"); err != nil || got.Epoch != 2 {
		t.Errorf("write after a grant: %+v, %v", got, err)
	}
	found, err := us.client.Read(t.Context(), orders, "before", "")
	if err != nil || !found.Found || found.Epoch != 1 {
		t.Errorf("what was acknowledged before the restart: %+v, %v", found, err)
	}
	wait(t, "eu-west to catch up", func() bool { return l.count("eu-west") == l.count("us-east") })
}

func TestShedding(t *testing.T) {
	l := newLab(t, func(c *Config) { c.Capacity = 0.01 }, "us-east")
	l.lead("us-east", 1)
	served, shed := 0, 0
	for i := range 30 {
		_, err := l.write("us-east", fmt.Sprintf("w-%d", i))
		switch {
		case err == nil:
			served++
		case errors.Is(err, wire.ErrShed) && status(t, err) == http.StatusServiceUnavailable:
			shed++
		default:
			t.Fatal(err)
		}
	}
	// Each replica takes one, its burst, and the next a hundred seconds later.
	if served != 2 || shed != 28 || l.count("us-east") != served {
		t.Errorf("%d served, %d shed, %d stored; want 2, 28, 2", served, shed, l.count("us-east"))
	}
	for range 10 {
		if _, err := l.regions["us-east"].client.Health(t.Context()); err != nil {
			t.Errorf("a probe over capacity: %v: want probes served always", err)
		}
	}
}
