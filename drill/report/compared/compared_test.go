package compared

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/comparison"
	"github.com/fleetdrill/fleetdrill/drill/report"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// A comparison is a table for a person and one file for a program: what was not measured is null
// there, and what differs is marked in both.
func TestAComparisonIsWritten(t *testing.T) {
	ran := func(affected int) *drill.State {
		s := drill.NewState()
		s.Verdict = drill.Passed
		s.Populations = []*drill.PopulationState{{Last: &telemetry.Population{AskedEver: 100, AffectedEver: affected}}}
		return s
	}
	c := comparison.Of(comparison.Run{Label: "one", State: ran(100)}, comparison.Run{Label: "three", State: ran(30)}, comparison.Run{Label: "gone", Why: "no disk"})
	var out strings.Builder
	if err := Text(&out, c); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"                      one", "≠  users affected", "100 % (100 of 100)  30 % (30 of 100)    –\n", "   RTO ", "≠ differs by more than",
		"\n\ngone: no disk\n", "three hurt the fewest users: 30 % (30 of 100), against 100 % (100 of 100) on one.\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
	dir := t.TempDir()
	one := report.Report{Fleet: "one"}
	if err := Of(c, []*report.Report{&one, nil, nil}).WriteJSON(dir); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, JSONFile))
	if err != nil {
		t.Fatal(err)
	}
	var got Comparison
	if err := json.Unmarshal(text, &got); err != nil || got.Runs[0].Report.Fleet != "one" || got.Runs[2].Report != nil || len(got.Findings) == 0 || len(got.Remarks) != 1 {
		t.Errorf("%v: %s", err, text)
	}
	for _, r := range got.Rows {
		if r.Key == "users_affected" && (!r.Differs || *r.Cells[0].Value != 1 || *r.Cells[1].Value != 0.3 || r.Cells[2].Value != nil) {
			t.Errorf("%+v", r)
		}
	}
}
