package scenario

import (
	"path/filepath"
	"slices"
	"strings"
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
		"south (+60ms to west) keeps no replica of orders: reads of users there go on to the nearest region that does; each takes that round trip more, and its answer counts as egress",
		"residency: citizens is pinned to EU, east is in US: reads and writes of its users there are refused",
		"residency: citizens is pinned to EU, south is in no jurisdiction: reads and writes of its users there are refused",
	}
	if got := remark.Of(fleet); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Many regions without a replica of a dataset are one note.
func TestANoteADataset(t *testing.T) {
	_, fleet, err := Load("four-strategies")
	if err != nil {
		t.Fatal(err)
	}
	notes := remark.Of(fleet)
	if len(notes) != 4 || !strings.HasPrefix(notes[0], "pilot-us (+1ms to backup-us), warm-us (+1ms to backup-us), active-us (+1ms to backup-us), pilot-eu (+2ms to backup-eu), warm-eu (+2ms to backup-eu), active-eu (+2ms to backup-eu) and active-uk (+11ms to backup-eu) keep no replica of backup-data: ") {
		t.Errorf("notes:\n%s", strings.Join(notes, "\n"))
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
