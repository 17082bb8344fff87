package journal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// TestForeignTextIsClean: what a terminal would obey is not read from a journal, and not
// written to one, however it is spelled; what is only a letter is.
func TestForeignTextIsClean(t *testing.T) {
	const line = `{"seq":1,"kind":"note.written","body":{"by":"o","text":"%s"}}` + "\n"
	for _, tt := range []struct{ json, want string }{
		{`Zürich 東京 👩 \ud83d\udc69 a\\u001b \"q\" \/`, `Zürich 東京 👩 👩 a\u001b "q" /`},
		{`a\u001b[31mb\u009bc\u202Ed`, `a\u001b[31mb\u009bc\u202ed`},
		{"a\u202eb\u2066c\u009bd\u007fe", `a\u202eb\u2066c\u009bd\u007fe`},
		{`a\rb\bc\fd\u000de`, `a\u000db\u0008c\u000cd\u000de`},
		{`a\nb\tc`, "a\nb\tc"},
		{`\\\u001b`, `\\u001b`},
	} {
		l, err := Read(strings.NewReader(strings.Replace(line, "%s", tt.json, 1)))
		if err != nil {
			t.Errorf("%q: %v", tt.json, err)
			continue
		}
		if got := l.Events[0].Body.(drill.NoteWritten).Text; got != tt.want {
			t.Errorf("of %q it reads %q, want %q", tt.json, got, tt.want)
		}
	}
	path := filepath.Join(t.TempDir(), "j.jsonl")
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(drill.Event{Seq: 1, Body: drill.NoteWritten{By: "o", Text: "a\x1b]0;x\a\u202eb\u007f"}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil || strings.ContainsFunc(strings.TrimSpace(string(raw)), clean.Obeyed) || strings.Contains(string(raw), `a\u001b`) {
		t.Fatalf("wrote %q, %v", raw, err)
	}
	l, err := Load(path)
	if err != nil || l.Events[0].Body.(drill.NoteWritten).Text != `a\u001b]0;x\u0007\u202eb\u007f` {
		t.Fatalf("read %+v, %v", l, err)
	}
}

// TestFolderPointsToItsJournal: a report's folder is easily taken for its journal.
// What is said of a file has its name in one line, whatever it is.
func TestAFileNameIsText(t *testing.T) {
	dir := t.TempDir()
	strange := filepath.Join(dir, "a\nb\x1b]0;owned\a.jsonl")
	shown := `a b\u001b]0;owned\u0007.jsonl`
	says := func(what string, err error) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), shown) || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("%s: %q", what, err)
		}
	}
	_, err := Load(strange)
	says("what is not there", err)
	says("its summary", Summarize(strange).Err)
	_, err = Create(filepath.Join(strange, "x"))
	says("its folder", err)
	plan := &runbook.Plan{Name: "one\ntwo"}
	path := write(t, []drill.Event{begun(plan)})
	if err := os.Rename(path, strange); err != nil {
		t.Fatal(err)
	}
	_, err = Create(strange)
	says("what is there", err)
	if s := Summarize(strange); s.Err != nil || s.Path != strange || s.Drill != "one two" {
		t.Errorf("%+v", s)
	}
	if err := os.WriteFile(strange, []byte("no journal\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Load(strange)
	says("what is none", err)
	_, err = Load(dir)
	says("a folder with it", err)
}

func TestFolderPointsToItsJournal(t *testing.T) {
	dir := t.TempDir()
	says := func(want string) {
		t.Helper()
		if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it says %v, want %q", err, want)
		}
	}
	says("it is a folder; name the journal in it")
	for _, name := range []string{"20260101-000000.000-a.jsonl", "20260301-000000.000-b.jsonl", "journal.jsonl"} {
		if name == "journal.jsonl" {
			says("its journal is " + filepath.Join(dir, "20260301-000000.000-b.jsonl"))
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	says("its journal is " + filepath.Join(dir, "journal.jsonl"))
}
