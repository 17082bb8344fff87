package journal

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// TestSummariesAgreeWithTheWhole: what a list says of a journal is what its state says.
func TestSummariesAgreeWithTheWhole(t *testing.T) {
	for _, name := range []string{"v1-lose-the-authority", "v1-split-brain"} {
		path := filepath.Join("testdata", name+".jsonl")
		l, err := Load(path)
		if err != nil {
			t.Fatal(err)
		}
		s := drill.NewState()
		for _, e := range l.Events {
			s.Apply(e)
		}
		j := Summarize(path)
		if j.Err != nil || j.Drill != s.Plan.Name || j.Fleet != s.Fleet.Name || j.On != s.On || j.Verdict != s.Verdict || j.Length != s.Now || !j.Began.Equal(s.Started) {
			t.Errorf("%s: %+v", name, j)
		}
		if info, err := os.Stat(path); err != nil || info.Size() != j.Size {
			t.Errorf("%s has %d bytes, %v", name, j.Size, err)
		}
	}
}

// begun is a journal's first event.
func begun(plan *runbook.Plan) drill.Event {
	at := time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)
	return drill.Event{Seq: 1, At: at, T: time.Millisecond, Body: drill.DrillStarted{Fleet: topology.Fleet{Name: "three-regions"}, On: "local", Plan: plan}}
}

// TestSummaryOfALongEnd: the verdict is found however much was written after it, within reason, and
// where nothing was judged there is none.
func TestSummaryOfALongEnd(t *testing.T) {
	for _, after := range []int{0, 10, 1000} {
		events := []drill.Event{begun(nil)}
		add := func(b drill.Body) {
			n := len(events) + 1
			events = append(events, drill.Event{Seq: uint64(n), T: time.Duration(n) * time.Second, Body: b})
		}
		for range 3000 { // more than is read of it
			add(drill.NoteWritten{By: "operator", Text: strings.Repeat("x", 200)})
		}
		add(drill.DrillEnded{Verdict: drill.Failed})
		for range after {
			add(drill.StageEntered{Stage: "stop", Region: "us-east"})
		}
		if j := Summarize(write(t, events)); j.Err != nil || j.Verdict != drill.Failed || j.Length != time.Duration(len(events))*time.Second || j.Drill != "" {
			t.Errorf("with %d events after it: %+v", after, j)
		}
		if j := Summarize(write(t, events[:2000])); j.Err != nil || j.Verdict != "" || j.Length != 2000*time.Second {
			t.Errorf("not judged: %+v", j)
		}
	}
}

func TestSummaryOfWhatIsNone(t *testing.T) {
	dir := t.TempDir()
	lay := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pipe := filepath.Join(dir, "pipe.jsonl")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none.jsonl"):         "no such file",
		dir:                                      "it is a folder",
		pipe:                                     "write it to a file first",
		lay("empty.jsonl", ""):                   "it is empty",
		lay("half.jsonl", `{"seq":1,"at":"2026`): "its first line breaks off",
		lay("foreign.jsonl", "{\"a\":1}\n"):      "does not begin as a journal",
		lay("middle.jsonl", `{"seq":5,"kind":"x","body":{}}`+"\n"): "does not begin as a journal",
	} {
		if j := Summarize(path); j.Err == nil || !strings.Contains(j.Err.Error(), want) || !strings.Contains(j.Err.Error(), path) {
			t.Errorf("of %s it says %v, want %q", path, j.Err, want)
		}
	}
}

// TestListIsNewestFirst, with what can't be read, and without what is no journal.
func TestListIsNewestFirst(t *testing.T) {
	dir := t.TempDir()
	if list, err := List(filepath.Join(dir, "none")); err != nil || len(list) > 0 {
		t.Fatalf("of a folder that is not there it lists %v, %v", list, err)
	}
	journal, err := os.ReadFile(write(t, []drill.Event{begun(&runbook.Plan{Name: "failback"})}))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"20260101-a.jsonl": string(journal), "20260301-c.jsonl": "", "20260201-b.jsonl": string(journal), "notes.txt": "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "20260401-d-diverged.jsonl"), 0o700); err != nil {
		t.Fatal(err)
	}
	list, err := List(dir)
	if err != nil || len(list) != 3 || list[0].Err == nil || list[1].Drill != "failback" || filepath.Base(list[2].Path) != "20260101-a.jsonl" {
		t.Fatalf("it lists %+v, %v", list, err)
	}
	if list, all, _ := Newest(dir, 1); all != 3 || len(list) != 2 || filepath.Base(list[1].Path) != "20260201-b.jsonl" {
		t.Fatalf("of one that can be read, of %d, it lists %+v", all, list)
	}
}
