package postgres

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// says is what a region's server has logged since a mark.
func (l *lab) says(region string, mark int64) string {
	l.Helper()
	text, _ := l.at(region).server.LogSince(mark)
	return text
}

// A standby that is behind the end of the timeline that its authority was lost on goes on on
// the next one with two connections, and asks for nothing of that piece by piece. A later
// crash finds its log whole.
func TestAStandbyGoesOnOnTheNextTimeline(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 20, "a", "b", "c")
	l.stop("c")
	l.stall = time.Minute // a busy machine takes its time, and nobody is to ask once more for that
	l.open("c")
	l.follow("a", "c")
	l.current("a", "c")
	l.mu.Lock()
	l.refuse = func(from, _ string) bool { return from == "c" }
	for conn, ends := range l.conns {
		if ends[0] == "c" {
			_ = conn.Close()
		}
	}
	l.mu.Unlock()
	l.write("a", 5) // which c lacks
	l.current("a", "b")
	l.isolate("a", true)
	l.epoch++
	for _, region := range []string{"b", "c"} {
		if err := l.at(region).Fence(l.ctx(), l.epoch); err != nil {
			t.Fatal(err)
		}
	}
	l.epoch--
	l.lead("b")
	if behind, ahead := l.status("c"), l.status("b"); behind.Entries != 20 || ahead.Entries != 25 {
		t.Fatalf("c has %d entries, b %d", behind.Entries, ahead.Entries)
	}
	_, mark := l.at("c").server.LogSince(0)
	l.mu.Lock()
	l.refuse, l.dialled = nil, 0
	l.mu.Unlock()
	l.follow("b", "c")
	l.write("b", 5)
	l.current("b", "c")
	l.equal("b", "c")
	// It may have all that there is before it streams: from what was put into its log.
	l.until("c streams", func() bool { return strings.Contains(l.says("c", mark), "on timeline 2") })
	said := l.says("c", mark)
	if strings.Contains(said, "fetching timeline history") || strings.Contains(said, "on timeline 1") {
		t.Errorf("c's server asked for its authority's timeline itself:\n%s", said)
	}
	l.mu.Lock()
	if l.dialled != 2 {
		t.Errorf("%d connections to b, want one to compare histories and one to stream", l.dialled)
	}
	l.mu.Unlock()
	p := l.at("c").server.Process()
	if err := p.Signal(os.Kill); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait()
	l.until("c has recovered from a crash", func() bool { s := l.status("c"); return !s.Mute && s.Entries == 30 })
	l.write("b", 5)
	l.current("b", "c")
	l.equal("b", "c")
}

// A standby that knows another timeline of the number that its authority's bears begins to
// read anew: else it would take the one for the other.
func TestAnotherTimelineOfTheSameNumber(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 20, "a", "b", "c")
	l.isolate("a", true)
	c := l.at("c")
	at := l.status("c").Position + 1<<20
	history := filepath.Join(c.server.At().WAL(), "00000002.history")
	if err := os.WriteFile(history, fmt.Appendf(nil, "1\t%X/%X\tnobody's\n", at>>32, at&0xffffffff), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.server.Account().Give(history); err != nil {
		t.Fatal(err)
	}
	_, mark := c.server.LogSince(0)
	l.until("c's server has read it", func() bool { return strings.Contains(l.says("c", mark), "new target timeline is 2") })
	before := c.server.Process()
	l.lead("b")
	l.follow("b", "c")
	l.write("b", 5)
	l.current("b", "c")
	l.equal("b", "c")
	if c.server.Process() == before {
		t.Error("c's server goes on with what it knew")
	}
}

// A standby whose stream broke is sent what it lacks, and not the file of the log anew in
// which it stopped: on a narrow link that is half a minute.
func TestAStreamGoesOnWhereItStopped(t *testing.T) {
	l := newLed(t, topology.ModeAsync, "", 1, "a", "b")
	offset := func() uint64 { return l.status("a").Position % server.Segment }
	for limit := 0; offset() < 300<<10 || offset() > 900<<10; limit++ {
		if limit == 40 {
			t.Fatal("the log never came to the middle of a file")
		}
		if _, err := l.at("a").Append(l.ctx(), store.Write{ID: fmt.Sprintf("long-%d", limit), Payload: bytes.Repeat([]byte("p"), 100<<10)}); err != nil {
			t.Fatal(err)
		}
	}
	l.current("a", "b")
	before := l.status("b").Copied
	l.isolate("b", true)
	l.write("a", 3)
	l.isolate("b", false)
	l.current("a", "b")
	l.equal("a", "b")
	if again := l.status("b").Copied - before; again > 200<<10 {
		t.Errorf("%d KiB were copied for three short writes", again>>10)
	}
}
