package tui

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// cutOff is a drill by hand in which nobody but its users reaches us-east.
func cutOff(t *testing.T) *stage {
	s := byHand(t)
	now := s.live.state.Now
	s.happens(0, drill.FaultProved{ID: 50, Fault: drill.FaultPartition, Between: []string{"us-east", topology.EndOthers}, From: now, Proof: "the link is silent"},
		drill.RegionJudged{Region: "us-east", Up: false, After: 3, Why: "timeout"})
	return s
}

// diedItself is one in which us-east went away and nobody had done it.
func diedItself(t *testing.T) *stage {
	s := byHand(t)
	s.happens(0, drill.RegionJudged{Region: "us-east", Up: false, After: 3, Why: "timeout"})
	return s
}

// failing begins a failover of orders that nobody has decided.
func (s *stage) failing(from string) {
	now := s.live.state.Now
	s.happens(0, drill.FailoverStaged{ID: 9, Dataset: "orders", From: from, Cause: "fault", Stage: drill.StageFault, End: now},
		drill.FailoverStaged{ID: 9, Dataset: "orders", From: from, Cause: "fault", Stage: drill.StageDetect, End: now})
}

// lostAuthority is one in which us-east died by itself and led orders.
func lostAuthority(t *testing.T) *stage {
	s := diedItself(t)
	s.failing("us-east")
	return s
}

// TestWhatMendsARegion holds that the key which is named is the one that helps.
func TestWhatMendsARegion(t *testing.T) {
	linkCut := func(t *testing.T) *stage { // and eu-west died by itself
		s := byHand(t)
		s.happens(0, drill.FaultProved{ID: 50, Fault: drill.FaultPartition, Between: []string{"us-east", "eu-west"}, Proof: "silent"},
			drill.RegionJudged{Region: "us-east", Up: false, After: 3, Why: "timeout"})
		return s
	}
	tests := []struct {
		name string
		at   func(*testing.T) *stage
		key  string
		want string // "" for a command that is sent
	}{
		{"restore one that is cut off", cutOff, "r", "us-east is cut off, not broken; heal the partition (H)"},
		{"switch over to it", cutOff, "F", "us-east is cut off from the controller; heal it first (H)"},
		{"promote it", cutOff, "P", "us-east is cut off from the controller; heal it first (H)"},
		{"force it", cutOff, "!", "us-east is cut off from the controller; heal it first (H)"},
		{"restore one that died by itself", diedItself, "r", ""},
		{"promote it", diedItself, "P", "us-east is down; restore it first (r)"},
		{"restore one of which one link is cut", linkCut, "r", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.key, func(t *testing.T) {
			s := tt.at(t)
			if tt.want == "" {
				sent := confirmed(s, tt.key)
				if len(sent) != 1 || sent[0] != "restore us-east" {
					t.Fatalf("sent %v:\n%s", sent, s.text())
				}
				return
			}
			sent := sentBy(s, tt.key)
			s.shows(tt.want)
			if len(sent) > 0 {
				t.Fatalf("sent %v", sent)
			}
		})
	}
}

func TestCutOffIsShown(t *testing.T) {
	s := cutOff(t)
	s.live.state.Dataset("orders").Authority = "eu-west" // so that the star does not stand there
	s.update(tickMsg{})
	s.shows("╳ still serves") // its users are answered yet
	s.shows("traffic    41 %")
	s.press("7")
	s.shows("fault    cut off from all others · the link is silent")
	s.w, s.h = 80, 24
	s.press("1")
	s.shows("╳ still serves")
	serves := s.live.state.Region("us-east")
	serves.Share = 0
	s.update(tickMsg{})
	s.shows("╳ unreachable")
	s.hides("still serves")
}

// TestPartitionIsMarked holds that the chart says what happened, and to whom.
func TestPartitionIsMarked(t *testing.T) {
	s := cutOff(t)
	s.shows("╳ us-east and others cut")
	s.hides("killed")
	s.happens(12*time.Second, drill.FaultLifted{ID: 50, Proof: "answers"})
	s.wait(4 * time.Second)
	s.shows("● us-east and others healed")
}

func TestPartitionWithoutARegionIsNoTrouble(t *testing.T) {
	for _, ends := range [][]string{nil, {"us-east"}, {topology.EndOthers, "us-east"}, {"a", "b", "c"}} {
		s := byHand(t)
		s.happens(0, drill.FaultProved{ID: 50, Fault: drill.FaultPartition, Between: ends, From: s.live.state.Now})
		s.press("H", "esc")
		checkFrame(t, s, "an odd partition")
	}
}

// TestHeldCutIsNotOfferedFromItsOtherEnd holds that a cut has no first end.
func TestHeldCutIsNotOfferedFromItsOtherEnd(t *testing.T) {
	s := byHand(t)
	s.happens(0, drill.FaultProved{ID: 50, Fault: drill.FaultPartition, Between: []string{"us-east", "eu-west"}, From: s.live.state.Now, Proof: "silent"})
	s.press("l") // eu-west
	s.choose("X")
	s.press("down", "down", "down")
	s.shows("▸ eu-west ↔ us-east  that is partitioned already")
	if sent := sentBy(s, "enter"); len(sent) > 0 || s.dialogs.Top() == nil {
		t.Fatalf("it was offered again: %v", sent)
	}
	s.press("down") // one way of a link that is silent both ways: a cut of its own, lifted by itself
	s.shows("▸ eu-west → us-east  this link, one way")
	s.press("down")
	s.shows("▸ eu-west ↔ ap-south  this link, both ways")
}

// TestKeysThatMendAreInTheFooter holds that they are found when they are needed.
func TestKeysThatMendAreInTheFooter(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 36}} {
		s := byHand(t)
		s.w, s.h = size[0], size[1]
		s.press("l")
		s.hides("H heal")
		s.hides("! force")
		s.happens(0, drill.FaultProved{ID: 50, Fault: drill.FaultPartition, Between: []string{"us-east", topology.EndOthers}, From: s.live.state.Now, Proof: "silent"},
			drill.RegionJudged{Region: "us-east", Up: false, After: 3, Why: "timeout"})
		s.failing("us-east")
		s.shows("H heal")
		s.shows("P promote")
		s.shows("! force")
	}
}

// TestCutsAreASCII holds that the sign of a cut is in the map of what ASCII
// terminals are given.
func TestCutsAreASCII(t *testing.T) {
	s := newStage(t, 120, 36, Options{NoColor: true, ASCII: true})
	s.events(story(10*time.Second, nil))
	s.happens(0, drill.FaultProved{ID: 50, Fault: drill.FaultPartition, Between: []string{"us-east", "eu-west"}, From: s.live.state.Now, Proof: "╳"})
	for _, key := range []string{"X", "H"} {
		s.choose(key)
		s.shows("us-east = eu-west")
		for i, r := range s.text() {
			if r > 0x7e {
				t.Fatalf("%q at %d:\n%s", r, i, s.text())
			}
		}
		s.press("esc")
	}
}
