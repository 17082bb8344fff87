package localfleet

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// zonedLab is a fleet of real agents: one region with three zones, and one without any.
func zonedLab(t *testing.T) *lab {
	t.Helper()
	t.Setenv(realVariable, "yes")
	return upLab(t, "", func(c *Config) {
		c.Fleet.Regions = []topology.Region{{Name: "a", Zones: 3, StoreZone: "b"}, {Name: "b"}}
		c.Fleet.Web.Replicas = 3
	})
}

// ready is the zones of a region that are ready, as it was seen.
func ready(s drill.RegionSeen) string {
	var names []string
	for _, z := range s.Zones {
		if z.Ready {
			names = append(names, z.Name)
		}
	}
	return strings.Join(names, " ")
}

// A zone is killed, frozen and restored by itself, and the region goes on meanwhile.
func TestAZoneIsBrokenByItself(t *testing.T) {
	l := zonedLab(t)
	ctx := context.Background()
	do := func(zone string, op fleet.Op, says, left string, webs int) {
		t.Helper()
		proof, err := l.DoZone(ctx, zone, op)
		if text := proved(t, proof, err); !strings.Contains(text, says) {
			t.Errorf("%s %s: proof %q", op, zone, text)
		}
		if !l.serves("a") || !l.serves("b") {
			t.Errorf("after %s %s a region does not serve", op, zone)
		}
		l.awaitSeen("a", string(op), func(s drill.RegionSeen) bool { return ready(s) == left && s.WebReady == webs })
	}
	l.awaitSeen("a", "up", func(s drill.RegionSeen) bool { return ready(s) == "a-a a-b a-c" && s.WebReady == 3 && len(s.Pods) == 3 })
	do("a-c", fleet.OpKill, " killed by signal 9, the gateway has no way to it", "a-a a-b", 2)
	if _, err := l.DoZone(ctx, "a-c", fleet.OpKill); !errors.Is(err, fleet.ErrDown) {
		t.Errorf("again: %v", err)
	}
	do("a-a", fleet.OpFreeze, "stopped (state T)", "a-b", 1)
	do("a-c", fleet.OpRestore, " answers the gateway's checks", "a-b a-c", 2)
	do("a-b", fleet.OpKill, "processes ", "a-c", 1) // with the store
	do("a-a", fleet.OpRestore, " answers the gateway's checks", "a-a a-c", 2)
	// A restore of the region brings back what is left.
	proof, err := l.Do(ctx, "a", fleet.OpRestore)
	proved(t, proof, err)
	l.awaitSeen("a", "restore", func(s drill.RegionSeen) bool { return ready(s) == "a-a a-b a-c" && s.WebReady == 3 })
	for _, region := range []string{"a", "b"} {
		for _, op := range []fleet.Op{fleet.OpFreeze, fleet.OpRestore, fleet.OpKill, fleet.OpRestore} {
			proof, err := l.Do(ctx, region, op)
			proved(t, proof, err)
		}
	}
	l.awaitSeen("a", "restore", func(s drill.RegionSeen) bool { return ready(s) == "a-a a-b a-c" && s.WebReady == 3 })
	if _, err := l.DoZone(ctx, "a-z", fleet.OpKill); err == nil || !strings.Contains(err.Error(), "a-a, a-b, a-c") {
		t.Errorf("a zone that is none: %v", err)
	}
	if _, err := l.DoZone(ctx, "a-a", fleet.OpCordon); !errors.Is(err, fleet.ErrCannot) {
		t.Errorf("a cordon of a zone: %v", err)
	}
	// What is stopped goes with the fleet too (newLab looks).
	proof, err = l.DoZone(ctx, "a-b", fleet.OpFreeze)
	proved(t, proof, err)
}

