package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/past"
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/engine"
	"github.com/fleetdrill/fleetdrill/drill/report/compared"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
)

// Whatever is wrong with a comparison is said before anything starts, with the fleet it is of.
func TestAComparisonThatIsNone(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	for args, want := range map[string]string{
		"compare":                    "name a comparison: fleetdrill compare NAME (one of ",
		"compare lose-the-authority": "lose-the-authority is a drill: name the fleets to run it on",
		"compare one-cluster-vs-two": "did you mean one-cluster-vs-three?",
		"compare lose-the-authority --fleets two-regions":                  "1 fleet is named; name 2 to 6",
		"compare lose-the-authority --fleets two-regions,two-regions":      "fleet two-regions is named twice",
		"compare lose-the-authority --fleets two-regions,three-strategies": "on fleet three-strategies: drills/lose-the-authority.yaml:",
		"compare lose-the-authority --fleets three-regions,two-regions":    "fleet two-regions has other users than three-regions",
		"compare lose-the-authority --fleets three-regions,none.yaml":      "open none.yaml: no such file",
	} {
		if out, err := fleetdrillSays(t, strings.Fields(args)...); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(out, "──") {
			t.Errorf("%s: %v, want %q; printed %q", args, err, want, out)
		}
	}
}

// The exit code is that of the worst run, whatever came after it: a drill that failed was compared, one without a verdict was not.
func TestTheWorstRunDecides(t *testing.T) {
	code := func(ends ...error) int {
		var out strings.Builder
		return exitCode(worst(ends), &out)
	}
	passed, failed := ended(drill.Passed, nil), ended(drill.Failed, nil)
	unsure, down := ended(drill.Inconclusive, nil), ended("", fmt.Errorf("start: %w", engine.ErrUp))
	for _, tt := range []struct {
		want int
		ends []error
	}{
		{0, []error{passed, passed}}, {0, []error{failed, passed}}, {0, []error{failed, failed}}, {1, []error{passed, unsure}}, {1, []error{passed, ended(drill.Aborted, nil)}}, {1, []error{ended("", nil), failed}}, {3, []error{down, passed}}, {3, []error{failed, down, unsure}},
		{1, []error{ended(drill.Passed, errors.New("the journal's disk is full")), passed}},
	} {
		if got := code(tt.ends...); got != tt.want {
			t.Errorf("%v ends with %d, want %d", tt.ends, got, tt.want)
		}
	}
}

// A comparison that is interrupted between two runs did not pass on each fleet, though all that ran did.
func TestAnInterruptedComparisonHasNotPassed(t *testing.T) {
	held, err := scenario.LoadComparison("one-cluster-vs-three")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out strings.Builder
	if code := exitCode(comparing{}.headless(ctx, &settings{}, held, &out), io.Discard); code != exitFailed || !strings.Contains(out.String(), "interrupted before") {
		t.Errorf("it ends with %d:\n%s", code, out.String())
	}
}

// A run without a journal has its column, with why it is empty, in the table and in the file.
func TestARunThatIsMissingHasItsColumn(t *testing.T) {
	l, err := past.Sample()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var out strings.Builder
	if err := past.Compare(past.About{Title: "One or <three>", Question: "How many?"}, []past.Compared{{Label: "three-regions", Journal: l}, {Label: "gone", Err: errors.New("could not start: no disk")}}, dir, "", &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"One or <three>\nHow many?\n", "three-regions", "gone: could not start: no disk", "users affected"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
	var got compared.Comparison
	text, err := os.ReadFile(filepath.Join(dir, compared.JSONFile))
	if err != nil || json.Unmarshal(text, &got) != nil || len(got.Runs) != 2 || got.Runs[0].Report == nil || got.Runs[1].Report != nil {
		t.Errorf("%v: %.200s", err, text)
	}
}
