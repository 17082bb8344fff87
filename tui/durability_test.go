package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
)

// happens tells one thing more at the state's own time, or d later.
func (s *stage) happens(d time.Duration, bodies ...drill.Body) {
	for _, b := range bodies {
		s.events([]drill.Event{{Seq: s.live.state.LastSeq + 1, T: s.live.state.Now + d, Body: b}})
	}
}

// split is a split brain of orders, with so many writes acknowledged on each side.
func split(old, new int, over bool) drill.SplitBrain {
	ids := func(name string, n int) (list []string) {
		for i := range n {
			list = append(list, fmt.Sprintf("%s-%06d", name, i+1))
		}
		return list
	}
	return drill.SplitBrain{Dataset: "orders", Old: "us-east", OldEpoch: 1, New: "eu-west", NewEpoch: 2, Over: over,
		Tails: map[string][]string{"us-east": ids("americas", old), "eu-west": ids("europe", new)}}
}

func TestSplitBrainIsCountedAndListed(t *testing.T) {
	s := byHand(t)
	s.happens(0, split(1203, 45, false))
	s.shows("SPLIT BRAIN  both take writes: us-east 1,203, eu-west 45   L lists them")
	s.hides("americas-000001")
	s.press("L")
	s.shows("of 1,248")
	s.shows("americas-000001      –          us-east, 1st term   beside eu-west")
	for range 1203 {
		s.press("down")
	}
	s.shows("europe-000001        –          eu-west, 2nd term   beside us-east")
	for range 300 {
		s.press("pgdown")
	}
	s.shows("europe-000045")
	s.shows("europe-000024") // the last page is a full one
	s.press("home")
	s.shows("americas-000001")
	s.press("esc", "3", "enter")
	s.shows("americas-000001")
}

// TestLostAndSplitAreListedTogether holds that a write which one side acknowledged
// and the ledger misses is told to be lost.
func TestLostAndSplitAreListedTogether(t *testing.T) {
	s := byHand(t)
	s.happens(0, split(2, 1, true), drill.LedgerChecked{Dataset: "orders", Region: "eu-west", Why: "failover 1", Acknowledged: 3,
		Lost: []drill.LostWrite{{ID: "americas-000002", Acked: 9 * time.Second}}})
	s.shows("was split, both took writes: us-east 2, eu-west 1")
	s.press("L")
	s.shows("1 lost")
	var lines []string
	for l := range strings.SplitSeq(s.text(), "\n") {
		if strings.Contains(l, "americas-000002") {
			lines = append(lines, l)
		}
	}
	if len(lines) != 2 || !strings.Contains(lines[1], "lost, beside eu-west") {
		t.Fatalf("it stands in %q", lines)
	}
}

func TestResultShowsSplitBrain(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true})
	s.events(story(storyEnd-time.Second, storyPlan()))
	s.happens(0, split(7, 9, true), drill.DrillEnded{Verdict: drill.Failed, Why: "split brain"})
	s.shows("was split, both took writes: us-east 7, eu-west 9")
	s.press("enter")
	s.shows("us-east, 1st term")
}

func TestWaitingWritesOfferTheWayOut(t *testing.T) {
	s := byHand(t)
	s.happens(0, drill.ModeChanged{Dataset: "orders", Was: topology.Durability{Mode: topology.ModeAsync}, Now: topology.Durability{Mode: topology.ModeSync, With: "eu-west"}, By: "operator"})
	s.shows("Data – orders · sync with eu-west")
	s.happens(0, drill.WritesWaiting{Dataset: "orders", Region: "us-east", For: []string{"eu-west"}, Mode: topology.ModeSync})
	s.wait(12 * time.Second)
	s.press("esc") // the card, which takes rows
	s.shows("sync with eu-west: writes wait for eu-west for 12 s, m degrades to async")
	s.shows("write latency, typical") // which it must not push out
	s.shows("crossed borders")
	s.happens(0, drill.WritesWaiting{Dataset: "orders", Region: "us-east", Mode: topology.ModeSync})
	s.hides("m degrades to async")
}

func TestWeakerDurabilityIsAskedAbout(t *testing.T) {
	sync := topology.Durability{Mode: topology.ModeSync, With: "eu-west"}
	tests := []struct {
		name  string
		now   topology.Durability
		downs int
		asks  string
		sent  string
	}{
		{"sync to async", sync, 0, "sync with eu-west no longer holds for orders", "mode of orders: async"},
		{"quorum to async", topology.Durability{Mode: topology.ModeQuorum}, 0, "writes are confirmed before a majority of its 3 regions has them", "mode of orders: async"},
		{"sync to quorum", sync, 3, "", "mode of orders: quorum"},
		{"async to sync", topology.Durability{Mode: topology.ModeAsync}, 0, "", "mode of orders: sync with eu-west"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := byHand(t)
			d := s.live.state.Dataset("orders")
			d.Spec.Mode, d.Spec.With = tt.now.Mode, tt.now.With
			s.choose("m")
			for range tt.downs {
				s.press("down")
			}
			if tt.asks == "" {
				if sent := confirmed(s, "enter"); len(sent) != 1 || sent[0] != tt.sent {
					t.Fatalf("sent %v", sent)
				}
				return
			}
			sent := sentBy(s, "enter")
			if len(sent) > 0 {
				t.Fatalf("it was not asked about: %v", sent)
			}
			s.wait(dialog.InFlight)
			s.shows("Mode of orders: async?")
			s.shows(tt.asks)
			s.shows("then stored by us-east alone until they are")
			if sent := sentBy(s, "tab", "enter"); len(sent) != 1 || sent[0] != tt.sent {
				t.Fatalf("sent %v", sent)
			}
		})
	}
}

// TestListsSwallowKeysInFlight holds that a list is not answered by keys that were
// pressed for what was there before.
func TestListsSwallowKeysInFlight(t *testing.T) {
	for _, key := range []string{"m", "X"} {
		s := byHand(t)
		if sent := sentBy(s, key, "down", "enter"); len(sent) > 0 {
			t.Errorf("%s and keys in flight sent %v", key, sent)
		}
		if open := s.dialogs.Top() != nil; !open {
			t.Errorf("%s: a key in flight closed the list", key)
		}
	}
}
