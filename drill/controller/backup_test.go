package controller

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var backedUp = topology.Durability{Mode: topology.ModeBackup, With: "b"}

// backup is what a region says that holds snapshots of the authority.
func (s *script) backup(region string, position, authority uint64) store.Status {
	st := s.status(region, position)
	st.Mode, st.AuthorityPosition, st.Snapshot = topology.ModeBackup, &authority, &store.Snapshot{Age: 4 * time.Second, Count: 1}
	return st
}

// The region that keeps the snapshots takes over however far it is behind, has the time that
// loading one takes, says what its store was made from, and ships to the region of before.
func TestABackupTakesOver(t *testing.T) {
	s := newLedScript(t, backedUp, "auto")
	s.m.rules.Dataset.Weight = 100 << 20
	s.down("c")
	s.down("a")
	s.done(exchange.StepStatus, "b", s.backup("b", 4, 10), nil)
	s.wait(1100 * time.Millisecond)
	s.done(exchange.StepFence, "b", s.backup("b", 4, 10), nil)
	if limit := s.last(exchange.StepPromote, "b").Limit; limit != store.PreloadLimit(s.m.rules.Dataset) {
		t.Errorf("a store of 100 MiB is to be made from a snapshot within %s", limit)
	}
	s.now += 20 * time.Second
	made := s.status("b", 4)
	made.Restored = &store.Restored{Age: 5 * time.Second, Bytes: 300, Entries: 4, Took: 19 * time.Second}
	s.done(exchange.StepPromote, "b", made, nil)
	s.done(exchange.StepPush, "b", store.Status{}, nil)
	s.done(exchange.StepGrant, "b", s.status("b", 4), nil)
	promoted := s.stage(drill.StagePromote)
	if want := (drill.Restored{Age: 5 * time.Second, Bytes: 300, Writes: 4, Took: 19 * time.Second}); promoted.Restored == nil || *promoted.Restored != want {
		t.Errorf("promoted %+v, restored %+v", promoted, promoted.Restored)
	}
	if now := s.m.rule.Durability; now != (topology.Durability{Mode: topology.ModeBackup, With: "a"}) {
		t.Errorf("it is %s then", now)
	}
}

// A backup that has never had a snapshot is nobody's successor.
func TestWithoutASnapshotNobodyTakesOver(t *testing.T) {
	s := newLedScript(t, backedUp, "auto")
	s.down("c")
	s.down("a")
	empty := s.status("b", 0)
	empty.Seeding = true
	s.done(exchange.StepStatus, "b", empty, nil)
	if blocked := bodies[drill.FailoverBlocked](s); len(blocked) != 1 || s.asked(exchange.StepPromote, "b") {
		t.Errorf("%+v", blocked)
	}
}

// A switchover does not wait until a backup is near, which it never is: the old authority is
// fenced, a last snapshot is shipped, and only one with all of it is promoted.
func TestASwitchoverShipsALastSnapshot(t *testing.T) {
	s := newLedScript(t, backedUp, "auto")
	s.observe(exchange.Heard{Region: "a", Status: s.status("a", 5000)})
	s.observe(exchange.Asked{Number: 1, Command: runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "b"}})
	behind := s.backup("b", 10, 5000)
	s.done(exchange.StepStatus, "b", behind, nil)
	s.done(exchange.StepFence, "a", s.status("a", 5001), nil)
	if s.last(exchange.StepShip, "b").Limit < 30*time.Second {
		t.Errorf("the last snapshot is to be there within %s", s.last(exchange.StepShip, "b").Limit)
	}
	s.wait(blockLimit + time.Second) // it is large
	if s.asked(exchange.StepPromote, "a") || s.m.switchover == nil {
		t.Fatal("given back while the last snapshot is on its way")
	}
	s.done(exchange.StepShip, "b", s.backup("b", 5000, 5001), nil) // of before the fence
	if s.asked(exchange.StepPromote, "b") {
		t.Fatal("promoted without the last write")
	}
	s.wait(pollEvery)
	s.done(exchange.StepShip, "b", s.backup("b", 5001, 5001), nil)
	if !s.asked(exchange.StepPromote, "b") {
		t.Fatal("not promoted though it has all")
	}
}

// A region that comes back as a backup is current with its first snapshot, though it lacks what
// came since.
func TestABackupIsCurrentWithASnapshot(t *testing.T) {
	s := newLedScript(t, backedUp, "auto")
	s.down("b")
	s.wait(2 * FreshFor)
	s.observe(exchange.Judged{Region: "b", Up: true, At: s.now})
	back := s.backup("b", 10, 40)
	back.Snapshot.Count = 0
	for _, tt := range []struct {
		snapshots int
		want      int
	}{{0, 0}, {1, 1}} {
		back.Snapshot.Count = tt.snapshots
		s.now += tickEvery
		s.observe(exchange.Heard{Region: "b", Status: back})
		s.observe(exchange.Tick{})
		if got := len(bodies[drill.RejoinDone](s)); got != tt.want {
			t.Errorf("with %d snapshots since it is back, %d rejoins are over", tt.snapshots, got)
		}
	}
}
