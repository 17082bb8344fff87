package postgres

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A planned move loses nothing, and the old authority becomes a standby in place:
// nothing is cut, rewound or copied anew.
func TestSwitchoverAndBack(t *testing.T) {
	l := newLab(t, topology.ModeSync, "b", "a", "b")
	l.lead("a")
	l.follow("a", "b")
	l.current("a", "b")
	from, to := "a", "b"
	for range 2 {
		l.write(from, 20)
		if err := l.at(from).Fence(l.ctx(), l.epoch+1); err != nil {
			t.Fatal(err)
		}
		last := l.status(from)
		l.until(to+" has the last writes", func() bool {
			s := l.status(to)
			return s.Position >= last.Position && s.LastIn == last.LastIn
		})
		l.dataset.With = from
		l.configure(to)
		l.lead(to)
		l.follow(to, from)
		l.current(to, from)
		if s := l.status(from); s.Cut != nil || s.Copied > 1<<20 {
			t.Fatalf("%s was not taken over in place: %+v", from, s)
		}
		from, to = to, from
	}
	l.equal("a", "b")
	if got := len(l.contents("a")); got != 40 {
		t.Fatalf("%d entries", got)
	}
}
