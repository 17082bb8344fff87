package journal

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
)

// TestHeader: the first line is an event with the header's keys beside its own, so that a reader of before, which takes
// every line for an event, reads it.
func TestHeader(t *testing.T) {
	raw, err := os.ReadFile(write(t, []drill.Event{note(1), note(2)}))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	if len(lines) != 2 || !strings.HasPrefix(lines[0], `{"fleetdrill":"journal","version":2,"seq":1,`) || strings.Contains(lines[1], "version") {
		t.Fatalf("wrote %q", lines)
	}
	for n, line := range lines {
		var e drill.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Seq != uint64(n+1) || e.Body != note(1).Body {
			t.Errorf("line %d is event %+v, %v", n+1, e, err)
		}
	}
}

// TestSkippedIsSaid: whoever reads a newer journal is told how much of it was skipped, and of
// which kinds.
func TestSkippedIsSaid(t *testing.T) {
	lines := `{"fleetdrill":"journal","version":9,"seq":1,"kind":"phase.entered","body":{"phase":"running"}}
{"seq":2,"kind":"comet.seen","body":{}}
{"seq":3,"kind":"aurora.seen","body":{}}
{"seq":4,"kind":"comet.seen","body":{}}
{"seq":5,"kind":"com`
	l, err := Read(strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"3 of 4 lines were skipped, which this program can't read: 1 of aurora.seen, 2 of comet.seen; the journal is of format 9, this program of 2, and what is said of the drill may be incomplete",
		"it breaks off in line 5, of which 20 bytes are there: the drill was not written to its end",
	}
	if got := l.Remarks(); !slices.Equal(got, want) {
		t.Fatalf("said %q, want %q", got, want)
	}
	if l, err = Read(strings.NewReader(lines[:strings.Index(lines, "\n")+1])); err != nil || len(l.Remarks()) > 0 {
		t.Fatalf("of a journal that was read to its end it says %q, %v", l.Remarks(), err)
	}
}

func TestVersions(t *testing.T) {
	line := func(header, seq, kind, body string) string {
		return `{` + header + `"seq":` + seq + `,"at":"2026-11-22T09:30:00Z","t":5,"kind":"` + kind + `","body":` + body + "}\n"
	}
	const newer = `"fleetdrill":"journal","version":9,`
	good, strange := `{"phase":"running"}`, `{"phase":{"name":"running"}}`
	tests := []struct {
		name, journal string
		version       int
		events        int
		skipped       int
		want          string // of the error
	}{
		{"nothing", "", 0, 0, 0, ""},
		{"before there were versions", line("", "1", "phase.entered", good), 1, 1, 0, ""},
		{"this one", line(`"fleetdrill":"journal","version":2,`, "1", "phase.entered", good), 2, 1, 0, ""},
		{"newer, nothing new in it", line(newer, "1", "phase.entered", good), 9, 1, 0, ""},
		{"newer, a new kind", line(newer, "1", "phase.entered", good) + line("", "2", "comet.seen", "{}") + line("", "3", "phase.entered", good), 9, 3, 1, ""},
		{"newer, a kind of another shape", line(newer, "1", "phase.entered", strange) + line("", "2", "phase.entered", good), 9, 2, 1, ""},
		{"newer, broken", line(newer, "1", "phase.entered", good) + "{]\n" + line("", "3", "phase.entered", good), 9, 1, 0, "line 2 is broken"},
		{"newer, no event", line(newer, "1", "phase.entered", good) + "{}\n", 9, 1, 0, "it has no kind"},
		{"newer, a gap", line(newer, "1", "phase.entered", strange) + line("", "3", "phase.entered", good), 9, 1, 1, "line 2 has event 3, want 2"},
		{"this one, a kind of another shape", line("", "1", "phase.entered", strange), 1, 0, 0, "line 1 is broken"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := Read(strings.NewReader(tt.journal))
			if l.Version != tt.version || len(l.Events) != tt.events || l.Skipped != tt.skipped {
				t.Errorf("version %d, %d events, %d skipped; want %d, %d, %d", l.Version, len(l.Events), l.Skipped, tt.version, tt.events, tt.skipped)
			}
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			s := drill.NewState()
			for _, e := range l.Events {
				s.Apply(e) // an event that is not known must not stop the others
			}
		})
	}
}
