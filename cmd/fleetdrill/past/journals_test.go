package past

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/report/single"
)

func TestPruning(t *testing.T) {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) journal.Summary {
		return journal.Summary{Path: d.String(), Began: now.Add(-d), Wrote: now.Add(-d).Add(time.Minute), Verdict: drill.Passed}
	}
	const day = 24 * time.Hour
	broken := journal.Summary{Path: "broken", Wrote: now.Add(-9 * day), Err: errors.New("it is empty")}
	running := journal.Summary{Path: "running", Began: now.Add(-time.Hour), Wrote: now.Add(-time.Second)}
	all := []journal.Summary{running, ago(2 * time.Hour), ago(3 * day), broken, ago(40 * day)}
	for _, tt := range []struct {
		name string
		rule pruning
		want string
	}{
		{"all", pruning{}, "2h0m0s 72h0m0s broken 960h0m0s"},
		{"all but two", pruning{keep: 2}, "72h0m0s broken 960h0m0s"},
		{"of before four days", pruning{older: 4 * day}, "broken 960h0m0s"},
		{"both", pruning{keep: 4, older: day}, "960h0m0s"},
		{"more than there are", pruning{keep: 9}, ""},
	} {
		tt.rule.now = now
		var got []string
		for _, j := range tt.rule.of(all) {
			got = append(got, j.Path)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, got, tt.want)
		}
	}
}

// TestPruningLeavesWhatMayBeWritten: a drill is silent for longer than a minute while its fleet comes up.
func TestPruningLeavesWhatMayBeWritten(t *testing.T) {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	at := func(name, fleet string, ago time.Duration, v drill.Verdict) journal.Summary {
		return journal.Summary{Path: name, Fleet: fleet, On: "kind", Began: now.Add(-ago), Wrote: now.Add(-ago), Verdict: v}
	}
	all := []journal.Summary{
		at("coming-up", "a", 5*time.Minute, ""), at("broken-off", "a", 25*time.Hour, ""), at("ended", "a", 2*time.Hour, drill.Passed), at("just-ended", "a", time.Second, drill.Passed),
		at("going-down", "driven", 5*time.Minute, drill.Failed), at("earlier", "driven", time.Hour, drill.Failed), at("asleep", "driven", 30*time.Hour, ""),
		{Path: "empty", Wrote: now.Add(-2 * time.Minute), Err: errors.New("it is empty")},
	}
	var got []string
	for _, j := range (pruning{now: now, driven: map[fleetOn]bool{{"driven", "kind"}: true}}).of(all) {
		got = append(got, j.Path)
	}
	if want := "broken-off ended earlier"; strings.Join(got, " ") != want {
		t.Errorf("%v go, want %s", got, want)
	}
}

// TestPruneTakesOurReport: and not a folder with something else in it.
// A list has a line a journal, whatever they are called and say.
func TestAJournalsNameIsOneLine(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	all := []journal.Summary{
		{Path: "/j/a\nb\x1b[31m.jsonl", Drill: "failback", Began: now},
		{Path: "/j/c\td\n.jsonl", Err: errors.New("broken"), Wrote: now},
	}
	var listed, pruned strings.Builder
	if err := printJournals(&listed, "/j", all, time.UTC); err != nil {
		t.Fatal(err)
	}
	if err := prune(all, false, strings.NewReader("n\n"), &pruned); err != nil {
		t.Fatal(err)
	}
	for what, got := range map[string]string{"journals": listed.String(), "prune": pruned.String()} {
		if n := strings.Count(got, "\n"); n != 4 && what == "journals" || n != 3 && what == "prune" || strings.Contains(got, "\x1b") || strings.Count(got, ".jsonl") != 2 {
			t.Errorf("%s has %d lines:\n%q", what, n, got)
		}
	}
}

func TestPruneTakesOurReport(t *testing.T) {
	for others, want := range map[string]bool{"": false, "mine.txt": true} {
		path := filepath.Join(t.TempDir(), "x.jsonl")
		if err := os.Mkdir(besideJournal(path), 0o700); err != nil {
			t.Fatal(err)
		}
		files := []string{path, filepath.Join(besideJournal(path), others)}
		for _, f := range single.Formats {
			files = append(files, filepath.Join(besideJournal(path), f.File))
		}
		for _, name := range files {
			if err := os.WriteFile(name, nil, 0o600); err != nil && others != "" {
				t.Fatal(err)
			}
		}
		if err := prune([]journal.Summary{{Path: path}}, true, strings.NewReader(""), io.Discard); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(besideJournal(path)); (err == nil) != want {
			t.Errorf("with %q in it the folder stays: %t, want %t", others, err == nil, want)
		}
	}
}

