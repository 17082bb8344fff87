package log

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/snapshot"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var backedUp = topology.Dataset{Name: dataset, Mode: topology.ModeBackup, With: "west", Every: 10 * time.Second, Regions: []string{"east", "west"}}

// newBackup is an authority east with entries of 64 KiB, and west with a snapshot of them.
func newBackup(t *testing.T, entries int64) *fleet {
	f := newFleet(t, nil, "east", "west")
	for _, region := range []string{"east", "west"} {
		must(t, f.at(region).Configure(t.Context(), backedUp))
	}
	must(t, f.at("east").Preload(t.Context(), entries*store.PreloadEntry, true))
	must(t, f.at("east").Promote(t.Context(), 2))
	must(t, f.at("west").Follow(t.Context(), "east", 2))
	must(t, f.at("west").Snapshot(t.Context()))
	return f
}

// A restore that breaks off in its middle leaves the snapshot as it was, whether the replica
// goes on or is started anew; done again it has all.
func TestARestoreThatBreaksOffIsDoneAgain(t *testing.T) {
	const entries = 6
	for _, restarts := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f := newBackup(t, entries)
			west := f.at("west")
			must(t, west.Fence(t.Context(), 3)) // no snapshot comes meanwhile
			l := loader{contents: west.contents}
			stop := errors.New("stop")
			err := snapshot.Read(west.backup.Dir, func(e store.Entry) error {
				l.entries = append(l.entries, e)
				if len(l.entries) < entries/2 {
					return nil
				}
				return errors.Join(l.commit(t.Context(), true), stop)
			})
			if !errors.Is(err, stop) {
				t.Fatal(err)
			}
			if s := status(t, west); s.Entries != entries || !s.Seeding {
				t.Errorf("half way it says %+v", s)
			}
			if restarts {
				west = f.restart("west")
				must(t, west.Configure(t.Context(), backedUp))
			} else {
				must(t, l.drop())
			}
			if s := status(t, west); s.Entries != entries || s.Seeding {
				t.Errorf("broken off it says %+v", s)
			}
			must(t, west.Promote(t.Context(), 3))
			if s := status(t, west); s.Entries != entries || s.Bytes != entries*store.PreloadEntry || s.Restored == nil {
				t.Errorf("restored it says %+v", s)
			}
			if _, ok, err := west.Lookup(t.Context(), store.PreloadID(entries)); !ok || err != nil {
				t.Errorf("the last entry: %v, %v", ok, err)
			}
		})
	}
}

// A snapshot that was damaged is not restored from: nothing is promoted that lacks entries.
func TestADamagedSnapshotIsNotRestored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newBackup(t, 3)
		path := filepath.Join(f.at("west").backup.Dir, "last")
		whole, err := os.ReadFile(path)
		must(t, err)
		whole[len(whole)/2] ^= 1
		must(t, os.WriteFile(path, whole, 0o600))
		if err := f.at("west").Promote(t.Context(), 3); !errors.Is(err, snapshot.ErrDamaged) {
			t.Errorf("promoted from a damaged snapshot: %v", err)
		}
		if err := f.at("west").Fence(t.Context(), 3); err != nil {
			t.Error(err)
		}
		if s := status(t, f.at("west")); s.Role == "authority" || s.Restored != nil {
			t.Errorf("it says %+v", s)
		}
	})
}

// While the authority writes, each snapshot is its log up to one position: no entry of it
// came after, none before is missing.
func TestASnapshotIsOfOneMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newBackup(t, 2)
		east := f.at("east")
		must(t, east.Grant(t.Context(), 2, status(t, east).Clock, time.Hour))
		ctx, stop := context.WithCancel(t.Context())
		wrote := make(chan int)
		go func() {
			n := 0
			for ; ctx.Err() == nil; n++ {
				id := fmt.Sprintf("w-%d", n)
				if _, err := east.Append(context.Background(), store.Write{ID: id, Payload: payloadOf(id)}); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Millisecond)
			}
			wrote <- n
		}()
		for range 20 {
			before := status(t, east).Position
			must(t, f.at("west").Snapshot(t.Context()))
			s := status(t, f.at("west"))
			var last uint64
			must(t, f.at("west").Audit(t.Context(), 0, func(e store.Entry) error {
				if e.Index != last+1 {
					t.Fatalf("entry %d after %d", e.Index, last)
				}
				last = e.Index
				return nil
			}))
			if s.Position < before || last != s.Position {
				t.Fatalf("a snapshot that was asked for at %d says %d and has %d", before, s.Position, last)
			}
			time.Sleep(time.Millisecond)
		}
		stop()
		if n := <-wrote; n == 0 {
			t.Error("nobody wrote")
		}
	})
}
