package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// lab is some replicas of one dataset in this process, each with its own server, and
// the ways between them.
type lab struct {
	*testing.T
	dir      string
	regions  []string
	epoch    uint64
	dataset  topology.Dataset
	mu       sync.Mutex
	replicas map[string]*Replica
	cut      map[string]bool // regions that nobody reaches, and that reach nobody
	conns    map[net.Conn][2]string
	refuse   func(from, authority string) bool // whether a way is shut just now; nil is never
	dialled  int                               // ways that were opened
	late     time.Duration                     // how much later what an authority sends is read
	stall    time.Duration                     // Config.Stall of what is opened
	written  int
}

func newLab(t *testing.T, mode topology.Mode, with string, regions ...string) *lab {
	t.Helper()
	return newLabIn(t, t.TempDir(), mode, with, regions...)
}

// newLabIn is a lab whose regions' files are below a folder.
func newLabIn(t *testing.T, dir string, mode topology.Mode, with string, regions ...string) *lab {
	t.Helper()
	if os.Getenv("FLEETDRILL_TEST_POSTGRES") == "" {
		t.Skip("SKIPPED: FLEETDRILL_TEST_POSTGRES is not set; it runs PostgreSQL servers (make test-postgres)")
	}
	l := &lab{
		T: t, dir: dir, regions: regions, stall: time.Second, replicas: map[string]*Replica{}, cut: map[string]bool{}, conns: map[net.Conn][2]string{},
		dataset: topology.Dataset{Name: "orders", Engine: "postgres", Mode: mode, With: with, Authority: regions[0], Regions: regions},
	}
	t.Cleanup(func() {
		for _, region := range l.regions {
			l.stop(region)
		}
		if t.Failed() {
			for _, region := range l.regions {
				log, _ := os.ReadFile(filepath.Join(l.dir, region, "pg", "server.log"))
				t.Logf("%s's server said:\n%s", region, server.Tail(string(log)))
			}
		}
	})
	var all sync.WaitGroup
	for _, region := range regions {
		all.Go(func() { l.open(region) })
	}
	all.Wait()
	return l
}

// newLed is a lab whose first region leads the others, all of which have writes that it
// acknowledged.
func newLed(t *testing.T, mode topology.Mode, with string, writes int, regions ...string) *lab {
	t.Helper()
	l := newLab(t, mode, with, regions...)
	l.lead(regions[0])
	l.follow(regions[0], regions[1:]...)
	l.write(regions[0], writes)
	l.current(regions[0], regions[1:]...)
	return l
}

