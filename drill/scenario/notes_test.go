package scenario

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/scenario/remark"
)

// A region that keeps no replica is right, and the check says what it costs; residency
// refuses its users, and a dataset that nobody uses costs nobody anything.
func TestNotesOfAFleet(t *testing.T) {
	plan, fleet, err := Load(filepath.Join("testdata", "two-of-three.fleet.yaml"))
	if err != nil || plan != nil {
		t.Fatalf("%v, %v", plan, err)
	}
	want := []string{
		"south keeps no replica of orders: reads of its users go on to west, the nearest that does; each takes that round trip of 60ms more, and its answer counts as egress",
		"residency: citizens is pinned to EU, east is in US: reads and writes of its users there are refused",
		"residency: citizens is pinned to EU, south is in no jurisdiction: reads and writes of its users there are refused",
	}
	if got := remark.Of(fleet); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLoadTakesDrillsAndFleets(t *testing.T) {
	for name, drills := range map[string]bool{"lose-the-authority": true, "three-regions": false} {
		plan, fleet, err := Load(name)
		if err != nil || (plan != nil) != drills || fleet.Name == "" {
			t.Errorf("%s: %v, %q, %v", name, plan, fleet.Name, err)
		}
	}
	if _, _, err := Load("no-such-thing"); err == nil {
		t.Error("what does not ship was loaded")
	}
}
