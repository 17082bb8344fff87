package postgres

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
)

// The authority is cut off with writes that nobody else has; another is promoted;
// the old one comes back, its tail is exported and cut, and all are equal.
func TestFailoverAndRejoin(t *testing.T) {
	l := newLab(t, drill.ModeAsync, "", "a", "b", "c")
	l.lead("a")
	l.follow("a", "b", "c")
	l.write("a", 50)
	l.current("a", "b", "c")
	l.equal("a", "b", "c")

	l.isolate("a", true)
	l.write("a", 7)
	l.lead("b")
	l.follow("b", "c")
	l.write("b", 5)
	l.current("b", "c")
	l.isolate("a", false)
	l.follow("b", "a")
	l.current("b", "a")
	l.equal("b", "a", "c")
	if cut := l.status("a").Cut; cut == nil || cut.Entries != 7 {
		t.Fatalf("cut: %+v", cut)
	}
	l.write("b", 5)
	l.current("b", "a", "c")
	l.equal("b", "a", "c")
}
