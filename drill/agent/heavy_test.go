package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// heavy is a memory replica that can be loaded and copied anew, and that takes
// connections of its own.
type heavy struct {
	*memory
	serve func(context.Context, net.Conn) error
}

func (h *heavy) Preload(_ context.Context, bytes int64, lead bool) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.entries) > 0 || !lead {
		return nil
	}
	h.entries = append(h.entries, store.Entry{Index: 1, ID: "weight", Payload: make([]byte, bytes)})
	h.change()
	return nil
}

func (h *heavy) Reseed(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.authority == "" {
		return fmt.Errorf("the authority keeps its disk: %w", store.ErrNotAuthority)
	}
	h.entries = nil
	h.change()
	return nil
}

func (h *heavy) ServeConn(ctx context.Context, conn net.Conn, _ uint64) error {
	return h.serve(ctx, conn)
}

// asHeavy has a region open its replicas as heavy ones.
func asHeavy(serve func(context.Context, net.Conn) error) func(*Config) {
	return func(c *Config) {
		open := c.Engines["memory"]
		c.Engines = Engines{"memory": func(o Opening) (Replica, error) {
			r, err := open(o)
			if err != nil {
				return nil, err
			}
			return &heavy{memory: r.(*memory), serve: serve}, nil
		}}
	}
}

func TestPreloadAndReseed(t *testing.T) {
	l := newLab(t, asHeavy(nil), "us-east", "eu-west")
	l.push("us-east", 1)
	us, eu := l.regions["us-east"].client, l.regions["eu-west"].client
	st, err := us.Preload(t.Context(), orders, 1000, true)
	if err != nil || st.Position != 1 {
		t.Fatalf("preload of the first authority: %+v, %v", st, err)
	}
	if st, err := us.Preload(t.Context(), orders, 1000, true); err != nil || st.Position != 1 {
		t.Errorf("a second preload: %+v, %v: want nothing done", st, err)
	}
	if st, err := eu.Preload(t.Context(), orders, 1000, false); err != nil || st.Position != 0 {
		t.Errorf("preload of a follower: %+v, %v", st, err)
	}
	if _, err := us.Preload(t.Context(), orders, -1, true); !errors.Is(err, wire.ErrBad) {
		t.Errorf("preload of -1 bytes: %v, want ErrBad", err)
	}
	l.lead("us-east", 1)
	wait(t, "the weight in eu-west", func() bool { return l.count("eu-west") == 1 })
	if _, err := us.Copy(t.Context(), orders, wire.StoreReseed); !errors.Is(err, store.ErrNotAuthority) {
		t.Errorf("reseed of the authority: %v, want the replica's refusal", err)
	}
	if st, err := eu.Copy(t.Context(), orders, wire.StoreReseed); err != nil || st.Dataset != orders {
		t.Errorf("reseed of a follower: %+v, %v", st, err)
	}
}

func TestAnEngineThatIsNotHeavy(t *testing.T) {
	l := newLab(t, nil, "us-east")
	l.push("us-east", 1)
	c := l.regions["us-east"].client
	if _, err := c.Preload(t.Context(), orders, 1, true); !errors.Is(err, wire.ErrBad) {
		t.Errorf("preload: %v, want ErrBad", err)
	}
	if _, err := c.Copy(t.Context(), orders, wire.StoreReseed); !errors.Is(err, wire.ErrBad) {
		t.Errorf("reseed: %v, want ErrBad", err)
	}
}

// TestSlowOpening: a dataset whose engine takes long to open holds up neither
// health nor status nor the others, and is there once it is open, whatever became of
// the topology that asked for it.
func TestSlowOpening(t *testing.T) {
	gate := make(chan struct{})
	l := newLab(t, func(c *Config) {
		quick := c.Engines["memory"]
		c.Engines = Engines{"memory": quick, "slow": func(o Opening) (Replica, error) {
			<-gate
			return openMemory(o)
		}}
	}, "us-east")
	c := l.regions["us-east"].client
	top := l.topology("us-east", "us-east", 1)
	slow := topology.Dataset{Name: "ledger", Engine: "slow", Mode: topology.ModeAsync, Regions: []string{"us-east"}, Authority: "us-east"}
	top.Datasets = append([]wire.Placement{{Dataset: slow, Authority: "us-east", Epoch: 1}}, top.Datasets...)
	given := make(chan error, 1)
	go func() {
		st, err := c.PutTopology(t.Context(), top)
		if err == nil && (len(st.Unplaced) != 1 || st.Unplaced["ledger"] == "") {
			err = fmt.Errorf("unplaced: %v", st.Unplaced)
		}
		given <- err
	}()
	wait(t, "the quick dataset", func() bool {
		_, err := c.StoreStatus(t.Context(), orders)
		return err == nil
	})
	if _, err := c.Health(t.Context()); err != nil {
		t.Errorf("health: %v", err)
	}
	if st, err := c.Status(t.Context()); err != nil || st.Topology != 0 || len(st.Stores) != 1 {
		t.Errorf("status meanwhile: %+v, %v: want the one store, and no topology yet", st, err)
	}
	if err := <-given; err != nil {
		t.Errorf("the first topology: %v", err)
	}
	close(gate)
	wait(t, "the slow dataset", func() bool {
		_, err := c.StoreStatus(t.Context(), "ledger")
		return err == nil
	})
	must(t, func(ctx context.Context) error {
		st, err := c.PutTopology(ctx, top)
		if err == nil && (st.Topology != top.Version || len(st.Stores) != 2) {
			err = fmt.Errorf("topology %d, %d stores", st.Topology, len(st.Stores))
		}
		return err
	})
}

