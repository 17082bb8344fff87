package log

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const dataset = "orders"

var (
	errPartition = errors.New("connection reset")
	errSilent    = errors.New("nothing arrives")
)

// fleet is some replicas that reach each other in memory, unless cut off.
type fleet struct {
	t     testing.TB
	tweak func(*Config)
	// silence is when a stream on which nothing passes is given up.
	silence time.Duration

	mu       sync.Mutex
	replicas map[string]*Replica
	dirs     map[string]string
	runs     int
	paths    map[[2]string]*path
}

// path is the way from a follower to an authority.
type path struct {
	state  string        // "", "reset" or "silent"
	change chan struct{} // closed when state changes
}

func newFleet(t testing.TB, tweak func(*Config), regions ...string) *fleet {
	return newFleetIn(t, t.TempDir, tweak, regions...)
}

func newFleetIn(t testing.TB, dir func() string, tweak func(*Config), regions ...string) *fleet {
	t.Helper()
	f := &fleet{t: t, tweak: tweak, silence: 250 * time.Millisecond, replicas: map[string]*Replica{}, dirs: map[string]string{}, paths: map[[2]string]*path{}}
	for _, region := range regions {
		f.dirs[region] = dir()
		f.open(region)
	}
	t.Cleanup(func() {
		for _, region := range regions {
			if err := f.at(region).Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return f
}

// open opens a region's replica, as its process does when it starts.
func (f *fleet) open(region string) *Replica {
	f.t.Helper()
	f.mu.Lock()
	f.runs++
	c := Config{Dir: f.dirs[region], Dataset: dataset, Region: region, Run: fmt.Sprintf("run-%d", f.runs),
		Upstream: upstream{f, region}, Heartbeat: 5 * time.Millisecond,
		RetryMin: time.Millisecond, RetryMax: 10 * time.Millisecond, Report: 20 * time.Millisecond, RetryDisk: 5 * time.Millisecond}
	f.mu.Unlock()
	if f.tweak != nil {
		f.tweak(&c)
	}
	r, err := Open(c)
	if err != nil {
		f.t.Fatal(err)
	}
	must(f.t, r.Configure(context.Background(), topology.Dataset{Name: dataset, Mode: topology.ModeAsync}))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.replicas[region] = r
	return r
}

// restart ends a region's replica and opens it again.
func (f *fleet) restart(region string) *Replica {
	f.t.Helper()
	must(f.t, f.at(region).Close())
	return f.open(region)
}

func (f *fleet) at(region string) *Replica {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.replicas[region]
}

// set puts the path from a follower to an authority into a state.
func (f *fleet) set(from, to, state string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.path(from, to)
	p.state = state
	close(p.change)
	p.change = make(chan struct{})
}

func (f *fleet) path(from, to string) *path {
	key := [2]string{from, to}
	if f.paths[key] == nil {
		f.paths[key] = &path{change: make(chan struct{})}
	}
	return f.paths[key]
}

// upstream is how one region reaches the others.
type upstream struct {
	*fleet
	from string
}

// pass lets something through to a region: at once, never (until ctx ends), or not at all.
func (u upstream) pass(ctx context.Context, to string) (*Replica, error) {
	for {
		u.mu.Lock()
		p := u.path(u.from, to)
		state, change, r := p.state, p.change, u.replicas[to]
		u.mu.Unlock()
		switch {
		case state == "reset" || r == nil:
			return nil, errPartition
		case state == "":
			return r, nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (u upstream) EpochEnd(ctx context.Context, authority, _ string, leader, epoch uint64) (store.EpochEnd, error) {
	r, err := u.pass(ctx, authority)
	if err != nil {
		return store.EpochEnd{}, err
	}
	return r.EpochEnd(ctx, leader, epoch)
}

func (u upstream) Stream(ctx context.Context, authority, _ string, leader, after uint64, each func(store.Batch) error) error {
	pass := func() (*Replica, error) {
		limited, cancel := context.WithTimeoutCause(ctx, u.silence, errSilent)
		defer cancel()
		r, err := u.pass(limited, authority)
		if err != nil && limited.Err() != nil {
			err = context.Cause(limited)
		}
		return r, err
	}
	r, err := pass()
	if err != nil {
		return err
	}
	return r.Stream(ctx, leader, after, func(b store.Batch) error {
		if _, err := pass(); err != nil {
			return err
		}
		return each(b)
	})
}

func (u upstream) Stored(ctx context.Context, authority, _ string, leader uint64, region string, position uint64) error {
	r, err := u.pass(ctx, authority)
	if err != nil {
		return err
	}
	return r.Stored(ctx, leader, region, position)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// until waits for a condition, and says what is missing when it does not come.
func until(t testing.TB, what string, hold func() bool) {
	t.Helper()
	tick := time.NewTicker(200 * time.Microsecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); !hold(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited 20s in vain until %s", what)
		}
	}
}

func status(t testing.TB, r *Replica) store.Status {
	t.Helper()
	s, err := r.Status(context.Background())
	must(t, err)
	return s
}

// lead makes a replica the authority, with a lease that outlasts the test.
func lead(t testing.TB, r *Replica, epoch uint64) {
	t.Helper()
	must(t, r.Promote(context.Background(), epoch))
	must(t, r.Grant(context.Background(), epoch, status(t, r).Clock, math.MaxInt64))
}

func payloadOf(id string) []byte { return []byte("payload of " + id) }

func write(t testing.TB, r *Replica, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if _, err := r.Append(context.Background(), store.Write{ID: id, Payload: payloadOf(id)}); err != nil {
			t.Fatal(err)
		}
	}
}

// entriesOf is everything a replica holds.
func entriesOf(t testing.TB, r *Replica) []store.Entry {
	t.Helper()
	var all []store.Entry
	must(t, r.Audit(context.Background(), 0, func(e store.Entry) error {
		all = append(all, e)
		return nil
	}))
	return all
}

func sameEntry(a, b store.Entry) bool {
	return a.Index == b.Index && a.Epoch == b.Epoch && a.ID == b.ID && string(a.Payload) == string(b.Payload)
}

func sameLog(a, b []store.Entry) bool { return slices.EqualFunc(a, b, sameEntry) }

// untilEqual waits until one replica holds exactly what another does, in log, ids, bytes and epochs.
func untilEqual(t testing.TB, r, authority *Replica) {
	t.Helper()
	until(t, fmt.Sprintf("%s has what %s has (it says: %s)", r.cfg.Region, authority.cfg.Region, status(t, r).Error), func() bool {
		a, b := status(t, r), status(t, authority)
		return a.Position == b.Position && a.LastIn == b.LastIn && sameLog(entriesOf(t, r), entriesOf(t, authority))
	})
	sound(t, r)
}

// sound checks that everything a replica says of its log fits the log. Nothing is written
// meanwhile: a follower goes on receiving what the test has done with.
func sound(t testing.TB, r *Replica) {
	t.Helper()
	must(t, r.contents.writing.take(context.Background()))
	defer r.contents.writing.give()
	entries, s := entriesOf(t, r), status(t, r)
	if s.Snapshot != nil { // in place of the log, which is empty then
		entries = nil
	}
	var bytes int64
	var epochs history
	for i, e := range entries {
		bytes += int64(len(e.Payload))
		if e.Index != uint64(i+1) {
			t.Fatalf("%s: entry %d at place %d", r.cfg.Region, e.Index, i+1)
		}
		if len(epochs) == 0 || epochs[len(epochs)-1].epoch != e.Epoch {
			epochs = append(epochs, span{e.Epoch, e.Index})
		}
		found, ok, err := r.Lookup(context.Background(), e.ID)
		if must(t, err); !ok || !sameEntry(found, e) {
			t.Fatalf("%s: looked up %s: %v %+v, the log has %+v", r.cfg.Region, e.ID, ok, found, e)
		}
	}
	held := r.contents.view()
	if s.Snapshot == nil && s.Bytes != bytes || held.bytes != bytes {
		t.Fatalf("%s says %d bytes, the log has %d", r.cfg.Region, s.Bytes, bytes)
	}
	if got := held.epochs.cut(held.position); !slices.Equal(got, epochs) {
		t.Fatalf("%s has epochs %v, the log has %v", r.cfg.Region, got, epochs)
	}
	ids := 0
	if err := r.contents.disk.db.View(func(tx *bbolt.Tx) error {
		ids = tx.Bucket(idsBucket).Stats().KeyN
		return nil
	}); err != nil || ids != len(entries) {
		t.Fatalf("%s has %d ids for %d entries (%v)", r.cfg.Region, ids, len(entries), err)
	}
}

// fill writes a log as "1:a,b 2:c" says it: epoch, then ids.
func fill(t testing.TB, r *Replica, text string) {
	t.Helper()
	must(t, r.contents.apply(t.Context(), step{
		write: func(c *change) error {
			for _, part := range strings.Fields(text) {
				epoch, ids, _ := strings.Cut(part, ":")
				for _, id := range strings.Split(ids, ",") {
					var n uint64
					if _, err := fmt.Sscan(epoch, &n); err != nil {
						return err
					}
					c.saved.Seen, c.saved.Authority = n, n
					if err := c.append(store.Entry{Index: c.position + 1, Epoch: n, ID: id, Payload: payloadOf(id)}); err != nil {
						return err
					}
				}
			}
			return nil
		},
	}))
}

// exported reads what a cut left in its file.
func exported(t testing.TB, file string) []store.Entry {
	t.Helper()
	f, err := os.Open(file)
	must(t, err)
	defer f.Close()
	var all []store.Entry
	for d := json.NewDecoder(f); d.More(); {
		var e store.Entry
		must(t, d.Decode(&e))
		all = append(all, e)
	}
	return all
}

func ids(entries []store.Entry) string {
	var all []string
	for _, e := range entries {
		all = append(all, e.ID)
	}
	return strings.Join(all, ",")
}

// begun is a following that does nothing by itself.
func begun(t testing.TB, r *Replica, authority string, epoch uint64) *following {
	t.Helper()
	var term *replica.Following
	l := replica.New(replica.Config{Dataset: dataset, Region: r.cfg.Region, Run: "test", Clock: r.cfg.Clock}, replica.Epochs{})
	must(t, l.Follow(t.Context(), authority, epoch, func(c *replica.Change) error {
		term = c.Done()
		return nil
	}))
	t.Cleanup(func() { l.Close() })
	return newFollowing(r, l, term)
}