// open starts a region's replica.
func (l *lab) open(region string) *Replica {
	l.Helper()
	r, err := Open(Config{
		Dir: filepath.Join(l.dir, region), Dataset: "orders", Region: region, Run: "run-" + region, Password: "secret",
		Upstream: &road{lab: l, from: region}, Stall: l.stall, Retry: 50 * time.Millisecond,
	})
	if err != nil {
		l.Error(err)
		l.FailNow()
	}
	if err := r.Configure(l.ctx(), l.dataset); err != nil {
		l.Fatal(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.replicas[region] = r
	return r
}

func (l *lab) stop(region string) {
	if r := l.at(region); r != nil {
		if err := r.Close(); err != nil {
			l.Errorf("close %s: %v", region, err)
		}
		l.mu.Lock()
		delete(l.replicas, region)
		l.mu.Unlock()
	}
}

func (l *lab) at(region string) *Replica {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.replicas[region]
}

func (l *lab) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	l.Cleanup(cancel)
	return ctx
}

// isolate cuts a region off, or brings it back.
func (l *lab) isolate(region string, off bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut[region] = off
	for conn, ends := range l.conns {
		if off && slices.Contains(ends[:], region) {
			_ = conn.Close()
			delete(l.conns, conn)
		}
	}
}

// lead makes a region the authority in the next epoch, with a lease.
func (l *lab) lead(region string) {
	l.Helper()
	l.epoch++
	r := l.at(region)
	if err := r.Promote(l.ctx(), l.epoch); err != nil {
		l.Fatal(err)
	}
	l.grant(region)
}

// configure tells a region the dataset as it is now.
func (l *lab) configure(region string) {
	l.Helper()
	if err := l.at(region).Configure(l.ctx(), l.dataset); err != nil {
		l.Fatal(err)
	}
}

func (l *lab) grant(region string) {
	l.Helper()
	if err := l.at(region).Grant(l.ctx(), l.epoch, l.status(region).Clock, time.Hour); err != nil {
		l.Fatal(err)
	}
}

func (l *lab) follow(authority string, regions ...string) {
	l.Helper()
	for _, region := range regions {
		if err := l.at(region).Follow(l.ctx(), authority, l.epoch); err != nil {
			l.Fatal(err)
		}
	}
}

func (l *lab) status(region string) store.Status {
	l.Helper()
	s, err := l.at(region).Status(l.ctx())
	if err != nil {
		l.Fatal(err)
	}
	return s
}

// write has a region acknowledge n writes.
func (l *lab) write(region string, n int) {
	l.Helper()
	for range n {
		l.written++
		if _, err := l.at(region).Append(l.ctx(), store.Write{ID: fmt.Sprintf("%s-%04d", region, l.written), Payload: []byte("p")}); err != nil {
			l.Fatal(err)
		}
	}
}

// until waits for a condition.
func (l *lab) until(what string, hold func() bool) {
	l.Helper()
	for limit := time.Now().Add(time.Minute); !hold(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(limit) {
			for _, region := range l.regions {
				if l.at(region) != nil {
					l.Logf("%s: %+v", region, l.status(region))
				}
			}
			l.Fatalf("not within a minute: %s", what)
		}
	}
}

// current waits until a follower is whole and has what its authority has.
func (l *lab) current(authority string, regions ...string) {
	l.Helper()
	for _, region := range regions {
		l.until(region+" is current", func() bool {
			a, s := l.status(authority), l.status(region)
			return s.Error == "" && !s.Seeding && s.Role == role.Follower && s.LastIn == a.LastIn && s.Entries == a.Entries && s.Position >= a.Position
		})
	}
}

// contents is what a region holds, in order, as id=payload.
func (l *lab) contents(region string) (all []string) {
	l.Helper()
	if err := l.at(region).Audit(l.ctx(), 0, func(e store.Entry) error {
		all = append(all, fmt.Sprintf("%d/%d %s=%s", e.Index, e.Epoch, e.ID, e.Payload))
		return nil
	}); err != nil {
		l.Fatal(err)
	}
	return all
}

// equal holds every region's contents against the first's.
func (l *lab) equal(regions ...string) {
	l.Helper()
	want := l.contents(regions[0])
	for _, region := range regions[1:] {
		if got := l.contents(region); !slices.Equal(got, want) {
			l.Fatalf("%s holds %d entries, %s %d: they differ\n%v\n%v", regions[0], len(want), region, len(got), want, got)
		}
	}
}

// road is how a region reaches others, by TCP on the loopback.
type road struct {
	*lab
	from string
}

func (w *road) Dial(ctx context.Context, authority, dataset string, leader uint64, first []byte) (net.Conn, error) {
	w.mu.Lock()
	r, off, refuse, late := w.replicas[authority], w.cut[authority] || w.cut[w.from], w.refuse, w.late
	w.mu.Unlock()
	off = off || refuse != nil && refuse(w.from, authority)
	if r == nil || off {
		return nil, errors.New("nothing is heard")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer listener.Close()
	near, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		return nil, err
	}
	far, err := listener.Accept()
	if err != nil {
		return nil, err
	}
	if _, err := near.Write(first); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dialled++
	w.conns[near], w.conns[far] = [2]string{w.from, authority}, [2]string{w.from, authority}
	go func() { _ = r.ServeConn(context.Background(), far, leader) }()
	if late > 0 {
		return slowConn{near, late}, nil
	}
	return near, nil
}

// slowConn is a connection on which everything arrives late.
type slowConn struct {
	net.Conn
	late time.Duration
}

func (c slowConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	time.Sleep(c.late)
	return n, err
}

func (w *road) EpochEnd(context.Context, string, string, uint64, uint64) (store.EpochEnd, error) {
	return store.EpochEnd{}, errTunnel
}

func (w *road) Stream(context.Context, string, string, uint64, uint64, func(store.Batch) error) error {
	return errTunnel
}

func (w *road) Stored(context.Context, string, string, uint64, string, uint64) error {
	return errTunnel
}
