package conformance

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const dataset = "orders"

// lab is some replicas of one dataset, and what is between them.
type lab struct {
	t       *testing.T
	engine  Engine
	network *network
	folder  string
	dirs    map[string]string
	clocks  map[string]*clock
	regions []string
	runs    int
	spec    topology.Dataset
	epoch   uint64
	written int
}

// clock is the time since the lab began, and leaps by hand as that of a process does
// that was frozen.
type clock struct {
	began time.Time
	leapt atomic.Int64
}

func (c *clock) read() time.Duration   { return time.Since(c.began) + time.Duration(c.leapt.Load()) }
func (c *clock) leap(by time.Duration) { c.leapt.Add(int64(by)) }

func newLab(t *testing.T, e Engine) *lab {
	// Before what closes the replicas: a folder is removed once they are closed, and not under
	// servers that begin to mend what they miss.
	l := &lab{t: t, engine: e, network: newNetwork(), folder: t.TempDir(), dirs: map[string]string{}, clocks: map[string]*clock{}, spec: topology.Dataset{Name: dataset, Mode: topology.ModeAsync}}
	t.Cleanup(func() {
		for _, region := range l.regions {
			r := l.at(region)
			if _, err := r.Status(context.Background()); err == nil && l.engine.Sound != nil && !t.Failed() {
				l.engine.Sound(t, r)
			}
			if err := r.Close(); err != nil {
				t.Errorf("close %s: %v", region, err)
			}
			if _, err := os.Stat(l.dirs[region]); err != nil {
				t.Errorf("%s was closed after its folder was removed: %v", region, err)
			}
		}
	})
	return l
}

// open opens the replicas of some new regions, configured with the dataset. The first
// is its authority.
func (l *lab) open(regions ...string) *lab {
	l.t.Helper()
	for _, region := range regions {
		l.dirs[region] = filepath.Join(l.folder, region)
		l.must(os.Mkdir(l.dirs[region], 0o755))
		l.clocks[region] = &clock{began: time.Now().Add(-time.Hour)}
	}
	l.spec.Regions, l.spec.Authority = append(l.spec.Regions, regions...), regions[0]
	for _, region := range regions {
		l.start(region)
		l.regions = append(l.regions, region)
	}
	return l
}

// led opens regions of which the first leads the others, in a mode. They are current
// before anything is written: a PostgreSQL standby that is cloned while a write waits
// for it shows that write only with the next snapshot of running transactions, 15 s later.
func (l *lab) led(mode topology.Durability, regions ...string) *lab {
	l.t.Helper()
	l.spec.Mode, l.spec.With = mode.Mode, mode.With
	l.open(regions...)
	l.lead(regions[0])
	l.follow(regions[0], regions[1:]...)
	l.current(regions[0], regions[1:]...)
	return l
}

// start opens a region's replica, as its process does when it starts.
func (l *lab) start(region string) Replica {
	l.t.Helper()
	l.runs++
	r, err := l.engine.Open(Opening{
		Dir: l.dirs[region], Dataset: dataset, Region: region, Run: fmt.Sprintf("run-%d", l.runs),
		Upstream: upstream{l.network, region}, Clock: l.clocks[region].read, Logger: slog.New(slog.DiscardHandler),
	})
	l.must(err)
	l.must(r.Configure(l.ctx(), l.spec))
	l.network.put(region, r)
	return r
}

func (l *lab) restart(region string) Replica {
	l.t.Helper()
	l.must(l.at(region).Close())
	return l.start(region)
}

func (l *lab) at(region string) Replica { return l.network.at(region) }