// TestPinned: a region outside the jurisdiction neither serves users nor passes
// on what is pinned, and names the rule.
func TestPinned(t *testing.T) {
	l := newLab(t, func(c *Config) {
		open := c.Engines["memory"]
		c.Engines = Engines{"memory": func(o Opening) (Replica, error) {
			r, err := open(o)
			if err != nil {
				return nil, err
			}
			return pinnable{r}, nil
		}}
	}, "eu-west", "eu-north", "us-east")
	l.data.Regions, l.data.Mode, l.data.Jurisdiction = []string{"eu-west", "eu-north"}, topology.ModePinned, "EU"
	jurisdictions := map[string]string{"eu-west": "EU", "eu-north": "EU", "us-east": "US"}
	put := func(name string, data topology.Dataset) error {
		top := l.topology(name, "eu-west", 1)
		top.Jurisdictions, top.Datasets[0].Dataset = jurisdictions, data
		_, err := l.regions[name].client.PutTopology(t.Context(), top)
		return err
	}
	for name := range l.regions {
		if err := put(name, l.data); err != nil {
			t.Fatal(err)
		}
	}
	must(t, func(ctx context.Context) error {
		_, err := l.regions["eu-west"].client.Promote(ctx, orders, 1)
		if err != nil {
			return err
		}
		st, err := l.regions["eu-west"].client.StoreStatus(ctx, orders)
		if err != nil {
			return err
		}
		_, err = l.regions["eu-west"].client.Grant(ctx, orders, 1, st.Clock, ackWithin)
		return err
	})
	const rule = "residency: orders is pinned to EU, us-east is in US"
	refused := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, store.ErrPinned) || !strings.Contains(err.Error(), rule) {
			t.Errorf("%s: %v, want ErrPinned and %q", what, err, rule)
		}
	}
	for _, via := range []string{"eu-west", "eu-north"} {
		if _, err := l.write(via, "w-"+via); err != nil {
			t.Errorf("write via %s: %v", via, err)
		}
	}
	us := l.regions["us-east"]
	_, err := l.write("us-east", "from-outside")
	refused("a user's write", err)
	_, err = us.client.Read(t.Context(), orders, "w-eu-west")
	refused("a user's read", err)
	across := func(from, to string) error {
		c := wire.NewClient(wire.ClientConfig{Base: l.regions[from].url() + wire.PathPeers + to, Region: to, Via: from, Token: testToken})
		_, err := c.Lookup(t.Context(), orders, "w-eu-west")
		return err
	}
	refused("a replica's question from outside", across("us-east", "eu-west"))
	refused("a replica's question to outside", across("eu-west", "us-east"))
	if err := across("eu-north", "eu-west"); err != nil {
		t.Errorf("a replica's question inside: %v", err)
	}

	misplaced := l.data
	misplaced.Regions = []string{"eu-west", "us-east"}
	refused("a replica placed outside", put("us-east", misplaced))
	leaving := misplaced
	leaving.Mode, leaving.Also = topology.ModeAsync, &topology.Durability{Mode: topology.ModePinned}
	refused("a replica placed outside while the mode is being switched", put("us-east", leaving))
	leaving.Also = nil
	if err := put("us-east", leaving); err != nil {
		t.Errorf("no longer pinned: %v", err)
	}
	if n := l.count("eu-west"); n != 2 {
		t.Errorf("%d entries, want those of the two writes inside", n)
	}
}

// pinnable is a memory replica that serves whatever mode it is told.
type pinnable struct{ Replica }

func (p pinnable) Configure(context.Context, topology.Dataset) error { return nil }

// TestWaitingWriteKeepsItsConnection: a write whose durability does not come to hold
// is answered by the authority in time, so that the link's connection stays.
func TestWaitingWriteKeepsItsConnection(t *testing.T) {
	t.Parallel()
	l := newLab(t, func(c *Config) { c.WriteTimeout = 240 * time.Millisecond }, "us-east", "eu-west")
	l.lead("us-east", 1)
	relay := newRelay(t, l.regions["us-east"].agent.Addr())
	top := l.topology("eu-west", "us-east", 1)
	top.Datasets[0].Peers = map[string]string{"us-east": relay.url()}
	must(t, func(ctx context.Context) error {
		_, err := l.regions["eu-west"].client.PutTopology(ctx, top)
		return err
	})
	if _, err := l.write("eu-west", "first"); err != nil {
		t.Fatal(err)
	}
	const waiting = 10
	before := relay.taken()
	m := l.regions["us-east"].replica()
	m.arrived, m.gate = make(chan struct{}, 1), make(chan struct{})
	for i := range waiting {
		_, err := l.write("eu-west", fmt.Sprintf("waits-%d", i))
		if !errors.Is(err, wire.ErrUpstream) || status(t, err) != 504 || !strings.Contains(err.Error(), "may be stored all the same") {
			t.Errorf("a write that waits: %v, want 504 and what it means", err)
		}
		<-m.arrived
	}
	close(m.gate)
	m.arrived = make(chan struct{}, 1)
	if _, err := l.write("eu-west", "after"); err != nil {
		t.Errorf("a write after that: %v", err)
	}
	// Given up by their sender, each would cost one. net/http itself dials one more
	// whenever a connection is about to become free, until it has enough of them.
	if n := relay.taken() - before; n > waiting/2 {
		t.Errorf("%d connections were opened for %d writes that follow another", n, waiting+1)
	}
}