// The web tier dies alone: no replica answers, the store and the gateway do, until the region is restored.
func TestTheWebTierDiesAlone(t *testing.T) {
	l := zonedLab(t)
	ctx := context.Background()
	for _, region := range []string{"a", "b"} {
		proof, err := l.Do(ctx, region, fleet.OpKillTier)
		proved(t, proof, err)
		address, err := l.Address(ctx, region)
		if err != nil {
			t.Fatal(err)
		}
		if l.serves(region) {
			t.Errorf("%s serves without a web tier", region)
		}
		if _, err := l.probe.client(address, region).Status(ctx); err != nil {
			t.Errorf("the store of %s went with its web tier: %v", region, err)
		}
		l.awaitSeen(region, "killed", func(s drill.RegionSeen) bool { return s.NodeReady && s.WebReady == 0 })
		proof, err = l.Do(ctx, region, fleet.OpRestore)
		proved(t, proof, err)
		l.awaitSeen(region, "restored", func(s drill.RegionSeen) bool { return s.WebReady == 3 })
		if !l.serves(region) {
			t.Errorf("%s does not serve again", region)
		}
	}
}

// A region is scaled by processes that start, over its zones where it has some. They break with the region and with their zone,
// and go with the web tier, and the region has them again after that.
func TestARegionIsScaledByProcesses(t *testing.T) {
	l := zonedLab(t)
	ctx := context.Background()
	webs := func(region string) (all []wire.ZoneProcess) {
		t.Helper()
		address, err := l.Address(ctx, region)
		if err == nil {
			all, err = wire.Zones(ctx, l.probe.client(address, region))
		}
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(all, func(p wire.ZoneProcess) bool { return p.Store })
	}
	for region, began := range map[string]int{"a": 0, "b": 3} { // in the region's own process
		for _, n := range []int{5, 4} {
			proof, err := l.Scale(ctx, region, n)
			if text := proved(t, proof, err); !strings.Contains(text, "process") {
				t.Errorf("%s: proof %q", region, text)
			}
			if all := webs(region); len(all) != n-began {
				t.Errorf("%s scaled to %d: %+v", region, n, all)
			}
			l.awaitSeen(region, "scaled", func(s drill.RegionSeen) bool { return s.WebReady == n && s.WebWanted == n && len(s.Pods) == n })
		}
		for _, op := range []fleet.Op{fleet.OpFreeze, fleet.OpRestore, fleet.OpKillTier} {
			proof, err := l.Do(ctx, region, op)
			proved(t, proof, err)
		}
		if all := webs(region); slices.ContainsFunc(all, func(p wire.ZoneProcess) bool { return p.PID != 0 }) || l.serves(region) {
			t.Errorf("the web tier of %s is left: %+v", region, all)
		}
		proof, err := l.Do(ctx, region, fleet.OpRestore)
		proved(t, proof, err)
		l.awaitSeen(region, "restored", func(s drill.RegionSeen) bool { return s.WebReady == 4 })
		if all := webs(region); slices.ContainsFunc(all, func(p wire.ZoneProcess) bool { return !p.Up }) {
			t.Errorf("%s has not all that it had: %+v", region, all)
		}
	}
	// One that ended by itself is begun again where it is to run, and is in nobody's way where it is not.
	for region, n := range map[string]int{"a": 3, "b": 3} {
		for _, which := range slices.Compact([]int{0, len(webs(region)) - 1}) { // it may be one alone
			if err := syscall.Kill(webs(region)[which].PID, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			for began := time.Now(); webs(region)[which].Up; time.Sleep(time.Millisecond) { // until its region knows
				if time.Since(began) > 20*time.Second {
					t.Fatalf("%s takes its replica for up that was killed: %+v", region, webs(region))
				}
			}
		}
		proof, err := l.Scale(ctx, region, n)
		proved(t, proof, err)
		proof, err = l.Scale(ctx, region, 4)
		proved(t, proof, err)
	}
	if all := webs("a"); all[3].Zone != "a-a" {
		t.Errorf("the fourth over three zones: %+v", all)
	}
	proof, err := l.DoZone(ctx, "a-a", fleet.OpKill)
	proved(t, proof, err)
	l.awaitSeen("a", "a zone less", func(s drill.RegionSeen) bool { return s.WebReady == 2 })
	// Processes of web replicas are below the region's, and are not taken for its store: it keeps no dataset.
	if _, err := l.Do(ctx, "b", fleet.OpHangStore); err == nil || !strings.Contains(err.Error(), "no replica is open") {
		t.Errorf("the store of b hangs: %v", err)
	}
	if !l.serves("b") {
		t.Error("what could not be hung left the region broken")
	}
}
