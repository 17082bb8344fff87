package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
)

// withActions adds rows to the list of actions while a test runs.
func withActions(t *testing.T, more ...action.Action) {
	was := action.All
	action.All = append(append([]action.Action{}, was...), more...)
	t.Cleanup(func() { action.All = was })
}

// taken is a parameter of an action that there is.
func taken(t *testing.T, verb runbook.Verb, kind param.Kind) param.Param {
	t.Helper()
	a, _ := action.Find(verb)
	for _, p := range a.Params {
		if p.Kind == kind {
			return p
		}
	}
	t.Fatalf("%s takes no parameter of kind %d", verb, kind)
	return param.Param{}
}

// inspect is an action that no file of the screen knows: it takes a region from the
// focus, ends from a list and a line that is typed, is asked about, and is refused in
// ap-south.
func inspect(t *testing.T) action.Action {
	return action.Action{
		Verb:   "inspect",
		Words:  action.Words{Name: "audit", Done: "audited", Help: "look through its books", Key: "Y", Group: action.GroupRegion, Dangerous: true},
		Params: []param.Param{taken(t, runbook.VerbKill, param.KindDomain), taken(t, runbook.VerbPartition, param.KindEndpoints), taken(t, runbook.VerbNote, param.KindText)},
		Check: func(_ *drill.State, c runbook.Command) *rule.Refusal {
			if c.Region == "ap-south" {
				return &rule.Refusal{Why: "it has no books", Next: "kill it", Verb: runbook.VerbKill}
			}
			return nil
		},
		Confirm: func(_ *drill.State, c runbook.Command) *action.Confirmation {
			return &action.Confirmation{Lines: []string{"they read " + c.Text}}
		},
	}
}

// TestNewActionNeedsNoScreen holds that a row of the list is enough for a key, an entry of the
// palette, the dialogs for its parameters, and a line of help.
func TestNewActionNeedsNoScreen(t *testing.T) {
	want := "inspect us-east and eu-west: all"
	answers := func(s *stage) []string {
		s.wait(dialog.InFlight)
		s.shows("Audit: which links")
		s.press("down", "down", "down", "enter")
		s.shows("Look through its books")
		s.press("a", "l", "l", "enter")
		s.wait(dialog.InFlight)
		s.shows("they read all")
		return sentBy(s, "tab", "enter")
	}
	t.Run("by key", func(t *testing.T) {
		withActions(t, inspect(t))
		s := byHand(t)
		s.shows("Y audit") // in the footer, as what can be done to the region
		s.press("Y")
		sent := answers(s)
		if len(sent) != 1 || sent[0] != want {
			t.Fatalf("sent %q, want %q", sent, want)
		}
		c := s.host.session.sent[0]
		if c.Region != "us-east" || c.Between != [2]string{"us-east", "eu-west"} || c.Text != "all" || c.By != "operator" {
			t.Fatalf("sent %+v", c)
		}
	})
	t.Run("in the palette", func(t *testing.T) {
		row := inspect(t)
		row.Words.Key = "" // which only the palette offers then
		withActions(t, row)
		s := byHand(t)
		s.press(append([]string{":"}, strings.Split("audit eu", "")...)...)
		s.shows("look through its books")
		s.press("enter")
		s.wait(dialog.InFlight)
		s.shows("eu-west ↔ us-east")
	})
	t.Run("off with a reason", func(t *testing.T) {
		withActions(t, inspect(t))
		s := byHand(t)
		s.press("h", "Y") // ap-south
		if s.dialogs.Top() != nil {
			t.Fatal("it was asked about all the same")
		}
		s.shows("it has no books; kill it (K)")
	})
	t.Run("in help", func(t *testing.T) {
		withActions(t, inspect(t))
		s := byHand(t)
		s.press("?")
		s.shows("Y  look through its books")
	})
}

// TestBrownoutByKey holds that an action with parameters of every typed kind works
// through the list alone: ends are chosen, the rest is typed as far as it is wanted.
func TestBrownoutByKey(t *testing.T) {
	s := byHand(t)
	s.choose("B")
	s.shows("Brownout: which links")
	s.press("down", "down", "down")
	s.shows("▸ us-east ↔ eu-west")
	s.press("enter")
	s.shows("▸ rtt, the round trip")
	s.shows("like 5Mbps")
	if sent := sentBy(s, "enter"); len(sent) > 0 {
		t.Fatalf("nothing was typed, and sent %v", sent)
	}
	s.shows("a brownout of nothing changes nothing")
	s.press(append(strings.Split("400", ""), "enter")...)
	s.shows("is no duration")
	s.press("m", "s", "tab", "tab", "tab", "2", "%", "enter")
	s.wait(dialog.InFlight)
	s.shows("will hurt about ")
	s.shows("orders is copied to eu-west over it")
	sent := sentBy(s, "tab", "enter")
	if len(sent) != 1 {
		t.Fatalf("sent %v", sent)
	}
	c := s.host.session.sent[0]
	if c.Between != [2]string{"us-east", "eu-west"} || c.Shape != (topology.Shape{RTT: 400 * time.Millisecond, Loss: 0.02}) {
		t.Fatalf("sent %+v", c)
	}
	// Once it holds, the key that clears it is offered, and named by the one that can't.
	s.happens(0, drill.FaultProved{ID: 60, Fault: "brownout", Between: c.Between[:], From: s.live.state.Now, Proof: "answers in 400ms"})
	s.shows("C clear")
	s.shows("◐ us-east and eu-west brownout")
	s.choose("C")
	if sent := confirmed(s, "enter"); len(sent) != 1 || sent[0] != "clear us-east and eu-west" {
		t.Fatalf("sent %v", sent)
	}
}

// TestBrownoutInThePalette holds that it is found by its words.
func TestBrownoutInThePalette(t *testing.T) {
	s := byHand(t)
	s.press(append([]string{":"}, strings.Split("brown", "")...)...)
	s.shows("make links slow, narrow or lossy")
	s.press("enter")
	s.wait(dialog.InFlight)
	s.shows("Brownout: which links")
}
