package localfleet

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// TestRealAgent goes through everything with the program itself instead of the
// fakes, and says how long it took.
func TestRealAgent(t *testing.T) {
	binary := os.Getenv("FLEETDRILL_BIN")
	if binary == "" {
		t.Skip("SKIPPED: needs the built program; FLEETDRILL_BIN is not set (make test-drills)")
	}
	l := newLab(t, "", func(c *Config) { c.Binary = binary })
	ctx := context.Background()
	began := time.Now()
	if err := l.Up(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("up in %s", time.Since(began))
	for _, region := range []string{"a", "b", "c"} {
		l.awaitSeen(region, "up", func(s drill.RegionSeen) bool { return s.NodeReady && s.WebReady == 2 && len(s.Pods) == 2 })
	}
	steps := []struct {
		op fleet.Op
		up bool
	}{
		{fleet.OpKill, false}, {fleet.OpRestore, true},
		{fleet.OpFreeze, false}, {fleet.OpRestore, true},
		{fleet.OpCordon, false}, {fleet.OpUncordon, true},
	}
	for _, s := range steps {
		began := time.Now()
		proof, err := l.Do(ctx, "b", s.op)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%-8s in %-12s %s", s.op, time.Since(began).Round(100*time.Microsecond), proof.Text)
		wanted := 0
		if s.up {
			wanted = 2
		}
		l.awaitSeen("b", string(s.op), func(seen drill.RegionSeen) bool { return seen.NodeReady == s.up && seen.WebReady == wanted })
	}
	began = time.Now()
	if err := l.Down(ctx); err != nil {
		t.Fatal(err)
	}
	t.Logf("down in %s", time.Since(began))
}
