package compared

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/comparison"
	"github.com/fleetdrill/fleetdrill/drill/report"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
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
	if err := Text(&out, Document{Comparison: c}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"                      one", "≠  users affected", "100 % (100 of 100)    30 % (30 of 100)      –\n", "   RTO ", "≠ differs by more than",
		"\n\ngone: no disk\n", "three hurt the fewest users: 30 % (30 of 100), against 100 % (100 of 100) on one.\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
	dir := t.TempDir()
	one := report.Report{Fleet: "one"}
	if err := Save(dir, Document{Comparison: c, Title: "One or three", Reports: []*report.Report{&one, nil, nil}, Journals: []string{"one.jsonl", "", ""}}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, JSONFile))
	if err != nil {
		t.Fatal(err)
	}
	var got Comparison
	if err := json.Unmarshal(text, &got); err != nil || *got.Title != "One or three" || got.Question != nil || got.Runs[0].Report.Fleet != "one" || got.Runs[2].Report != nil || len(got.Findings) == 0 || len(got.Remarks) != 1 {
		t.Errorf("%v: %s", err, text)
	}
	for _, r := range got.Rows {
		if r.Key == "users_affected" && (!r.Differs || *r.Cells[0].Value != 1 || *r.Cells[1].Value != 0.3 || r.Cells[2].Value != nil) {
			t.Errorf("%+v", r)
		}
	}
}

// ran is a drill on a fleet of that name in which us-east was killed at its third second, and after which requests were
// answered to such parts, of ten, second by second.
func ran(fleet string, ok ...int) *drill.State {
	s := drill.NewState()
	seq := uint64(0)
	at := func(second int, b drill.Body) {
		seq++
		s.Apply(drill.Event{Seq: seq, T: time.Duration(second) * time.Second, Body: b})
	}
	at(0, drill.DrillStarted{Fleet: topology.Fleet{Name: fleet, Regions: []topology.Region{{Name: "us-east"}}, Users: []topology.Population{{Name: "a|b <i>"}}}})
	at(3, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "us-east", Done: "killed", From: 3 * time.Second})
	for i, n := range append([]int{10, 10, 10}, ok...) {
		at(i+1, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: "a|b <i>", Requests: 10, OK: n, Failed: 10 - n}}})
	}
	return s
}

// Every format has the runs, links to their journals and the curves, and makes nothing but text of foreign names.
func TestEveryFormatHasAllOfIt(t *testing.T) {
	c := comparison.Of(comparison.Run{Label: "one", State: ran("one", 0, 5, 10)}, comparison.Run{Label: "two_<b>", State: ran("two", 7, 10)}, comparison.Run{Label: "gone", Why: "no disk"})
	dir := t.TempDir()
	if err := Save(dir, Document{Comparison: c, Title: "One <b> or three", Question: "How many <i>?", Reports: make([]*report.Report, 3), Journals: []string{"one.jsonl", "two runs.jsonl", ""}}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"comparison.md": {
			"# One &lt;b> or three\n\nHow many &lt;i>?\n",
			"| [one](<one.jsonl>) | [two\\_&lt;b>](<two%20runs.jsonl>) | gone |", "- gone: no disk", "## share of requests answered, all users",
			"| from | one | two\\_&lt;b> |", "| 0 s | 0 % | 70 % |", "| 1 s | 50 % | 100 % |", "- 0 s: us-east killed", "| from | a\\|b &lt;i> |",
		},
		"comparison.html": {
			"<title>fleetdrill: One &lt;b&gt; or three</title>", "<h1>One &lt;b&gt; or three</h1>", "How many &lt;i&gt;?",
			`<a href="one.jsonl" title="its journal">one</a>`, `<a href="two%20runs.jsonl" title="its journal">two_&lt;b&gt;</a>`, "<th>gone</th>",
			"<h2>share of requests answered, all users</h2>", `<polyline class="s0" points="44.0,12.0 `, `<polyline class="s1"`, "0 s: us-east killed", "a|b &lt;i&gt;",
		},
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range want {
			if !strings.Contains(string(text), part) {
				t.Errorf("%s does not have %q:\n%s", name, part, text)
			}
		}
		for _, foreign := range []string{"<b>", "<i>", "<script", "http://", "https://"} {
			if strings.Contains(string(text), foreign) {
				t.Errorf("%s has %q", name, foreign)
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, JSONFile))
	var got Comparison
	if err != nil || json.Unmarshal(text, &got) != nil || len(got.Curves) != 1 || len(got.Curves[0].Lines) != 2 || got.Runs[0].Journal == nil || got.Runs[2].Journal != nil {
		t.Errorf("%v: %s", err, text)
	}
}

// What a sign or a link means is said where there is one, and what has to be known before the findings stands before them.
func TestNothingIsExplainedThatIsNotThere(t *testing.T) {
	same := Document{Comparison: comparison.Of(comparison.Run{Label: "one", State: ran("one", 0, 10)}, comparison.Run{Label: "gone", Why: "no disk"}), Reports: make([]*report.Report, 2)}
	same.Findings = []string{"what came out"}
	for i := range same.Rows {
		same.Rows[i].Differs = false
	}
	for _, tt := range []struct {
		name  string
		write func(io.Writer, Document) error
		links string
	}{{"HTML", HTML, "leads to its journal"}, {"Markdown", Markdown, "leads to its journal"}, {"text", Text, ""}} {
		var plain, full strings.Builder
		other := same
		other.Rows = slices.Clone(same.Rows)
		other.Rows[0].Differs, other.Journals = true, []string{"one.jsonl"}
		if err := errors.Join(tt.write(&plain, same), tt.write(&full, other)); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(plain.String(), "≠") || strings.Contains(plain.String(), "leads to") {
			t.Errorf("%s explains what it does not have:\n%s", tt.name, plain.String())
		}
		if !strings.Contains(full.String(), "≠ differs by") || !strings.Contains(full.String(), tt.links) {
			t.Errorf("%s explains too little:\n%s", tt.name, full.String())
		}
		if remark, finding := strings.Index(full.String(), "gone: no disk"), strings.Index(full.String(), "what came out"); remark < 0 || remark > finding {
			t.Errorf("%s has the remark at %d, the finding at %d", tt.name, remark, finding)
		}
	}
}
