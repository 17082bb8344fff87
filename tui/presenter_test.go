package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// TestPresenterTellsFiveFacts holds what each says at the moments of the story, at each size.
func TestPresenterTellsFiveFacts(t *testing.T) {
	for _, tt := range []struct {
		name  string
		until time.Duration
		want  []string
	}{
		{"warm-up", storyBegin - 2*time.Second, []string{
			"users failing now; of those who asked in the last 2 s", "no fault so far", "leads orders, 1st term", "counted after a failover and at the end", "then: kill us-east"}},
		{"fencing", storyKill + 1500*time.Millisecond, []string{
			"stage 3 of 5 of the recovery of orders; 1 s after us-east was lost", "us-east led orders and is lost", "that region becomes the leader, in a new term"}},
		{"recovered", storyKill + 7*time.Second, []string{
			"users are served as before; no writes to orders for 2.2 s (RTO)", "leads orders, 2nd term, after us-east", "confirmed, and not there any more", "then: restore us-east"}},
		{"over, but for the end", storyBegin + 33*time.Second, []string{"leads orders, 3rd term, after eu-west", "the last check, and the result"}},
	} {
		for _, size := range [][2]int{{80, 24}, {100, 30}, {120, 36}, {200, 50}} {
			t.Run(fmt.Sprintf("%s/%dx%d", tt.name, size[0], size[1]), func(t *testing.T) {
				s := newStage(t, size[0], size[1], Options{NoColor: true})
				s.events(story(tt.until, storyPlan()))
				s.press("p")
				for _, asks := range []string{"WHO IS HURT", "WHO LEADS", "HOW FAR", "WHAT IS LOST", "WATCH NEXT"} {
					s.shows(asks)
				}
				for _, want := range tt.want {
					if size[0] >= 120 { // what stands beside a question may be cut on a narrow screen
						s.shows(want)
					}
				}
				s.shows("█")
				s.press("esc")
				s.hides("WHO IS HURT")
			})
		}
	}
}

// TestPresenterSaysWhatToDo holds that a person is named a key that can do something now, and
// none that can't.
func TestPresenterSaysWhatToDo(t *testing.T) {
	s := byHand(t)
	s.press("p")
	s.shows("press K: it says what losing us-east would cost, and asks")
	s.happens(0, drill.FaultProved{ID: 70, Fault: drill.FaultKill, Region: "ap-south", From: s.live.state.Now, Proof: "killed"})
	s.happens(time.Second, drill.Recovered{Fault: 70, Since: s.live.state.Now})
	s.shows("press r: ap-south is killed still")
	s.happens(0, drill.FaultLifted{ID: 70, Region: "ap-south", Proof: "answers"})
	s.happens(0, drill.SwitchoverDone{ID: 1, Dataset: "orders", From: "us-east", To: "eu-west", Epoch: 2, Blocked: time.Second})
	s.shows("press F: in us-east; eu-west leads orders, where us-east did at first")
	s.happens(0, split(8, 6, false))
	s.shows("both take writes of orders: us-east 8, eu-west 6")
}

// TestPresenterWithoutColourAndInASCII holds that the large letters are made of ASCII there.
func TestPresenterWithoutColourAndInASCII(t *testing.T) {
	for _, size := range [][2]int{{60, 15}, {80, 24}, {120, 36}} {
		s := newStage(t, size[0], size[1], Options{NoColor: true, ASCII: true})
		s.events(story(storyKill+1500*time.Millisecond, storyPlan()))
		s.press("p")
		s.shows("WHO IS HURT")
		if strings.ContainsAny(s.text(), "█▀▄") {
			t.Fatalf("there are blocks in ASCII:\n%s", s.text())
		}
	}
}

// TestPresenterGivesTheFirstFactsTheRoom holds that where not all have large letters, as beside a
// replay's rows, the first ones do.
func TestPresenterGivesTheFirstFactsTheRoom(t *testing.T) {
	s := newStage(t, 80, 22, Options{NoColor: true})
	s.events(story(storyKill+1500*time.Millisecond, storyPlan()))
	s.press("p")
	s.shows("█▀▀ █▀█ ▀ ▄▀") // who is hurt
	s.shows("WATCH NEXT")
	s.shows(" PROMOTE")
}

// TestPresenterLeavesKeysAsTheyAre holds that a command asks over it as over the panes.
func TestPresenterLeavesKeysAsTheyAre(t *testing.T) {
	s := byHand(t)
	s.press("p", "K")
	s.shows("Kill us-east?")
}

// failedOver tells a failover of orders from us-east to eu-west, and that nothing was lost by it.
func failedOver(t *testing.T) *stage {
	s := byHand(t)
	for _, stage := range append([]drill.Stage{drill.StageFault}, drill.FailoverStages...) {
		s.happens(0, drill.FailoverStaged{ID: 1, Dataset: "orders", From: "us-east", To: "eu-west", Epoch: 2, Cause: "operator", Stage: stage, End: s.live.state.Now})
	}
	s.happens(0, drill.LedgerChecked{Dataset: "orders", Region: "eu-west", Why: "failover 1", Failover: 1, Acknowledged: 900})
	return s
}

// TestWhatIsLostIsAskedAnew holds that what a check found does not stand for a leader that was lost after it.
func TestWhatIsLostIsAskedAnew(t *testing.T) {
	s := failedOver(t)
	s.shows("lost nothing: eu-west had all 900")
	s.press("p")
	s.shows("every confirmed write that was looked for is there")
	s.happens(time.Second, drill.FaultProved{ID: 70, Fault: drill.FaultKill, Region: "eu-west", From: s.live.state.Now, Proof: "killed"})
	s.hides("every confirmed write")
	s.shows("counted after a failover and at the end")
	s.press("p")
	s.shows("lost: not checked yet")
}

// TestAFaultThatHurtNobodySaysSo holds that it is not told as if users had waited.
func TestAFaultThatHurtNobodySaysSo(t *testing.T) {
	s := byHand(t)
	at := s.live.state.Now
	s.happens(0, drill.FaultProved{ID: 70, Fault: drill.FaultKill, Region: "ap-south", From: at, Proof: "killed"}, drill.Recovered{Fault: 70, Since: at})
	s.press("p")
	s.shows("users were served as before all the time")
	s.hides("too many of them are slow")
}
