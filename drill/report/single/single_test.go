package single

import (
	"bytes"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/journal/sample"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; -update writes it anew; got\n%s", path, got)
	}
}

// shipped is the document of the journal that ships.
func shipped(t *testing.T) Document {
	t.Helper()
	in, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}
	l, err := journal.Read(in)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Of(l.Events, l.Remarks()...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// formatOf is the one that a flag names.
func formatOf(t *testing.T, name string) Format {
	t.Helper()
	i := slices.IndexFunc(Formats, func(f Format) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("no format %s", name)
	}
	return Formats[i]
}

func written(t *testing.T, f Format, d Document) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := f.Write(&out, d); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// Every format of the journal that ships is as it was.
func TestGolden(t *testing.T) {
	d := shipped(t)
	for _, f := range Formats {
		golden(t, f.File, written(t, f, d))
	}
}

// nasty is what nobody would call a region, and what some format would obey.
const nasty = "<script>alert(1)</script>|]]>\x1b[31m*_`&amp;\n# x"

// hostile is a short drill in which every text that somebody else wrote is nasty.
func hostile(t *testing.T) Document {
	t.Helper()
	var events []drill.Event
	at := func(second int, b drill.Body) {
		when := time.Duration(second) * time.Second
		events = append(events, drill.Event{Seq: uint64(len(events) + 1), T: when, At: time.Date(2026, 11, 22, 9, 30, second, 0, time.UTC), Body: b})
	}
	name := func(n string) string { return n + nasty }
	fleet := topology.Fleet{
		Name: name("fleet"), Regions: []topology.Region{{Name: name("a"), Place: nasty}, {Name: name("b")}},
		Users:    []topology.Population{{Name: name("users"), Count: 10}},
		Datasets: []topology.Dataset{{Name: name("orders"), Authority: name("a"), Regions: []string{name("a"), name("b")}}},
	}
	plan := &runbook.Plan{Name: name("drill"), Title: nasty, Hypothesis: nasty, Roles: runbook.Roles{"scribe": {"Ana " + nasty}}, Objectives: runbook.Objectives{RTO: new(time.Second)}}
	at(0, drill.DrillStarted{Fleet: fleet, On: "local", Plan: plan, Version: nasty})
	at(1, drill.NoteWritten{By: nasty, Text: nasty})
	at(2, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: name("users"), Requests: 10, OK: 10}}})
	at(3, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: name("a"), Done: "killed", Proof: nasty, From: 3 * time.Second})
	at(4, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{{Population: name("users"), Requests: 10, OK: 1, Failed: 9, Failures: map[string]int{nasty: 9}}}})
	at(5, drill.LedgerChecked{Dataset: name("orders"), Acknowledged: 3, Lost: []drill.LostWrite{{ID: nasty, Acked: 2 * time.Second}}})
	at(6, drill.DrillEnded{Verdict: drill.Failed, Why: nasty})
	d, err := Of(events, nasty)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// No format makes of foreign text anything but that text.
func TestForeignTextStaysText(t *testing.T) {
	d := hostile(t)
	for _, f := range Formats {
		text := string(written(t, f, d))
		if strings.Contains(text, "\x1b") {
			t.Errorf("%s has an escape that a terminal obeys", f.File)
		}
		if f.Name == "json" {
			continue // strings, whatever is in them
		}
		if strings.Contains(text, "<script>alert") || strings.Contains(text, "]]>") && f.Name == "junit" {
			t.Errorf("%s has foreign markup:\n%s", f.File, text)
		}
		if (f.Name == "markdown" || f.Name == "html") && !strings.Contains(text, "scribe: Ana") {
			t.Errorf("%s does not say who had which part", f.File)
		}
		if !strings.Contains(text, "script>alert(1)") && !strings.Contains(text, "script&gt;alert(1)") {
			t.Errorf("%s leaves foreign text out", f.File)
		}
	}
}

