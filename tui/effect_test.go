package tui

import (
	"context"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
)

// flood is an action that no other file knows: it takes a region away.
func flood(t *testing.T) action.Action {
	return action.Action{
		Verb:   "flood",
		Words:  action.Words{Name: "flood", Done: "flooded", Help: "water in the machine room", Key: "Y", Group: action.GroupRegion, Dangerous: true},
		Params: []param.Param{taken(t, runbook.VerbKill, param.KindDomain)},
		Check:  func(*drill.State, runbook.Command) *rule.Refusal { return nil },
		Confirm: func(s *drill.State, c runbook.Command) *action.Confirmation {
			p, _ := action.Predict(s, c)
			return &action.Confirmation{Impact: &p}
		},
		Do: func(context.Context, action.Rig, runbook.Command) (port.Proof, error) { return port.Proof{}, nil },
		Effect: func(f topology.Fleet, c runbook.Command) runbook.Effect {
			return runbook.Effect{Stops: f.Domain(c.Region)}
		},
		Undo: runbook.VerbRestore,
	}
}

// TestNewFaultNeedsItsEffectAlone holds that a row which says what it takes away is predicted,
// told and drawn, without a line about it elsewhere.
func TestNewFaultNeedsItsEffectAlone(t *testing.T) {
	row := flood(t)
	withActions(t, row)
	s := byHand(t)
	c := runbook.Command{Verb: row.Verb, Region: "us-east"}
	p, known := action.Predict(s.live.state, c)
	if !known || p.Share < 0.1 || len(p.WritesAtRisk) == 0 || p.RTO == 0 {
		t.Fatalf("predicted %v: %+v", known, p)
	}
	if kill, _ := action.Predict(s.live.state, runbook.Command{Verb: runbook.VerbKill, Region: "us-east"}); kill.Share != p.Share {
		t.Errorf("%v of the users, of a kill, which does the same, %v", p.Share, kill.Share)
	}
	s.press("Y")
	s.wait(dialog.InFlight)
	s.shows("orders loses its leader")
	s.press("esc")
	proved := drill.FaultProved{ID: 60, Fault: "flood", Region: "us-east", From: s.live.state.Now, Proof: "it is wet",
		Done: row.Words.Done, Effect: action.EffectOf(s.live.state.Fleet, c).On("us-east")}
	s.happens(0, proved)
	if h := s.live.state.Region("us-east").Health; h != drill.HealthDown {
		t.Errorf("it is %s", h)
	}
	if line := format.Event(s.live.state, drill.Event{Body: proved}); line.Text != "us-east flooded · it is wet" || line.Mark != format.MarkFault {
		t.Errorf("told as %+v", line)
	}
	s.shows("us-east flooded")
	s.happens(0, drill.FaultLifted{ID: 60, Region: "us-east", Proof: "it is dry", Done: "restored"})
	if !strings.Contains(s.text(), "us-east back") && !strings.Contains(s.text(), "us-east restored") {
		t.Errorf("its end is not drawn:\n%s", s.text())
	}
}
