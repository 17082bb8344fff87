package localfleet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// next is another process's fleet on the same state: what it knows is on disk.
func (l *lab) next(change ...func(*Config)) *lab {
	l.t.Helper()
	return newLab(l.t, "", append([]func(*Config){func(c *Config) { c.StateDir = l.state }}, change...)...)
}

func (l *lab) upNow() *lab {
	l.t.Helper()
	if err := l.Up(context.Background()); err != nil {
		l.t.Fatal(err)
	}
	return l
}

func stays(c *Config) { c.Stay = true }

// What up leaves is joined, drilled on as if it were one's own, and left again, any number
// of times.
func TestStay(t *testing.T) {
	ctx := context.Background()
	first := upLab(t, "", stays)
	pids := map[string]int{}
	for _, r := range []string{"a", "b", "c"} {
		pids[r] = first.pid(r)
	}
	if !first.Leave() {
		t.Fatal("not left")
	}
	if first.Leave() {
		t.Error("left again")
	}
	second := first.next().upNow() // it need not ask for what is there already
	if second.Token() != first.Token() {
		t.Error("has another secret")
	}
	for r, pid := range pids {
		if second.pid(r) != pid || second.starts(r) != 1 || !second.serves(r) {
			t.Errorf("%s: process %d, was %d", r, second.pid(r), pid)
		}
	}
	address, err := second.Address(ctx, "b")
	if err != nil {
		t.Fatal(err)
	}
	proof, err := second.Do(ctx, "b", fleet.OpKill)
	if text := proved(t, proof, err); text != fmt.Sprintf("process %d ended, port refuses", pids["b"]) || !refused(address) {
		t.Errorf("kill: %q", text)
	}
	proof, err = second.Do(ctx, "b", fleet.OpRestore)
	if text := proved(t, proof, err); !strings.Contains(text, "started") || second.starts("b") != 2 {
		t.Errorf("restore: %q", text)
	}
	proof, err = second.Do(ctx, "a", fleet.OpFreeze)
	proved(t, proof, err)
	proof, err = second.Do(ctx, "c", fleet.OpCordon)
	if text := proved(t, proof, err); !strings.Contains(text, fmt.Sprintf("process %d ended; record says unschedulable", pids["c"])) {
		t.Errorf("cordon: %q", text)
	}
	if !second.Leave() {
		t.Fatal("what was joined is not left")
	}
	third := second.next().upNow()
	for _, r := range []string{"a", "b", "c"} {
		if !third.serves(r) {
			t.Errorf("%s does not serve after it was joined", r)
		}
	}
	if third.pid("a") != pids["a"] || third.starts("b") != 2 || third.starts("c") != 2 {
		t.Error("the frozen one was started anew, or the restored one, or the cordoned one not")
	}
	third.awaitSeen("c", "joined", func(s drill.RegionSeen) bool { return s.NodeReady && !s.Unschedulable })
}

// A process that ends while nobody does it is said, also where another process started it.
func TestAJoinedRegionEndsByItself(t *testing.T) {
	first := upLab(t, "", stays)
	first.Leave()
	l := first.next().upNow()
	p, err := record.Identify(l.pid("b"))
	if err != nil {
		t.Fatal(err)
	}
	if err := record.Kill(p); err != nil {
		t.Fatal(err)
	}
	if !soon(func() bool {
		for _, b := range l.reported() {
			if f, is := b.(drill.TaskFailed); is && f.Task == "region b" && strings.Contains(f.Next, "restore b") {
				return true
			}
		}
		return false
	}) {
		t.Error("not said")
	}
}

func TestJoinIsRefused(t *testing.T) {
	first := upLab(t, "", stays)
	first.Leave()
	other := first.next(func(c *Config) { c.Fleet.Regions = c.Fleet.Regions[:2] })
	if err := other.Up(context.Background()); !errors.Is(err, fleet.ErrExists) || !strings.Contains(err.Error(), "fleetdrill down three") {
		t.Errorf("other regions: %v", err)
	}
	if err := other.Down(context.Background()); err != nil {
		t.Fatal(err)
	}
	last := first.next().upNow()
	if !last.serves("c") || last.starts("c") != 1 {
		t.Error("a refused join took something away")
	}
}

// What can't be brought back is left as it is, and so is the rest.
func TestAFailedJoinTakesNothingAway(t *testing.T) {
	first := upLab(t, "", stays)
	ctx := context.Background()
	proof, err := first.Do(ctx, "b", fleet.OpKill)
	proved(t, proof, err)
	first.Leave()
	l := first.next(func(c *Config) { c.Binary = "/nowhere/agent" })
	if err := l.Up(ctx); !errors.Is(err, fleet.ErrLeft) {
		t.Errorf("Up: %v, want ErrLeft", err)
	}
	if err := l.Down(ctx); err != nil {
		t.Fatal(err)
	}
	last := first.next().upNow()
	if a, b := last.starts("a"), last.starts("b"); a != 1 || b != 2 || !last.serves("a") {
		t.Errorf("the regions that ran were touched: a started %d times and serves: %v, b started %d times", a, last.serves("a"), b)
	}
}

// A region that ran before is not ended because bringing up the others failed meanwhile.
func TestACancelledJoinEndsNoRegion(t *testing.T) {
	l := upLab(t, "", stays)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for range 20 {
		if err := l.starter.revive(cancelled, l.current(), l.regions[0]); err != nil {
			t.Fatal(err)
		}
	}
	if !l.serves("a") || l.starts("a") != 1 {
		t.Errorf("region a was ended: it was started %d times", l.starts("a"))
	}
}

// Another build, or another web tier, is another process on the same data.
func TestJoinWithAnotherProgram(t *testing.T) {
	first := upLab(t, "", stays)
	first.Leave()
	l := first.next(func(c *Config) { c.Fleet.Web.Replicas = 3 }).upNow()
	for _, r := range []string{"a", "b", "c"} {
		if l.starts(r) != 2 || !l.serves(r) {
			t.Errorf("%s was started %d times", r, l.starts(r))
		}
	}
}
