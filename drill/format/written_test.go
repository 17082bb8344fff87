package format

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// found is a trace: + holds the write, - has it not, ? does not answer, ! has other contents.
func found(lead, answers string) fate.Trace {
	t := fate.Trace{Authority: lead}
	for i, r := range answers {
		t.Copies = append(t.Copies, fate.Copy{Region: []string{"east", "west", "south"}[i], Answered: r != '?', Held: r == '+' || r == '!', Altered: r == '!'})
	}
	return t
}

// Every fate has its words: what it is now for a list, and what changed for a line of the timeline.
func TestTheWordsOfAFate(t *testing.T) {
	confirmed := drill.WriteEnded{ID: "w", Dataset: "orders", Took: 23 * time.Millisecond, By: "east"}
	timeout := drill.WriteEnded{ID: "w", Dataset: "orders", Took: 2 * time.Second, Error: "timeout"}
	kept := found("west", "-++")
	kept.Copies[1].Held, kept.Copies[2].Held, kept.Exported = false, false, "a/folder/cut.jsonl"
	traced := func(t fate.Trace) drill.Body { return drill.WriteTraced{ID: "w", Dataset: "orders", Trace: t} }
	for _, tt := range []struct {
		bodies     []drill.Body
		list, line string
		mark       Mark
	}{
		{nil, "waits for an answer from east", "", ""},
		{[]drill.Body{confirmed}, "confirmed by east after 23 ms", "confirmed by east after 23 ms: “hello”", MarkData},
		{[]drill.Body{confirmed, traced(found("east", "+--"))}, "stored by east alone so far · confirmed by east after 23 ms", "stored by east alone so far: “hello”", MarkData},
		{[]drill.Body{confirmed, traced(found("east", "++-"))}, "in 2 of 3 replicas, not yet in south · confirmed by east after 23 ms", "in 2 of 3 replicas, not yet in south: “hello”", MarkData},
		{[]drill.Body{confirmed, traced(found("east", "++?"))}, "in 2 of 3 replicas, no answer from south · confirmed by east after 23 ms", "in 2 of 3 replicas, no answer from south: “hello”", MarkData},
		{[]drill.Body{confirmed, traced(found("east", "++-")), traced(found("east", "+++"))}, "in all 3 replicas · confirmed by east after 23 ms", "in 2 of 3 replicas, not yet in south: “hello”", MarkData},
		{[]drill.Body{confirmed, traced(found("east", "?+-"))}, "unknown: east, which leads, does not answer; it is in west · confirmed by east after 23 ms", "unknown: east, which leads, does not answer; it is in west: “hello”", MarkData},
		{[]drill.Body{confirmed, traced(found("", "?--"))}, "unknown: the leader does not answer, no other replica has it · confirmed by east after 23 ms", "unknown: the leader does not answer, no other replica has it: “hello”", MarkData},
		{[]drill.Body{confirmed, traced(found("west", "?--"))}, "LOST: it is not in west, which leads now · confirmed by east after 23 ms", "LOST: it is not in west, which leads now: “hello”", MarkError},
		{[]drill.Body{confirmed, traced(found("west", "+--"))}, "LOST for now: it is in east, and not in west, which leads · confirmed by east after 23 ms", "LOST for now: it is in east, and not in west, which leads: “hello”", MarkError},
		{[]drill.Body{confirmed, traced(kept)}, "LOST, and kept in cut.jsonl · confirmed by east after 23 ms", "LOST, and kept in cut.jsonl: “hello”", MarkError},
		{[]drill.Body{confirmed, traced(found("west", "?--")), traced(found("east", "+--"))}, "back: in 1 of 3 replicas: east · confirmed by east after 23 ms", "back: in 1 of 3 replicas: east: “hello”", MarkData},
		{[]drill.Body{confirmed, traced(found("east", "!--"))}, "ALTERED: east, which leads, has other contents · confirmed by east after 23 ms", "ALTERED: east, which leads, has other contents: “hello”", MarkError},
		{[]drill.Body{timeout}, "never confirmed: no answer in time (after 2.0 s); not looked for yet", "never confirmed: no answer in time (after 2.0 s); not looked for yet: “hello”", MarkData},
		{[]drill.Body{timeout, traced(found("east", "?--"))}, "never confirmed: no answer in time (after 2.0 s); not known whether it is stored: no answer from east", "never confirmed: no answer in time (after 2.0 s); not looked for yet: “hello”", MarkData},
		{[]drill.Body{timeout, traced(found("east", "---"))}, "never confirmed: no answer in time (after 2.0 s), and stored nowhere", "never confirmed: no answer in time (after 2.0 s), and stored nowhere: “hello”", MarkData},
		{[]drill.Body{timeout, traced(found("east", "+--"))}, "stored by east all the same · never confirmed: no answer in time (after 2.0 s)", "stored by east all the same · never confirmed: no answer in time (after 2.0 s): “hello”", MarkData},
	} {
		s := drill.NewState()
		for i, b := range append([]drill.Body{drill.DrillStarted{Fleet: topology.Fleet{Name: "f"}},
			drill.WriteSent{ID: "w", Dataset: "orders", Region: "east", Text: "hello"}}, tt.bodies...) {
			s.Apply(drill.Event{Seq: uint64(i + 1), Body: b})
		}
		if got := Fate(s.OwnWrite("orders", "w")); got != tt.list {
			t.Errorf("in a list: %q, want %q", got, tt.list)
		}
		if tt.line == "" {
			continue
		}
		if lines := Timeline(s); len(lines) == 0 || lines[len(lines)-1].Text != tt.line || lines[len(lines)-1].Mark != tt.mark {
			t.Errorf("on the timeline: %+v, want %q", lines, tt.line)
		}
	}
}

// A long text is cut by characters, with a sign that it was.
func TestQuoted(t *testing.T) {
	for text, want := range map[string]string{"short": "“short”", "Zürich 東京 and more": "“Zürich 東京…”", "exactly ten"[:10]: "“exactly te”"} {
		if got := Quoted(text, 10); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
