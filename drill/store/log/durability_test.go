package log

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Quorum keeps what was written before this epoch once every region has it, though
// nobody writes; a majority that has it is not enough, since the third could hold a
// newer entry and be promoted over it.
func TestQuorumOfWhatOlderEpochsWrote(t *testing.T) {
	regions := []string{"east", "west", "south"}
	f := newFleet(t, nil, regions...)
	east := f.at("east")
	for _, region := range regions {
		fill(t, f.at(region), "1:a,b")
	}
	fill(t, east, "1:c,d")
	f.set("south", "east", "silent")
	must(t, east.Configure(t.Context(), topology.Dataset{Name: dataset, Regions: regions, Mode: topology.ModeQuorum}))
	lead(t, east, 2)
	for _, region := range regions[1:] {
		must(t, f.at(region).Follow(t.Context(), "east", 2))
	}
	until(t, "west has reported all", func() bool { return status(t, east).Followers["west"] == 4 })
	if kept := status(t, east).DurableIndex; kept != 0 {
		t.Errorf("south has reported nothing, and %d are kept", kept)
	}
	must(t, east.Stored(t.Context(), 2, "south", 2))
	if kept := status(t, east).DurableIndex; kept != 2 {
		t.Errorf("south has 2 and the others 4, and %d are kept, want 2", kept)
	}
	f.set("south", "east", "")
	until(t, "all that all regions have is kept", func() bool { return status(t, east).DurableIndex == 4 })

	// From the first write on a majority is enough.
	f.set("south", "east", "silent")
	write(t, east, "e")
	until(t, "the write is kept", func() bool { return status(t, east).DurableIndex == 5 })
}
