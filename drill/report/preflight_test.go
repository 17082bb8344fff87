package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
)

// A report has how ready regions were when a failover was decided, from the journal alone, and says of whom is promoted what was not.
func TestAReportHasThePreflight(t *testing.T) {
	events := judged(lostAuthority())
	at := slices.IndexFunc(events, func(e drill.Event) bool {
		b, is := e.Body.(drill.FailoverStaged)
		return is && b.Stage == drill.StageDecide
	})
	decided := events[at].Body.(drill.FailoverStaged)
	taken := drill.PreflightTaken{Taken: preflight.Taken{Failover: decided.ID, Dataset: decided.Dataset, To: decided.To, Targets: []preflight.Target{
		{Region: decided.To, Dataset: decided.Dataset, Findings: []preflight.Finding{
			{Check: "roles", Status: preflight.Unready, Why: "no role lets orders be written", Gates: true}, {Check: "data", Status: preflight.Ready, Why: "current"}}},
	}}}
	e := events[at]
	e.Body = taken
	events = slices.Insert(slices.Clone(events), at+1, e)
	for i := range events {
		events[i].Seq = uint64(i + 1)
	}
	r, err := FromEvents(events)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(r.Failovers, func(f Failover) bool { return len(f.Preflight) > 0 })
	if i < 0 || r.Failovers[i].Preflight[0].Status != preflight.Unready || len(r.Failovers[i].Preflight[0].Checks) != 2 {
		t.Fatalf("%+v", r.Failovers)
	}
	var out bytes.Buffer
	if err := Summary(&out, r); err != nil {
		t.Fatal(err)
	}
	if want := decided.To + " not ready, promoted"; !strings.Contains(out.String(), want) || !strings.Contains(out.String(), "roles: no role lets orders be written") {
		t.Errorf("no %q in\n%s", want, out.String())
	}
}

// TestAFailoverThatCameBackSaysSo: who was promoted took no write, so the first region leads again where it ends.
func TestAFailoverThatCameBackSaysSo(t *testing.T) {
	for to, want := range map[string]string{"eu-west": "us-east to eu-west", "us-east": "from us-east, and back to it"} {
		var out strings.Builder
		Report{Failovers: []Failover{{Dataset: "orders", From: "us-east", To: &to}}}.failovers(&out)
		if !strings.Contains(out.String(), want) {
			t.Errorf("to %s it says %q, want %q", to, out.String(), want)
		}
	}
}
