package agent

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const (
	testToken = "a-fleet-secret"
	orders    = "orders"
	ackWithin = 30 * time.Second // for a machine that is busy with much else
)

// lab is some regions in this process, each an agent of role all.
type lab struct {
	t       testing.TB
	regions map[string]*region
	data    topology.Dataset
	version uint64

	former    map[string]string // base URLs of regions that are dead: a topology names them still
	discovery *wire.Discovery   // of every region; nil where they are told who leads
}

type region struct {
	config Config
	agent  *Agent
	client *wire.Client

	mu       sync.Mutex
	replicas map[string]*memory
}

// replica is the memory engine's replica of orders.
func (r *region) replica() *memory {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.replicas[orders]
}

func newLab(t testing.TB, tune func(*Config), names ...string) *lab {
	t.Helper()
	l := &lab{t: t, regions: map[string]*region{}, data: topology.Dataset{Name: orders, Engine: "memory", Mode: topology.ModeAsync, Regions: names}}
	for i, name := range names {
		r := &region{replicas: map[string]*memory{}}
		r.config = Config{
			Region: name, Role: RoleAll, Token: testToken, Listen: "127.0.0.1:0", Run: "run-of-" + name,
			Data: t.TempDir(), Replicas: 2, WriteTimeout: ackWithin,
			Engines: Engines{"memory": func(o Opening) (Replica, error) {
				opened, err := openMemory(o)
				r.mu.Lock()
				defer r.mu.Unlock()
				r.replicas[o.Dataset] = opened.(*memory)
				return opened, err
			}},
		}
		if i == 0 {
			l.data.Authority = name
		}
		if tune != nil {
			tune(&r.config)
		}
		l.regions[name] = r
		r.start(t)
	}
	t.Cleanup(func() {
		for _, r := range l.regions {
			r.stop(t)
		}
	})
	return l
}

func (r *region) start(t testing.TB) {
	t.Helper()
	a, err := Start(r.config)
	if err != nil {
		t.Fatal(err)
	}
	r.agent = a
	r.client = r.as(r.config.Region, testToken)
}

// as is a client of this agent's address that expects the named region.
func (r *region) as(name, token string) *wire.Client {
	return wire.NewClient(wire.ClientConfig{Base: r.url(), Region: name, Token: token})
}

func (r *region) url() string { return "http://" + r.agent.Addr() }

func (r *region) stop(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), ackWithin)
	defer cancel()
	if err := r.agent.Close(ctx); err != nil {
		t.Errorf("stop %s: %v", r.config.Region, err)
	}
}

// topology is the fleet as it is, with orders led by authority in epoch.
func (l *lab) topology(name, authority string, epoch uint64) wire.Topology {
	peers := maps.Clone(l.former)
	if peers == nil {
		peers = map[string]string{}
	}
	for other, r := range l.regions {
		if other != name {
			peers[other] = r.url()
		}
	}
	l.version++
	return wire.Topology{Version: l.version, Region: name, Peers: peers, Discovery: l.discovery, Datasets: []wire.Placement{{Dataset: l.data, Authority: authority, Epoch: epoch}}}
}

func (l *lab) push(authority string, epoch uint64) {
	l.t.Helper()
	for name, r := range l.regions {
		must(l.t, func(ctx context.Context) error {
			_, err := r.client.PutTopology(ctx, l.topology(name, authority, epoch))
			return err
		})
	}
}

// lead makes a region the authority in epoch with a long lease, tells all, and
// lets the others follow it.
func (l *lab) lead(authority string, epoch uint64) {
	l.t.Helper()
	l.push(authority, epoch)
	c := l.regions[authority].client
	must(l.t, func(ctx context.Context) error {
		st, err := c.Promote(ctx, orders, epoch)
		if err != nil {
			return err
		}
		_, err = c.Grant(ctx, orders, epoch, st.Clock, time.Hour)
		return err
	})
	for name, r := range l.regions {
		if name != authority && slices.Contains(l.data.Regions, name) {
			must(l.t, func(ctx context.Context) error {
				_, err := r.client.Follow(ctx, orders, authority, epoch)
				return err
			})
		}
	}
}

func (l *lab) write(via, id string) (wire.Written, error) {
	// Without an end, so that the agents' own limit holds.
	return l.regions[via].client.Write(l.t.Context(), orders, store.Write{ID: id, Payload: []byte("payload of " + id)})
}

func (l *lab) count(name string) int {
	l.t.Helper()
	n := 0
	must(l.t, func(ctx context.Context) error {
		return l.regions[name].client.Audit(ctx, orders, 0, func(store.Entry) error { n++; return nil })
	})
	return n
}

func must(t testing.TB, do func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), ackWithin)
	defer cancel()
	if err := do(ctx); err != nil {
		t.Fatal(err)
	}
}

// wait asks until ok, and says what it waited for when that does not come.
func wait(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(ackWithin)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s for %s", ackWithin, what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// silent listens and takes connections, and never answers.
func silent(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return "http://" + l.Addr().String()
}

// refused is the address of nobody.
func refused(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return "http://" + l.Addr().String()
}

// status is the HTTP status that an error came with.
func status(t testing.TB, err error) int {
	t.Helper()
	var e *wire.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *wire.Error", err)
	}
	return e.Status
}

func get(t testing.TB, method, url string, header http.Header) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}
