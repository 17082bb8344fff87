package log

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Whoever joins a fleet that was left up preloads every region first: one that
// leads or follows is left as it is, and that is no error.
func TestPreloadOfOneThatHasAnAuthority(t *testing.T) {
	const weight = 3 * store.WeightEntry
	f := newFleet(t, nil, "east", "west", "south")
	for _, region := range []string{"east", "west"} {
		must(t, f.at(region).Preload(t.Context(), weight, true))
	}
	lead(t, f.at("east"), 2)
	for _, region := range []string{"west", "south"} {
		must(t, f.at(region).Follow(t.Context(), "east", 2))
		untilEqual(t, f.at(region), f.at("east"))
	}
	for _, region := range []string{"east", "west", "south"} {
		must(t, f.at(region).Preload(t.Context(), 2*weight, true))
		if s := status(t, f.at(region)); s.Position != 3 || s.Epoch != 2 {
			t.Errorf("%s was left with %d entries in epoch %d, want 3 in 2", region, s.Position, s.Epoch)
		}
	}
	write(t, f.at("east"), "a")
	untilEqual(t, f.at("west"), f.at("east"))

	// Opened anew neither leads nor follows yet, and both did.
	for _, region := range []string{"east", "west"} {
		r := f.restart(region)
		must(t, r.Preload(t.Context(), 2*weight, true))
		if s := status(t, r); s.Position != 4 {
			t.Errorf("%s was left with %d entries, want 4", region, s.Position)
		}
	}
}