func (l *lab) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// want checks an error; nil is none.
func (l *lab) want(what string, got, want error) {
	l.t.Helper()
	if !errors.Is(got, want) || want == nil && got != nil {
		l.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// until waits for a condition, and says what is missing when it does not come.
func (l *lab) until(what string, hold func() bool) {
	l.t.Helper()
	for limit := time.Now().Add(l.engine.Within); !hold(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			for _, region := range l.regions {
				s, err := l.at(region).Status(context.Background())
				l.t.Logf("%s: %+v, %v", region, s, err)
			}
			l.t.Fatalf("not within %s: %s", l.engine.Within, what)
		}
	}
}

func (l *lab) status(region string) store.Status {
	l.t.Helper()
	s, err := l.at(region).Status(l.ctx())
	l.must(err)
	return s
}

// lead makes a region the authority in the next epoch, with a lease that outlasts the case.
func (l *lab) lead(region string) {
	l.t.Helper()
	l.epoch++
	l.must(l.at(region).Promote(l.ctx(), l.epoch))
	l.grant(region, math.MaxInt64)
}

func (l *lab) grant(region string, lease time.Duration) {
	l.t.Helper()
	l.must(l.at(region).Grant(l.ctx(), l.epoch, l.status(region).Clock, lease))
}

func (l *lab) follow(authority string, regions ...string) {
	l.t.Helper()
	for _, region := range regions {
		l.must(l.at(region).Follow(l.ctx(), authority, l.epoch))
	}
}

// configure sets a region's mode.
func (l *lab) configure(region string, d topology.Durability) {
	l.t.Helper()
	l.spec.Mode, l.spec.With = d.Mode, d.With
	l.must(l.at(region).Configure(l.ctx(), l.spec))
}

func payloadOf(id string) []byte { return []byte("payload of " + id) }

// try appends one write.
func (l *lab) try(region, id string) error {
	_, err := l.at(region).Append(l.ctx(), store.Write{ID: id, Payload: payloadOf(id)})
	return err
}

// begin appends one write beside the case, which may take its time.
func (l *lab) begin(ctx context.Context, region, id string) <-chan error {
	answered := make(chan error, 1)
	go func() {
		_, err := l.at(region).Append(ctx, store.Write{ID: id, Payload: payloadOf(id)})
		answered <- err
	}()
	return answered
}

func (l *lab) write(region string, ids ...string) {
	l.t.Helper()
	for _, id := range ids {
		l.must(l.try(region, id))
	}
}

// contents is everything that a region holds, in order.
func (l *lab) contents(region string) (all []store.Entry) {
	l.t.Helper()
	l.must(l.at(region).Audit(l.ctx(), 0, func(e store.Entry) error {
		all = append(all, e)
		return nil
	}))
	return all
}

func ids(entries []store.Entry) string {
	all := make([]string, len(entries))
	for i, e := range entries {
		all[i] = e.ID
	}
	return strings.Join(all, ",")
}

func same(a, b []store.Entry) bool {
	return slices.EqualFunc(a, b, func(a, b store.Entry) bool {
		return a.Index == b.Index && a.Epoch == b.Epoch && a.ID == b.ID && string(a.Payload) == string(b.Payload)
	})
}

// current waits until followers hold what their authority does.
func (l *lab) current(authority string, regions ...string) {
	l.t.Helper()
	for _, region := range regions {
		l.until(region+" is current", func() bool {
			a, s := l.status(authority), l.status(region)
			return s.Error == "" && !s.Seeding && s.Role == role.Follower && s.LastIn == a.LastIn && s.Entries == a.Entries && s.Position >= a.Position
		})
		if got, want := l.contents(region), l.contents(authority); !same(got, want) {
			l.t.Fatalf("%s holds %s, its authority %s %s", region, ids(got), authority, ids(want))
		}
	}
}

// reported waits until an authority knows that followers have all that it has.
func (l *lab) reported(authority string, regions ...string) {
	l.t.Helper()
	l.until(fmt.Sprintf("%s knows that %v have everything", authority, regions), func() bool {
		s := l.status(authority)
		return !slices.ContainsFunc(regions, func(region string) bool { return s.Followers[region] < s.Position })
	})
}

// exported is what a cut left in its file.
func (l *lab) exported(cut *store.Cut) (all []store.Entry) {
	l.t.Helper()
	l.must(diverged.Read(cut.Exported, func(e store.Entry) error {
		all = append(all, e)
		return nil
	}))
	return all
}