func TestAges(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"36h": 36 * time.Hour, "30d": 720 * time.Hour, "2w": 336 * time.Hour, "90m": 90 * time.Minute, "0d": 0,
		"": -1, "d": -1, "-3d": -1, "1.5d": -1, "30": -1, "30 d": -1, "999999999999d": -1, "-1h": -1,
	} {
		got, err := parseAge(text)
		if want < 0 && (err == nil || !strings.Contains(err.Error(), "30d")) || want >= 0 && (err != nil || got != want) {
			t.Errorf("%q is %s, %v", text, got, err)
		}
	}
}

// TestPruneAsks: nothing goes without a yes, and with it what was shown goes, with its exports.
func TestPruneAsks(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "20260101-000000.000-x.jsonl")
	lay := func() []journal.Summary {
		t.Helper()
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(Exports(path), "orders"), 0o700); err != nil {
			t.Fatal(err)
		}
		return []journal.Summary{{Path: path, Size: 1}}
	}
	left := func() int {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	for _, tt := range []struct {
		answer string
		yes    bool
		want   int
		says   string
	}{
		{"", false, 2, "nothing was deleted"}, {"n\n", false, 2, "nothing was deleted"}, {"\n", false, 2, "nothing was deleted"},
		{"y\n", false, 0, "deleted 1 journal"}, {"YES\n", false, 0, "deleted 1 journal"}, {"", true, 0, "deleted 1 journal"},
	} {
		var out bytes.Buffer
		if err := prune(lay(), tt.yes, strings.NewReader(tt.answer), &out); err != nil || left() != tt.want {
			t.Errorf("answered %q, %d are left, want %d: %v", tt.answer, left(), tt.want, err)
		}
		if text := out.String(); !strings.Contains(text, filepath.Base(path)) || !strings.Contains(text, tt.says) || strings.Contains(text, "[y/N]") == tt.yes {
			t.Errorf("answered %q, it says %q", tt.answer, text)
		}
	}
}

func TestJournalsAreListed(t *testing.T) {
	began := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	var out bytes.Buffer
	err := printJournals(&out, "/j", []journal.Summary{
		{Path: "/j/b.jsonl", Size: 170 << 10, Began: began, Length: 71 * time.Second, Drill: "lose-the-authority", Fleet: "three-regions", On: "local", Verdict: drill.Passed},
		{Path: "/j/a.jsonl", Size: 2, Began: began, Length: 3 * time.Second, Fleet: "two-regions", On: "kind"},
		{Path: "/j/f.jsonl", Size: 2, Began: began, Length: 3 * time.Second, Fleet: "two-regions", On: "kind", Verdict: drill.Inconclusive, Why: format.NoGoals},
		{Path: "/j/0.jsonl", Wrote: began, Err: errors.New("it is empty")},
		{Path: "/j/x.jsonl", Err: errors.New("no such file or directory")},
	}, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2026-03-14 09:26:53  lose-the-authority  three-regions on local  passed", "free drill", "not judged", "two-regions on kind     free drill", "unreadable", "unknown              unreadable", "5 journals, 170 KiB in /j"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
}

// TestJournalsAreFound: by their path, and by the name that the list has.
func TestJournalsAreFound(t *testing.T) {
	state := t.TempDir()
	s := Folder{State: func() (string, error) { return state, nil }}
	dir, err := s.Dir()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	listed := filepath.Join(dir, "x.jsonl")
	if err := os.WriteFile(listed, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for name, want := range map[string]string{"x": listed, "x.jsonl": listed, listed: listed, "./x.jsonl": "./x.jsonl"} {
		if got, err := s.Find(name); err != nil || got != want {
			t.Errorf("%s is %s, %v", name, got, err)
		}
	}
	if _, err := s.Find("y"); err == nil || !strings.Contains(err.Error(), "fleetdrill journals") {
		t.Errorf("of none it says %v", err)
	}
	if err := os.WriteFile("x.jsonl", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Find("x.jsonl"); got != "x.jsonl" {
		t.Errorf("the one that is here is %s", got)
	}
}

// TestNoStrangersFileIsPruned holds that a file that is no drill's journal neither goes nor keeps a
// journal from being the newest.
func TestNoStrangersFileIsPruned(t *testing.T) {
	dir := t.TempDir()
	drill := func(name string, began time.Time) journal.Summary {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		return journal.Summary{Path: path, Began: began, Verdict: drill.Passed}
	}
	began := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	link := drill("zz.jsonl", began)
	link.Path = filepath.Join(dir, "link.jsonl")
	if err := os.Symlink("a.jsonl", link.Path); err != nil {
		t.Skip("SKIPPED: no links here")
	}
	notes := drill("notes.jsonl", time.Time{})
	notes.Err = errors.New("it is no journal")
	all := drillsOnly([]journal.Summary{notes, link, drill("z.jsonl", began), drill("a.jsonl", began.Add(time.Hour))})
	if len(all) != 2 || filepath.Base(all[0].Path) != "a.jsonl" || filepath.Base(all[1].Path) != "z.jsonl" {
		t.Errorf("%+v, want the two drills, the later first", all)
	}
}
