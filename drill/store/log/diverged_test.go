package log

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

func TestDivergedTails(t *testing.T) {
	tests := []struct {
		name      string
		authority string // its log
		epoch     uint64 // that it leads
		follower  string
		cut       string // ids expected to be cut
	}{
		{"both empty", "", 1, "", ""},
		{"empty follower", "1:a,b 2:c", 3, "", ""},
		{"equal logs", "1:a,b", 2, "1:a,b", ""},
		{"behind in the same epoch", "1:a,b,c", 2, "1:a", ""},
		{"behind by an epoch", "1:a,b 2:c", 3, "1:a", ""},
		{"ahead of the one that was promoted", "1:a,b", 2, "1:a,b,x,y", "x,y"},
		{"equal positions, different contents", "1:a 2:b,c", 3, "1:a,x,y", "x,y"},
		{"two failovers missed", "1:a,b 2:c 3:d", 4, "1:a,b,x,y,z", "x,y,z"},
		{"led an epoch that nobody else saw (KIP-279)", "1:a,b 2:c,d", 4, "1:a,b 3:x,y", "x,y"},
		{"led two such epochs, either side of the authority's", "1:a 3:b,c", 6, "1:a 2:x 4:y 5:z", "x,y,z"},
		{"led one after less of a shared epoch", "1:a,b,c,d", 3, "1:a,b 2:x", "x"},
		{"shares an epoch in the middle only in part", "1:a 2:b 4:c", 5, "1:a 2:b,x 3:y", "x,y"},
		{"nothing in common", "2:a", 3, "1:x,y", "x,y"},
		{"authority lost its disk", "", 2, "1:x,y", "x,y"},
		{"a retried write is in both, at other places", "1:a 2:r,b", 3, "1:a,x,r", "x,r"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, nil, "east", "west")
			east, west := f.at("east"), f.at("west")
			fill(t, east, tt.authority)
			fill(t, west, tt.follower)
			before := entriesOf(t, west)
			lead(t, east, tt.epoch)
			must(t, west.Follow(context.Background(), "east", tt.epoch))
			untilEqual(t, west, east)

			s := status(t, west)
			switch {
			case tt.cut == "" && s.Cut != nil:
				t.Fatalf("cut %+v, nothing had diverged", *s.Cut)
			case tt.cut != "":
				if s.Cut == nil {
					t.Fatal("no cut is reported")
				}
				tail := exported(t, s.Cut.Exported)
				if ids(tail) != tt.cut || s.Cut.Entries != len(tail) || s.Cut.From != tail[0].Index {
					t.Errorf("exported %s, %+v; want %s", ids(tail), *s.Cut, tt.cut)
				}
				if !sameLog(tail, before[s.Cut.From-1:]) {
					t.Errorf("exported %+v, the log had %+v", tail, before[s.Cut.From-1:])
				}
			}

			write(t, east, "later")
			untilEqual(t, west, east)
			f.restart("west")
			untilEqual(t, f.at("west"), east)
		})
	}
}

// An epoch that was led without a write leaves no trace in the history of whoever
// then copies more of an older epoch.
func TestEpochWithoutWrites(t *testing.T) {
	f := newFleet(t, nil, "east", "west", "south")
	fill(t, f.at("east"), "1:a 2:b,c,d")
	fill(t, f.at("west"), "1:a 2:b")
	must(t, f.at("west").Promote(t.Context(), 3))
	lead(t, f.at("east"), 4)
	must(t, f.at("west").Follow(t.Context(), "east", 4))
	untilEqual(t, f.at("west"), f.at("east"))

	// Were there one, south would be told that epoch 2 ended before c.
	fill(t, f.at("south"), "1:a 2:b,c,d")
	lead(t, f.at("west"), 5)
	must(t, f.at("south").Follow(t.Context(), "west", 5))
	untilEqual(t, f.at("south"), f.at("west"))
	if cut := status(t, f.at("south")).Cut; cut != nil {
		t.Errorf("cut %+v, nothing had diverged", *cut)
	}
}

