package log

import (
	"testing"

	"go.etcd.io/bbolt"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

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