// A table of Markdown has as many cells in every row as in its head, whatever is in them.
func TestMarkdownTablesAreWhole(t *testing.T) {
	for name, d := range map[string]Document{"shipped": shipped(t), "hostile": hostile(t)} {
		cells, tables := 0, 0
		for i, line := range strings.Split(string(written(t, formatOf(t, "markdown"), d)), "\n") {
			if !strings.HasPrefix(line, "| ") {
				cells = 0
				if strings.Contains(line, "# x") && strings.HasPrefix(line, "#") && strings.HasPrefix(line, "# x") {
					t.Errorf("%s: line %d is a heading that somebody else wrote: %s", name, i+1, line)
				}
				continue
			}
			n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") - 1
			if cells == 0 {
				cells, tables = n, tables+1
			}
			if n != cells {
				t.Errorf("%s: line %d has %d cells, its head %d: %s", name, i+1, n, cells, line)
			}
		}
		if tables < 5 {
			t.Errorf("%s has %d tables", name, tables)
		}
	}
}

// What JUnit is told of a drill: a case an objective, inconclusive is skipped, and the counts are those of the cases.
func TestJUnit(t *testing.T) {
	passed := shipped(t)
	unfinished, err := Of(passed.Events[:len(passed.Events)/3])
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name           string
		d              Document
		failed, judged bool
	}{{"shipped", passed, false, true}, {"unfinished", unfinished, false, false}, {"hostile", hostile(t), true, true}} {
		var got suites
		if err := xml.Unmarshal(written(t, formatOf(t, "junit"), tt.d), &got); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		one := got.Suites[0]
		failed, skipped := 0, 0
		for _, c := range one.Cases {
			if c.Failure != nil {
				failed++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
		if len(one.Cases) != one.Tests || failed != one.Failures || skipped != one.Skipped || got.Tests != one.Tests || one.Tests != 3+len(tt.d.Objectives)+len(tt.d.Refusals) {
			t.Errorf("%s: %+v", tt.name, one)
		}
		whole := one.Cases[0]
		if (whole.Failure != nil) != tt.failed || (whole.Skipped == nil) != tt.judged {
			t.Errorf("%s: the drill is %+v", tt.name, whole)
		}
		if tt.failed != (failed > 0) {
			t.Errorf("%s: %d failed", tt.name, failed)
		}
	}
}

// A page is well formed HTML, asks for nothing of the network, and has a name for whatever it draws.
func TestHTML(t *testing.T) {
	for name, d := range map[string]Document{"shipped": shipped(t), "hostile": hostile(t)} {
		text := written(t, formatOf(t, "html"), d)
		if len(text) > 3<<20 {
			t.Errorf("%s has %d bytes", name, len(text))
		}
		root, err := html.Parse(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		ids, drawings, tables := map[string]bool{}, 0, 0
		for n := range root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			has := map[string]string{}
			for _, a := range n.Attr {
				has[a.Key] = a.Val
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: %s has %s", name, n.Data, a.Key)
				}
				if (a.Key == "href" || a.Key == "src") && !strings.HasPrefix(a.Val, "#") {
					t.Errorf("%s: %s leads to %s", name, n.Data, a.Val)
				}
			}
			if id := has["id"]; id != "" {
				if ids[id] {
					t.Errorf("%s has %s twice", name, id)
				}
				ids[id] = true
			}
			switch n.Data {
			case "svg":
				drawings++
				if has["role"] == "img" && has["aria-label"] == "" {
					t.Errorf("%s: a drawing has no name", name)
				}
			case "table":
				tables++
			case "th":
				if has["scope"] == "" {
					t.Errorf("%s: a head has no scope", name)
				}
			case "img", "iframe", "link", "object", "embed", "form", "base":
				t.Errorf("%s has %s", name, n.Data)
			}
		}
		for _, s := range d.Sections() {
			if !ids[s.Key] {
				t.Errorf("%s has no section %s", name, s.Key)
			}
		}
		if tables < 4 || drawings < 1 {
			t.Errorf("%s has %d tables, %d drawings", name, tables, drawings)
		}
	}
}
