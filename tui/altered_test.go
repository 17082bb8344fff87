package tui

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// TestAlteredWritesAreShown holds that a write which is there with other contents is
// not told to be fine, wherever the lost ones are.
func TestAlteredWritesAreShown(t *testing.T) {
	const several, one = "2 writes have other contents than were sent", "1 write has other contents than was sent"
	check := drill.LedgerChecked{Dataset: "orders", Region: "eu-west", Why: "end", Acknowledged: 900, Mismatched: []string{"w1", "w2"}}
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 50}} {
		s := byHand(t)
		s.w, s.h = size[0], size[1]
		s.press("3")
		s.happens(0, check)
		s.shows("lost nothing, but " + several)
		s.hides("had all")
		// A later check that does not find it again, and one that finds lost ones.
		s.happens(0, drill.LedgerChecked{Dataset: "orders", Region: "ap-south", Why: "end", Acknowledged: 900, Mismatched: []string{"w2"}, Lost: checked("", 0).Lost[:1]})
		s.shows("lost 1 confirmed write")
		s.shows(", " + several)
	}
	t.Run("among several datasets", func(t *testing.T) {
		s := newStage(t, 120, 36, Options{NoColor: true})
		s.events(strategies(false))
		s.happens(time.Second, drill.LedgerChecked{Dataset: "orders-quorum", Region: "eu-west", Acknowledged: 900, Mismatched: []string{"w1"}},
			drill.DrillEnded{Verdict: drill.Failed, Why: "altered"})
		s.shows("orders-async lost 8 confirmed writes") // which has the focus
		s.shows("✕ orders-quorum: " + one)
	})
}
