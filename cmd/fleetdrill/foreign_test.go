package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/tty"
)

// Each edge by which foreign text comes to the terminal: nothing that it obeys passes, and
// what is printed as JSON means the same.
func TestForeignTextReachesNoTerminal(t *testing.T) {
	dir := t.TempDir()
	const foreign = "x\x1b]0;owned\a\u202ey"
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	journal := write(foreign+".jsonl", `{"seq":1,"kind":"drill.started","body":{"fleet":{"name":"a\u001b[2Jb\u202ec"}}}`+"\n"+
		`{"seq":2,"kind":"note.written","body":{"by":"a\u009bb","text":"\u001b[31m"}}`+"\n"+
		`{"seq":3,"kind":"drill.ended","body":{"verdict":"passed","why":"\u001b]0;x\u0007 done"}}`+"\n")
	newer := write("newer.jsonl", `{"fleetdrill":"journal","version":9,"seq":1,"kind":"a\u001b[2Jb","body":{}}`+"\n")
	edges := map[string][]string{
		"a tag in a file":       {"check", write("tag.yaml", "title: !%1b%5d0;x%07 a\n")},
		"a value in a file":     {"check", write("value.yaml", "title: \"a\\e[31m\"\nfleet: \"b\\u202e\"\n")},
		"a key in a file":       {"check", write("key.yaml", "\"a\\e[31m\": 1\n")},
		"the name of a file":    {"check", write(foreign+".yaml", "title: [\n")},
		"the name of no file":   {"check", "./" + foreign},
		"a fleet's name":        {"down", foreign},
		"the name of a journal": {"report", "./" + foreign},
		"a journal":             {"report", journal},
		"a journal as JSON":     {"report", journal, "--json"},
		"a newer journal":       {"report", newer},
		"a command":             {foreign},
		"a flag":                {"run", "x", "--" + foreign},
		"a platform":            {"run", "lose-the-authority", "--on", foreign},
	}
	for name, args := range edges {
		t.Run(name, func(t *testing.T) {
			var out, complaints strings.Builder
			s := &settings{}
			s.stops = &tty.Stops{Context: t.Context()}
			root := newRootCommand(s)
			root.SetArgs(append(args, "--state-dir", dir))
			root.SetOut(tty.Cleaned{Out: &out})
			root.SetErr(tty.Cleaned{Out: &complaints})
			err := root.Execute()
			exitCode(err, tty.Cleaned{Out: &complaints})
			for _, text := range []string{out.String(), complaints.String()} {
				for _, r := range text {
					if r != '\n' && r != '\t' && strings.ContainsRune("\x1b\a\u009b\u202e", r) {
						t.Fatalf("printed %q", text)
					}
				}
			}
			if printed := out.String() + complaints.String(); !strings.Contains(printed, `\u`) && !strings.Contains(printed, `\x`) {
				t.Errorf("what was foreign is not shown: %q, %q", out.String(), complaints.String())
			}
			if args[len(args)-1] == "--json" && !json.Valid([]byte(out.String())) {
				t.Errorf("no JSON: %s", out.String())
			}
		})
	}
}
