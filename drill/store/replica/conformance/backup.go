package conformance

import (
	"fmt"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var backupCases = []testCase{
	{"a backup holds the last snapshot", aBackupHoldsTheLastSnapshot},
	{"restored from the last snapshot", restoredFromTheLastSnapshot},
	{"a backup is started anew", aBackupStartedAnew},
	{"a snapshot on request has all", aSnapshotOnRequest},
	{"a backup whose link is cut", aBackupWhoseLinkIsCut},
	{"without a snapshot nothing is restored", withoutASnapshot},
	{"a backup is copied anew", aBackupCopiedAnew},
	{"a backup is not preloaded", aBackupIsNotPreloaded},
	{"many moves between two backups", manyMoves},
}

// every is the time between two snapshots of a case.
const every = 10 * time.Second

// backedUp is an authority east and its backup west, with a snapshot of what was written.
func backedUp(l *lab, written ...string) {
	l.t.Helper()
	l.spec.Mode, l.spec.With, l.spec.Every = topology.ModeBackup, "west", every
	l.open("east", "west")
	l.lead("east")
	l.write("east", written...)
	l.follow("east", "west")
	snapshots(l, "west", 1)
}

// snapshots waits until so many were shipped since the region follows.
func snapshots(l *lab, region string, n int) {
	l.t.Helper()
	l.until(fmt.Sprintf("%s has %d snapshots", region, n), func() bool {
		s := l.status(region)
		return s.Snapshot != nil && s.Snapshot.Count >= n
	})
}

// swap has another region be the one that snapshots go to.
func swap(l *lab, to string) {
	l.t.Helper()
	l.spec.With = to
	for _, region := range l.regions {
		l.must(l.at(region).Configure(l.ctx(), l.spec))
	}
}

func snapshot(l *lab, region string) {
	l.t.Helper()
	l.must(l.at(region).(store.Snapshotter).Snapshot(l.ctx()))
}

func aBackupHoldsTheLastSnapshot(l *lab) {
	backedUp(l, "a", "b")
	s := l.status("west")
	if s.Role != role.Follower || s.Entries != 2 || s.Seeding || !s.Current() || s.Bytes != int64(len(payloadOf("a"))+len(payloadOf("b"))) ||
		s.Snapshot.Size <= s.Bytes || s.Snapshot.Age > every/2 {
		l.t.Errorf("it says %+v, %+v", s, s.Snapshot)
	}
	l.reported("east", "west")
	// A write is acknowledged by the authority alone, and at risk until the next snapshot.
	l.write("east", "c", "d", "e")
	if s := l.status("east"); s.AtRisk == nil || *s.AtRisk != 3 || s.Waiting != 0 {
		l.t.Errorf("three writes since the snapshot, and at risk are %v, %d wait", s.AtRisk, s.Waiting)
	}
	// It hears meanwhile how far behind it is.
	l.until("it knows what it lacks", func() bool {
		s := l.status("west")
		return s.AuthorityPosition != nil && *s.AuthorityPosition >= l.status("east").Position
	})
	if got := ids(l.contents("west")); got != "a,b" {
		l.t.Errorf("before the next snapshot it holds %s", got)
	}
	if _, _, err := l.at("west").Lookup(l.ctx(), "a"); err == nil {
		l.t.Error("a snapshot answered a read")
	}
	snapshots(l, "west", 2)
	l.reported("east", "west")
	if s, held := l.status("east"), ids(l.contents("west")); *s.AtRisk != 0 || held != "a,b,c,d,e" {
		l.t.Errorf("after the next snapshot %d are at risk, and it holds %s", *s.AtRisk, held)
	}
}

// The authority is lost: what came after the snapshot is gone. It comes back, its tail is
// exported, and it is the backup from then on.
func restoredFromTheLastSnapshot(l *lab) {
	backedUp(l, "a", "b")
	l.write("east", "x", "y")
	tail := l.contents("east")[2:]
	time.Sleep(3 * time.Second)
	l.isolate("east", true)
	l.lead("west")
	s := l.status("west")
	if s.Restored == nil || s.Restored.Entries != 2 || s.Restored.Bytes != s.Bytes || s.Restored.Age < 3*time.Second || s.Restored.Age > every || s.Snapshot != nil {
		l.t.Errorf("restored it says %+v, %+v", s.Restored, s)
	}
	l.write("west", "c")
	if got := ids(l.contents("west")); got != "a,b,c" {
		l.t.Errorf("restored it holds %s", got)
	}
	swap(l, "east")
	l.isolate("east", false)
	l.follow("west", "east")
	snapshots(l, "east", 1)
	s = l.status("east")
	if s.Cut == nil || s.Cut.Entries != 2 || !same(l.exported(s.Cut), tail) {
		l.t.Fatalf("the old authority's tail: %+v", s.Cut)
	}
	if got := ids(l.contents("east")); got != "a,b,c" {
		l.t.Errorf("the old authority has a snapshot of %s", got)
	}
	l.lead("east")
	if got := ids(l.contents("east")); got != "a,b,c" {
		l.t.Errorf("restored in turn it holds %s", got)
	}
}

func aBackupStartedAnew(l *lab) {
	backedUp(l, "a", "b")
	l.write("east", "c")
	l.restart("west")
	if s := l.status("west"); s.Entries != 2 || s.Seeding || s.Snapshot == nil || s.Snapshot.Age > every {
		l.t.Errorf("started anew it says %+v, %+v", s, s.Snapshot)
	}
	l.lead("west")
	l.restart("west")
	if s, got := l.status("west"), ids(l.contents("west")); got != "a,b" || s.Snapshot != nil {
		l.t.Errorf("restored and started anew it holds %s, %+v", got, s.Snapshot)
	}
}

func aSnapshotOnRequest(l *lab) {
	backedUp(l, "a")
	l.write("east", "b", "c")
	l.must(l.at("east").Fence(l.ctx(), l.epoch+1))
	snapshot(l, "west")
	l.lead("west")
	if got := ids(l.contents("west")); got != "a,b,c" {
		l.t.Errorf("a planned move, and it holds %s", got)
	}
	l.want("a snapshot of whoever leads", l.at("west").(store.Snapshotter).Snapshot(l.ctx()), store.ErrMode)
}

// While nothing comes over the link the last snapshot stays, and grows old.
func aBackupWhoseLinkIsCut(l *lab) {
	backedUp(l, "a")
	l.network.set("west", "east", true)
	l.write("east", "b")
	time.Sleep(3 * every)
	if s := l.status("west"); s.Snapshot == nil || s.Snapshot.Age < 2*every || s.Entries != 1 || s.Error == "" {
		l.t.Errorf("cut off it says %+v, %+v", s, s.Snapshot)
	}
	l.network.set("west", "east", false)
	snapshots(l, "west", 2)
	if s := l.status("west"); s.Entries != 2 || s.Snapshot.Age > every || s.Error != "" {
		l.t.Errorf("healed it says %+v, %+v", s, s.Snapshot)
	}
}

// A region that no snapshot has reached holds nothing that could lead.
func withoutASnapshot(l *lab) {
	l.spec.Mode, l.spec.With, l.spec.Every = topology.ModeBackup, "west", every
	l.open("east", "west")
	l.lead("east")
	l.write("east", "a")
	l.network.set("west", "east", true)
	l.follow("east", "west")
	l.want("promote what has nothing", l.at("west").Promote(l.ctx(), l.epoch+1), store.ErrSeeding)
	if s := l.status("west"); !s.Seeding || s.Current() {
		l.t.Errorf("it says %+v", s)
	}
	l.network.set("west", "east", false)
	snapshots(l, "west", 1)
	l.lead("west")
}

func aBackupCopiedAnew(l *lab) {
	backedUp(l, "a", "b")
	l.network.set("west", "east", true)
	l.must(l.at("west").Reseed(l.ctx()))
	l.want("promote what was dropped", l.at("west").Promote(l.ctx(), l.epoch+1), store.ErrSeeding)
	l.network.set("west", "east", false)
	snapshots(l, "west", 1)
	if got := ids(l.contents("west")); got != "a,b" {
		l.t.Errorf("copied anew it holds %s", got)
	}
}

func aBackupIsNotPreloaded(l *lab) {
	l.spec.Mode, l.spec.With, l.spec.Every = topology.ModeBackup, "west", every
	l.open("east", "west")
	l.must(l.at("west").Preload(l.ctx(), 3*store.PreloadEntry, false))
	l.must(l.at("east").Preload(l.ctx(), 3*store.PreloadEntry, true))
	if east, west := l.status("east").Entries, l.status("west").Entries; east != 3 || west != 0 {
		l.t.Errorf("preloaded they hold %d and %d entries", east, west)
	}
	l.lead("east")
	l.follow("east", "west")
	snapshots(l, "west", 1)
	if s := l.status("west"); s.Bytes != 3*store.PreloadEntry {
		l.t.Errorf("the snapshot has %d bytes", s.Bytes)
	}
}

// Lost in turn again and again: each time all up to the last snapshot is there, and no more.
func manyMoves(l *lab) {
	backedUp(l, "a")
	from, to, want := "east", "west", "a"
	for turn := range 4 {
		kept, lost := fmt.Sprintf("kept-%d", turn), fmt.Sprintf("lost-%d", turn)
		l.write(from, kept)
		want += "," + kept
		snapshot(l, to)
		l.write(from, lost)
		if turn%2 == 1 {
			l.restart(to)
		}
		l.lead(to)
		if got := ids(l.contents(to)); got != want {
			l.t.Fatalf("turn %d: %s holds %s, want %s", turn, to, got, want)
		}
		swap(l, from)
		l.follow(to, from)
		snapshots(l, from, 1)
		if s := l.status(from); s.Cut == nil || !strings.Contains(ids(l.exported(s.Cut)), lost) {
			l.t.Fatalf("turn %d: %s cut %+v", turn, from, s.Cut)
		}
		from, to = to, from
	}
}