func TestCrashBetweenExportAndCut(t *testing.T) {
	f := newFleet(t, nil, "east", "west")
	fill(t, f.at("east"), "1:a 2:b")
	fill(t, f.at("west"), "1:a,x,y")
	lead(t, f.at("east"), 3)

	// What Follow does up to the cut; then the process dies.
	west := f.at("west")
	following := begun(t, west, "east", 3)
	keep, position, err := following.commonPoint()
	must(t, err)
	exportedFirst, err := following.export(keep, position)
	must(t, err)
	first := exportedFirst.Exported
	half := filepath.Join(filepath.Dir(first), "123.unfinished")
	must(t, os.WriteFile(half, []byte(`{"index":2,`), 0o600))

	west = f.restart("west")
	if got := ids(entriesOf(t, west)); got != "a,x,y" {
		t.Fatalf("after the crash the log has %s", got)
	}
	if _, err := os.Stat(half); !os.IsNotExist(err) {
		t.Errorf("the half-written export is still there (%v)", err)
	}
	must(t, west.Follow(t.Context(), "east", 3))
	untilEqual(t, west, f.at("east"))
	cut := status(t, west).Cut
	if cut == nil || cut.Exported != first || ids(exported(t, first)) != "x,y" {
		t.Fatalf("cut %+v, want the same file %s with x,y", cut, first)
	}
	files, err := os.ReadDir(filepath.Dir(first))
	if must(t, err); len(files) != 1 {
		t.Errorf("%d files were exported, want 1", len(files))
	}
}

// A tail that was cut is told of until the replica is current, restarts or not, and
// not again after that.
func TestRestartBetweenCutAndCurrent(t *testing.T) {
	f := newFleet(t, nil, "east", "west")
	east, west := f.at("east"), f.at("west")
	fill(t, east, "1:a 2:b")
	fill(t, west, "1:a,x,y")
	lead(t, east, 3)
	following := begun(t, west, "east", 3)
	must(t, following.cutTail(1, 3))
	cut := *status(t, west).Cut

	west = f.restart("west")
	if s := status(t, west); s.Position != 1 || s.Cut == nil || *s.Cut != cut {
		t.Fatalf("opened anew it has %d entries and tells of %+v, want 1 and %+v", s.Position, s.Cut, cut)
	}
	must(t, west.Follow(t.Context(), "east", 3))
	untilEqual(t, west, east)
	if s := status(t, west); s.Cut == nil || *s.Cut != cut {
		t.Errorf("current it tells of %+v, want %+v", s.Cut, cut)
	}
	until(t, "it has noted that it caught up", func() bool {
		return west.contents.view().tail == nil
	})
	if s := status(t, f.restart("west")); s.Cut != nil {
		t.Errorf("opened again it tells of %+v, long after it caught up", *s.Cut)
	}
}

// A long tail goes in several reads and one cut.
func TestLongTail(t *testing.T) {
	f := newFleet(t, func(c *Config) { c.BatchBytes = 1 << 10 }, "east", "west")
	var names []string
	for _, a := range "abcdefghijklmnopqrstuvwxyz" {
		for _, b := range "abcdefghijklmnopqrstuvwxyz" {
			names = append(names, "x"+string(a)+string(b))
		}
	}
	fill(t, f.at("west"), "1:a "+"1:"+strings.Join(names, ","))
	fill(t, f.at("east"), "1:a 2:b")
	lead(t, f.at("east"), 3)
	must(t, f.at("west").Follow(t.Context(), "east", 3))
	untilEqual(t, f.at("west"), f.at("east"))
	cut := status(t, f.at("west")).Cut
	if cut == nil || cut.Entries != len(names) || ids(exported(t, cut.Exported)) != strings.Join(names, ",") {
		t.Fatalf("cut %+v, want %d entries", cut, len(names))
	}
}

// An audit must not show a part of one history and a part of another.
func TestAuditDuringCut(t *testing.T) {
	f := newFleet(t, func(c *Config) { c.BatchBytes = 1 }, "east", "west")
	fill(t, f.at("west"), "1:a,x,y")
	fill(t, f.at("east"), "1:a 2:b,c")
	lead(t, f.at("east"), 3)
	var seen []store.Entry
	err := f.at("west").Audit(t.Context(), 0, func(e store.Entry) error {
		seen = append(seen, e)
		if e.Index == 1 {
			must(t, f.at("west").Follow(t.Context(), "east", 3))
			untilEqual(t, f.at("west"), f.at("east"))
		}
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "audit again") || ids(seen) != "a" {
		t.Fatalf("audit saw %s and ended with %v", ids(seen), err)
	}
}
