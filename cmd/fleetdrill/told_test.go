package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/past"
	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/tty"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/report/compared"
)

// twoRuns keeps the journal that ships as two runs, an hour apart, where journals are kept.
func twoRuns(t *testing.T) (h *host, before, now string) {
	t.Helper()
	loaded, err := past.Sample()
	if err != nil {
		t.Fatal(err)
	}
	h = newHost(&settings{stateDir: t.TempDir()})
	dir, err := h.Dir()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name string, later time.Duration) string {
		path := filepath.Join(dir, name)
		w, err := journal.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range loaded.Events {
			e.At = e.At.Add(later)
			if err := w.Append(e); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return h, write("20260101-100000.000-lose-the-authority.jsonl", 0), write("20260101-110000.000-lose-the-authority.jsonl", time.Hour)
}

// fleetdrillSays runs a command in this process.
func fleetdrillSays(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out strings.Builder
	s := &settings{}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.stops = &tty.Stops{Context: ctx}
	root := newRootCommand(s)
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.Execute()
	return out.String(), err
}

// What the result page asks the program for: the run before, and the report beside the journal.
func TestTheRunBeforeAndTheReport(t *testing.T) {
	h, before, now := twoRuns(t)
	if r, err := h.Earlier(now); err != nil || r.Path != before || len(r.Events) == 0 {
		t.Errorf("before %s: %s, %v", now, r.Path, err)
	}
	if r, err := h.Earlier(before); err == nil || !strings.Contains(err.Error(), "no earlier run of lose-the-authority") {
		t.Errorf("before the first: %s, %v", r.Path, err)
	}
	path, err := h.SaveReport(now)
	if err != nil || filepath.Dir(filepath.Dir(path)) != filepath.Dir(now) {
		t.Fatalf("saved to %s, %v", path, err)
	}
	text, err := os.ReadFile(path)
	if err != nil || !json.Valid(text) || !strings.Contains(string(text), `"incidents"`) {
		t.Errorf("%v: %.300s", err, text)
	}
	if path, err := h.SaveReport(filepath.Join(t.TempDir(), "none.jsonl")); err == nil {
		t.Errorf("the report of no journal is in %s", path)
	}
}

// After the screen has closed, a drill is told in the sentences of the screen, with where to read on.
func TestADrillIsToldAfterTheScreen(t *testing.T) {
	_, _, now := twoRuns(t)
	l, err := journal.Load(now)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	past.Tell(&out, now)
	story := format.Story(past.StateOf(l))
	if len(story) == 0 {
		t.Fatal("nothing happened in the journal that ships")
	}
	for _, want := range append(story, "lose-the-authority on three-regions, passed", "journal: "+now, "its report: fleetdrill report "+now) {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
	out.Reset()
	past.Tell(&out, "gone.jsonl")
	if want := "journal: gone.jsonl\nits report: fleetdrill report gone.jsonl\n"; out.String() != want {
		t.Errorf("of a journal that is gone it says %q", out.String())
	}
}

// What of a journal is not in what is said of its drill is said with it, wherever that is.
func TestAJournalThatIsNotWholeSaysSo(t *testing.T) {
	_, _, now := twoRuns(t)
	text, err := os.ReadFile(now)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	lines[10] = strings.Replace(lines[10], `"t":`, `"t":-`, 1)
	if err := os.WriteFile(now, []byte(strings.Join(lines, "")+`{"seq":`), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []string{"lines was left out for numbers that can't have been measured: line 11 (", "it breaks off in line "}
	var told strings.Builder
	past.Tell(&told, now)
	said, err := fleetdrillSays(t, "report", now)
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := fleetdrillSays(t, "report", "--json", now)
	if err != nil {
		t.Fatal(err)
	}
	_, asJSON, _ = strings.Cut(asJSON, "\n{") // after what is said on standard error
	for where, got := range map[string]string{"after the screen": told.String(), "in the report": said, "in report.json": asJSON} {
		for _, want := range want {
			if strings.Count(got, want) != 1 {
				t.Errorf("%s it does not say %q once:\n%s", where, want, got)
			}
		}
	}
}

func TestTwoJournalsSideBySide(t *testing.T) {
	_, before, now := twoRuns(t)
	got, err := fleetdrillSays(t, "report", "--compare", before, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"began", "verdict", "RTO", "RPO", "writes lost", "users affected"} {
		if !strings.Contains(got, "  "+what) {
			t.Errorf("there is no row of %s in\n%s", what, got)
		}
	}
	got, err = fleetdrillSays(t, "report", "--compare", before, now, "--json")
	var both compared.Comparison
	if err != nil || json.Unmarshal([]byte(got), &both) != nil || len(both.Runs) != 2 || both.Runs[0].Report.Started == both.Runs[1].Report.Started ||
		both.Runs[1].Label != "now" || both.Runs[1].Report.Verdict != "passed" {
		t.Errorf("%v: %.300s", err, got)
	}
	for _, args := range [][]string{{"report", "--compare", now}, {"report"}, {"report", before, now}} {
		if _, err := fleetdrillSays(t, args...); err == nil || !strings.Contains(err.Error(), "name ") {
			t.Errorf("%v: %v", args, err)
		}
	}
}
