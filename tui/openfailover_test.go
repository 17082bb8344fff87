package tui

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/page"
)

// undecided is a drill by hand whose failover waits for a person, with the old
// authority back: the engine has fenced it, though the state still names it.
func undecided(t *testing.T) *stage {
	s := blocked(t, drill.StageDecide, "")
	s.live.state.Fleet.Failover.Decide = "operator"
	s.happens(time.Second, drill.FaultLifted{ID: 50, Region: "us-east", Proof: "answers"}, drill.RegionJudged{Region: "us-east", Up: true, After: 4})
	if s.live.state.Dataset("orders").Authority != "us-east" || !s.live.state.Region("us-east").Health.Serves() {
		t.Fatal("us-east is not back as the authority that the state knows of")
	}
	return s
}

// TestRestoredAuthorityIsNoDeadEnd holds that a failover which nobody has decided
// can be, on the old authority as on another region.
func TestRestoredAuthorityIsNoDeadEnd(t *testing.T) {
	tests := []struct {
		name  string
		keys  []string
		shows string
	}{
		{"promote the old authority", []string{"P"}, "Promote orders to us-east?"},
		{"force it", []string{"!"}, "Force orders to us-east?"},
		{"promote another", []string{"l", "P"}, "Promote orders to eu-west?"},
		{"force another", []string{"l", "!"}, "Force orders to eu-west?"},
		{"switch over to another", []string{"l", "F"}, "no region leads orders now: its failover is not over; wait until it is over, or promote a region (P)"},
		{"switch over to it", []string{"F"}, "or promote a region (P)"},
		{"switch the mode", []string{"m"}, "no region leads orders now: its failover is not over"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := undecided(t)
			if sent := sentBy(s, tt.keys...); len(sent) > 0 {
				t.Fatalf("sent %v", sent)
			}
			s.wait(dialog.InFlight)
			s.shows(tt.shows)
		})
	}
	t.Run("and once it is promoted it leads", func(t *testing.T) {
		s := undecided(t)
		for _, stage := range []drill.Stage{drill.StageDecide, drill.StageFence, drill.StagePromote} {
			s.happens(0, drill.FailoverStaged{ID: 9, Dataset: "orders", From: "us-east", To: "us-east", Epoch: 2, Cause: "fault", Stage: stage, End: s.live.state.Now})
		}
		s.press("P")
		s.shows("us-east leads orders and works; switch over instead, which loses nothing (F)")
		s.press("l", "P")
		s.shows("switch over instead, which loses nothing (F)")
	})
}

// TestWhatIsCopiedCantLead holds that nobody is sent to a replica that the engine
// refuses, nor told that force is a way out where there is none.
func TestWhatIsCopiedCantLead(t *testing.T) {
	const why = "no region that holds a replica answers; writes wait"
	s := blocked(t, drill.StageDecide, why)
	s.shows("! forces")
	s.sampled(telemetry.Replica{Region: "us-east", Stale: true},
		telemetry.Replica{Region: "eu-west", Role: role.Follower, Seeding: true},
		telemetry.Replica{Region: "ap-south", Role: role.Follower})
	s.shows("! forces")
	s.press("l")
	for _, key := range []string{"P", "!"} {
		s.press(key)
		s.shows("orders is being copied to eu-west; wait until it is whole")
	}
	s.sampled(telemetry.Replica{Region: "ap-south", Role: role.Follower, Seeding: true})
	s.wait(10 * page.FailureFor)
	s.shows("no region that holds a replica")
	s.hides("! forces")
}
