package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
)

// impactCase is one fault on one shipped fleet. Few marks those that continuous integration
// has time for.
type impactCase struct {
	fleet string
	fault string // the step that takes something away
	undo  string // and the one that brings it back
	// lasts says that users do not recover before it is undone, which is not waited for.
	lasts bool
	few   bool
	needs string // the data engine that has to be installed; "" where the agent brings it
}

func (c impactCase) name() string { return c.fleet + ": " + c.fault }

func (c impactCase) drill() string {
	wait := "  - {at: 0s, do: wait, for: recovered}\n"
	if c.lasts {
		wait = ""
	}
	return fmt.Sprintf(`title: What was predicted of one fault, and what it did
fleet: %s
steady: {for: 5s, success: 99%%}
abort: {success_below: 1%%, for: 60s}
steps:
  - {at: 0s, %s}
%s  - {at: 8s, %s}
  - {at: 8s, do: wait, for: steady}
end: 9s
`, c.fleet, c.fault, wait, c.undo)
}

func on(verb, region string) string { return fmt.Sprintf("do: %s, region: %s", verb, region) }

func link(verb, a, b string) string { return fmt.Sprintf("do: %s, between: [%s, %s]", verb, a, b) }

// impactCases is every shipped fleet under single faults: of the authority by force and in
// silence, of another region, evacuated, cut off, one link cut, and one browned out.
func impactCases() []impactCase {
	var all []impactCase
	for _, f := range []struct {
		name, authority, other string
		few                    bool
		needs                  string
	}{
		{name: "three-regions", authority: "us-east", other: "eu-west", few: true},
		{name: "two-regions", authority: "us-east", other: "eu-west"},
		{name: "three-strategies", authority: "us-east", other: "ap-south"},
		{name: "pinned-to-the-eu", authority: "eu-west", other: "us-east"},
		{name: "fenced", authority: "us-east", other: "eu-west"},
		{name: "unfenced", authority: "us-east", other: "eu-west"},
		{name: "heavy-data", authority: "us-east", other: "eu-west"},
		{name: "two-in-one-cluster", authority: "us-east-1a", other: "eu-west"},
		{name: "three-regions-postgres", authority: "us-east", other: "eu-west", needs: store.EnginePostgres},
		{name: "three-strategies-postgres", authority: "us-east", other: "ap-south", needs: store.EnginePostgres},
	} {
		shaped := link("brownout", f.authority, f.other)
		for _, c := range []impactCase{
			{fault: on("kill", f.authority), undo: on("restore", f.authority), few: f.few},
			{fault: on("kill", f.other), undo: on("restore", f.other)},
			{fault: on("freeze", f.authority), undo: on("restore", f.authority), few: f.few},
			{fault: on("cordon", f.authority), undo: on("uncordon", f.authority), few: f.few},
			{fault: link("partition", f.authority, "others"), undo: link("heal", f.authority, "others"), few: f.few},
			{fault: link("partition", f.authority, f.other), undo: link("heal", f.authority, f.other), lasts: true},
			{fault: shaped + ", rtt: 700ms", undo: link("clear", f.authority, f.other), lasts: true},
			{fault: shaped + ", rtt: 300ms, loss: 5%", undo: link("clear", f.authority, f.other), lasts: true},
		} {
			c.fleet, c.needs = f.name, f.needs
			all = append(all, c)
		}
	}
	return all
}

// mostOff is how far a predicted share of users may be from the measured one.
const mostOff = 0.10

// TestImpact holds what is predicted of single faults against what was measured of the same
// command, on real local fleets by way of the program and its report alone.
// FLEETDRILL_TEST_IMPACT is "few" or "all".
func TestImpact(t *testing.T) {
	which := os.Getenv("FLEETDRILL_TEST_IMPACT")
	if which == "" || os.Getenv("FLEETDRILL_BIN") == "" {
		t.Skip("NOT TESTED: predictions against real local fleets; make test-impact does")
	}
	// A case can be run alone: -run 'TestImpact/heavy-data:_do:_freeze'.
	cases := slices.DeleteFunc(impactCases(), func(c impactCase) bool { return which != "all" && !c.few })
	rows := make([]string, len(cases)) // each case has its own, since several run at once
	t.Cleanup(func() {
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "fleet: fault\tusers predicted\tmeasured\tlost at most\tlost")
		fmt.Fprint(table, strings.Join(rows, ""))
		if err := table.Flush(); err != nil {
			t.Error(err)
		}
	})
	for i, c := range cases {
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel()
			rows[i] = c.run(t)
		})
	}
}

type impactReport struct {
	Predictions []struct {
		Command string `json:"command"`
		Share   struct {
			Predicted, Measured *float64
		} `json:"share"`
		Datasets map[string]struct {
			Lost struct{ Predicted, Measured *float64 } `json:"lost_writes_at_most"`
		} `json:"datasets"`
	} `json:"predictions"`
}

// run runs the case and returns its row of the table.
func (c impactCase) run(t *testing.T) string {
	if c.needs != "" {
		if _, err := server.FindPrograms(t.Context(), ""); err != nil {
			t.Skip("NOT TESTED: ", err)
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "impact.yaml")
	if err := os.WriteFile(file, []byte(c.drill()), 0o600); err != nil {
		t.Fatal(err)
	}
	// Its verdict is no matter: a drill without objectives has only to be carried out.
	out, err := onLocal(t, "run", file, "--report", dir)
	raw, failure := os.ReadFile(filepath.Join(dir, "report.json"))
	if failure != nil {
		t.Fatalf("%v, %v\n%s", failure, err, out)
	}
	var r impactReport
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Predictions) != 1 {
		t.Fatalf("%d predictions\n%s", len(r.Predictions), out)
	}
	p := r.Predictions[0]
	if p.Share.Predicted == nil || p.Share.Measured == nil {
		t.Fatalf("share: %v\n%s", p.Share, out)
	}
	lost, most := "", ""
	for name, d := range p.Datasets {
		switch {
		case d.Lost.Predicted == nil:
			most += name + " ? "
		case d.Lost.Measured != nil && *d.Lost.Measured > *d.Lost.Predicted:
			t.Errorf("%s lost %g writes, predicted were at most %g", name, *d.Lost.Measured, *d.Lost.Predicted)
			fallthrough
		default:
			most += fmt.Sprintf("%s %g ", name, *d.Lost.Predicted)
		}
		if d.Lost.Measured != nil {
			lost += fmt.Sprintf("%s %g ", name, *d.Lost.Measured)
		}
	}
	if off := math.Abs(*p.Share.Predicted - *p.Share.Measured); off > mostOff {
		t.Errorf("predicted %.1f %%, measured %.1f %%", *p.Share.Predicted*100, *p.Share.Measured*100)
		if testing.Verbose() {
			t.Logf("%s", out)
		}
	}
	return fmt.Sprintf("%s\t%.1f %%\t%.1f %%\t%s\t%s\n", c.name(), *p.Share.Predicted*100, *p.Share.Measured*100, most, lost)
}
