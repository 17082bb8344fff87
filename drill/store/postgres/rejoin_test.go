package postgres

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store/postgres/history"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// own has a region acknowledge n writes in the epoch that it leads, whoever else leads.
func (l *lab) own(region string, n int) {
	l.Helper()
	r := l.at(region)
	if err := r.Grant(l.ctx(), r.leadership.Led(), l.status(region).Clock, time.Hour); err != nil {
		l.Fatal(err)
	}
	for i := range n {
		if err := l.try(region, fmt.Sprintf("%s-own-%d", region, i), 20*time.Second); err != nil {
			l.Fatal(err)
		}
	}
}

// sender says whether a region's server is sent an authority's log. That one is logged in is not enough: who
// compares histories logs in ahead, so that the server need not.
func (l *lab) sender(authority, region string) bool {
	l.Helper()
	var there bool
	if err := l.at(authority).server.Own().QueryRow(l.ctx(), "SELECT EXISTS (SELECT FROM pg_stat_replication WHERE application_name = $1 AND state IN ('catchup', 'streaming'))", region).Scan(&there); err != nil {
		l.Fatal(err)
	}
	return there
}

// The new authority was far ahead of the old one when they parted, so the bound below
// which they have the same entries lies above all that the old one wrote since.
func TestEntriesOfLaterEpochsAreExported(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 5, "a", "b", "c")
	l.isolate("b", true)
	if _, err := l.at("a").server.Own().Exec(l.ctx(), "SELECT setval(pg_get_serial_sequence('entries', 'idx'), $1)", 10*history.Reorder); err != nil {
		t.Fatal(err)
	}
	l.write("a", 5)
	l.current("a", "c")
	l.stop("a")
	l.lead("b")
	l.lead("c")
	l.own("b", 4)
	l.isolate("b", false)
	l.follow("c", "b")
	l.current("c", "b")
	l.equal("c", "b")
	cut := l.status("b").Cut
	if cut == nil || cut.Entries != 4 {
		t.Fatalf("%+v", cut)
	}
	exported, err := os.ReadFile(cut.Exported)
	if err != nil || strings.Count(string(exported), "b-own-") != 4 {
		t.Fatalf("exported %s, %v", exported, err)
	}
}

// A rewind is broken off, and so is the clone that has to follow, by the end of the
// process: what was exported is told by the one after it.
func TestTheCutIsToldByWhoeverCuts(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 5, "a", "b")
	l.isolate("a", true)
	l.write("a", 6)
	l.lead("b")
	phaseOf := func() phase {
		return l.at("a").state.get().Phase
	}
	l.mu.Lock()
	l.cut["a"] = false
	l.refuse = func(string, string) bool { return phaseOf() == phaseRewinding }
	l.mu.Unlock()
	l.follow("b", "a")
	l.until("the rewind is broken off", func() bool { s := l.status("a"); return s.Seeding && s.Error != "" && phaseOf() == phaseRewinding })
	if cut := l.status("a").Cut; cut != nil {
		t.Fatalf("told before it was cut: %+v", *cut)
	}
	l.stop("a")
	l.mu.Lock()
	l.refuse = nil
	l.mu.Unlock()
	l.open("a")
	l.follow("b", "a")
	l.current("b", "a")
	if cut := l.status("a").Cut; cut == nil || cut.Entries != 6 {
		t.Fatalf("%+v", cut)
	}
	l.equal("b", "a")
	l.stop("a")
	l.open("a")
	if cut := l.status("a").Cut; cut != nil {
		t.Fatalf("told again by a run that cut nothing: %+v", *cut)
	}
}

// A standby of one of two that were promoted apart, and chose one number for two
// timelines, is told to follow the other. PostgreSQL itself sees no difference: the
// standby must get nothing, and report nothing, before its data was replaced.
func TestNoStreamBeforeHistoriesAreCompared(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 10, "a", "b", "c", "d")
	l.stop("a")
	l.isolate("c", true)
	l.lead("b")
	l.follow("b", "d")
	l.own("b", 20)
	l.current("b", "d")
	l.isolate("b", true)
	l.isolate("c", false)
	l.lead("c")
	l.own("c", 200) // beyond where d is

	// c does not lead this epoch yet, so d can't compare, and has its old server all the while.
	l.epoch++
	l.follow("c", "d")
	for range 60 {
		if l.sender("c", "d") {
			t.Fatal("d has a stream of a history that it has not compared with its own")
		}
		time.Sleep(50 * time.Millisecond)
	}
	l.mu.Lock()
	l.late = 2 * time.Millisecond // so that the copying takes a while
	l.mu.Unlock()
	l.epoch--
	done := make(chan struct{})
	var watching sync.WaitGroup
	defer watching.Wait()
	defer close(done)
	watching.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(10 * time.Millisecond):
			}
			_, old, err := l.at("d").Lookup(l.ctx(), "b-own-0")
			if err == nil && old && l.sender("c", "d") {
				t.Error("d has a stream of c's history over the one that it has")
				return
			}
		}
	})
	l.lead("c")
	l.current("c", "d")
	l.equal("c", "d")
	if cut := l.status("d").Cut; cut == nil || cut.Entries != 20 {
		t.Fatalf("%+v", cut)
	}
}

// A standby knows which timeline it has received, by its segments.
func TestTimelineOfAStandby(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 3, "a", "b", "c")
	l.stop("a")
	for _, want := range []int32{1, 2} {
		p, err := history.Read(l.ctx(), l.at("c").server.Own())
		if err != nil || !p.Standby || p.Timeline != want {
			t.Fatalf("%+v, %v, want timeline %d", p, err, want)
		}
		if want == 1 {
			l.lead("b")
			l.follow("b", "c")
			l.write("b", 3)
			l.current("b", "c")
		}
	}
}

// A standby whose histories agree and that gets no stream all the same is cloned.
func TestAStandbyThatIsRefusedForEverIsCloned(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 3, "a", "b")
	// It outlives restarts, and goes with the data alone.
	for _, sql := range []string{"ALTER SYSTEM SET primary_conninfo = 'host=/nowhere'", "SELECT pg_reload_conf()"} {
		if _, err := l.at("b").server.Own().Exec(l.ctx(), sql); err != nil {
			t.Fatal(err)
		}
	}
	l.isolate("b", true) // ends the stream that it has
	l.isolate("b", false)
	l.write("a", 3)
	l.current("a", "b")
	l.equal("a", "b")
	if s := l.status("b"); s.Copied < 1<<20 || s.Cut != nil {
		t.Fatalf("%+v", s)
	}
}
