package log

import (
	"testing"

	"go.etcd.io/bbolt"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Whoever joins a fleet that was left up preloads every region first: one that
// leads or follows is left as it is, and that is no error.
func TestPreloadOfOneThatHasAnAuthority(t *testing.T) {
	const weight = 3 * store.PreloadEntry
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

// A damaged entry is cured by dropping it with all others, so that must not need to read it.
func TestReseedCuresADamagedEntry(t *testing.T) {
	f, east, west := pair(t)
	write(t, east, "a", "b", "c")
	untilEqual(t, west, east)
	f.set("west", "east", "reset")
	must(t, west.contents.disk.db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket(entriesBucket).Put(indexKey(2), []byte("no entry"))
	}))
	if err := west.Audit(t.Context(), 0, func(store.Entry) error { return nil }); err == nil {
		t.Fatal("the damage is not seen")
	}
	must(t, west.Reseed(t.Context()))
	if s := status(t, west); !s.Seeding || s.Position != 0 || s.Bytes != 0 {
		t.Errorf("dropped, it says %+v", s)
	}
	west = f.restart("west")
	must(t, west.Follow(t.Context(), "east", 1))
	f.set("west", "east", "")
	untilEqual(t, west, east)
	write(t, east, "d")
	untilEqual(t, west, east)
	if s := status(t, west); s.Seeding {
		t.Error("whole, and it says that it is being copied")
	}
}
