package localfleet

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func spec() topology.Fleet {
	return topology.Fleet{
		Name:    "three",
		Regions: []topology.Region{{Name: "a"}, {Name: "b"}, {Name: "c"}},
		Web:     topology.Web{Replicas: 2, Capacity: 200},
	}
}

// lab is a fleet of fakes and all it has reported.
type lab struct {
	*Platform
	t     *testing.T
	state string

	mu     sync.Mutex
	events []drill.Body
}

// newLab makes a fleet that is not up yet, and checks at the end that Down leaves
// no process, no file and no goroutine.
func newLab(t *testing.T, modes string, change ...func(*Config)) *lab {
	t.Helper()
	t.Setenv(modesVariable, modes)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{t: t, state: t.TempDir()}
	cfg := Config{Fleet: spec(), StateDir: l.state, Binary: self, ReadyWithin: 10 * time.Second, Report: func(b drill.Body) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.events = append(l.events, b)
	}}
	for _, c := range change {
		c(&cfg)
	}
	l.state = cfg.StateDir
	l.Platform, err = New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		var all []record.Process
		for _, c := range l.children() {
			if p, err := record.Identify(c.pid); err == nil {
				all = append(all, p)
			}
		}
		for range 2 {
			if err := l.Down(context.Background()); err != nil {
				t.Errorf("Down: %v", err)
			}
		}
		for _, p := range all {
			if record.Alive(p) {
				t.Errorf("process %d is left", p.PID)
			}
		}
		if entries, _ := os.ReadDir(l.state); len(entries) != 0 {
			t.Errorf("left on disk: %v", entries)
		}
		stack := make([]byte, 1<<20)
		var text string
		if !soon(func() bool {
			text = string(stack[:runtime.Stack(stack, true)])
			return !strings.Contains(text, "localfleet.(*") && !strings.Contains(text, "below.OpenSpawner")
		}) {
			t.Errorf("goroutines are left:\n%s", text)
		}
	})
	return l
}

func upLab(t *testing.T, modes string, change ...func(*Config)) *lab {
	t.Helper()
	l := newLab(t, modes, change...)
	if err := l.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *lab) children() []*child {
	var all []*child
	for _, r := range l.regions {
		if c := r.current(); c != nil {
			all = append(all, c)
		}
	}
	return all
}

func (l *lab) reported() []drill.Body {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events)
}

// seen is the last that was reported of a region.
func (l *lab) seen(region string) drill.RegionSeen {
	for _, b := range slices.Backward(l.reported()) {
		if s, ok := b.(drill.RegionSeen); ok && s.Region == region {
			return s
		}
	}
	return drill.RegionSeen{}
}

// awaitSeen waits until what was last reported of a region is as wanted.
func (l *lab) awaitSeen(region, what string, wanted func(drill.RegionSeen) bool) {
	l.t.Helper()
	if !soon(func() bool { return wanted(l.seen(region)) }) {
		l.t.Errorf("%s: not reported of %s; last was %+v", what, region, l.seen(region))
	}
}

// commands is what was sent to a region, as lines.
func (l *lab) commands(region string) []string {
	var lines []string
	for _, b := range l.reported() {
		if c, ok := b.(drill.FleetCommanded); ok && c.Region == region {
			lines = append(lines, c.Line)
		}
	}
	return lines
}

func (l *lab) pid(region string) int { return l.byName[region].current().pid }

func (l *lab) starts(region string) int {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(l.state, "fleets", "three", "regions", region, "starts"))
	if err != nil {
		l.t.Fatal(err)
	}
	return strings.Count(string(text), "\n")
}

// serves reports whether the region answers at its address now.
func (l *lab) serves(region string) bool {
	address, err := l.Address(context.Background(), region)
	if err != nil {
		return false
	}
	for range 3 { // it may be this machine that stands still
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		h, err := l.probe.client(address, region).Health(ctx)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			return err == nil && h.Region == region
		}
	}
	return false
}

func proved(t *testing.T, proof fleet.Proof, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if proof.At.IsZero() {
		t.Error("the proof has no time")
	}
	return proof.Text
}

// soon waits for a condition, at most ten seconds.
func soon(is func() bool) bool {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if is() {
			return true
		}
	}
	return is()
}

func refused(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

func gone(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}
