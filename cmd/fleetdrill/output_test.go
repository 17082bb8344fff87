package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A reader that stopped reading holds nobody up once the program is to end.
func TestOutletThatNobodyReads(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	ctx, stop := context.WithCancel(context.Background())
	o := newOutlet(w, ctx)
	page := make([]byte, 1<<20) // more than a pipe holds
	written := make(chan error, 1)
	go func() { _, err := o.Write(page); written <- err }()
	select {
	case err := <-written:
		t.Fatalf("a write of a megabyte that nobody reads returned %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	stop()
	select {
	case err := <-written:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(10 * stalledAfter):
		t.Fatal("a write waits for a reader although the program is to end")
	}
	if n, err := o.WriteString("more"); n != 4 || err != nil || !o.stalled.Load() {
		t.Fatalf("after that %d bytes, %v, stalled %v", n, err, o.stalled.Load())
	}
}

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
			s.stops = &stops{Context: t.Context()}
			root := newRootCommand(s)
			root.SetArgs(append(args, "--state-dir", dir))
			root.SetOut(cleaned{out: &out})
			root.SetErr(cleaned{out: &complaints})
			err := root.Execute()
			exitCode(err, cleaned{out: &complaints})
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
