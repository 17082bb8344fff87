package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// A step that the drill did not come to was neither refused nor taken.
func TestAStepThatWasNotReachedIsNotTaken(t *testing.T) {
	promote := runbook.Command{Verb: runbook.VerbPromote, Dataset: "orders", To: "eu-west", By: "drill"}
	events := func(more ...drill.Body) []drill.Event {
		bodies := append([]drill.Body{drill.DrillStarted{Plan: &runbook.Plan{Steps: []runbook.Step{{At: 20 * time.Second, Command: promote, Expect: runbook.ExpectRefused}}}}}, more...)
		var out []drill.Event
		for i, b := range append(bodies, drill.DrillEnded{Verdict: drill.Aborted, Why: "interrupted"}) {
			out = append(out, drill.Event{Seq: uint64(i + 1), T: time.Duration(i) * time.Second, Body: b})
		}
		return out
	}
	zero := 0
	taken := drill.CommandTaken{ID: 1, Command: promote, Step: &zero}
	for _, tt := range []struct {
		name, json, line string
		events           []drill.Event
	}{
		{"not reached", `"refused": null`, "unknown promote orders to eu-west was not reached", events()},
		{"not answered", `"refused": null`, "unknown promote orders to eu-west was not reached", events(taken)},
		{"taken", `"refused": false`, "TAKEN promote orders to eu-west was not refused", events(taken, drill.CommandDone{ID: 1, Command: promote})},
		{"refused", `"refused": true`, "refused promote orders to eu-west orders is pinned", events(taken, drill.CommandFailed{ID: 1, Command: promote, Refused: true, Error: "orders is pinned"})},
	} {
		r, err := FromEvents(tt.events)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := Summary(&out, r); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(strings.Fields(out.String()), " "), tt.line) {
			t.Errorf("%s: nothing says %q in\n%s", tt.name, tt.line, out.String())
		}
		if json := string(encoded(t, tt.events)); !strings.Contains(json, tt.json) {
			t.Errorf("%s: nothing says %s in\n%s", tt.name, tt.json, json)
		}
	}
}
