package drill

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

func TestEveryKindIsReadBackAsItWasWritten(t *testing.T) {
	for kind, decode := range decoders {
		t.Run(kind, func(t *testing.T) {
			empty, err := decode(json.RawMessage("{}"))
			if err != nil {
				t.Fatal(err)
			}
			if empty.Kind() != kind {
				t.Fatalf("%T calls itself %q", empty, empty.Kind())
			}
			line, err := json.Marshal(Event{Seq: 7, At: time.Unix(5, 0).UTC(), T: 3, Body: empty})
			if err != nil {
				t.Fatal(err)
			}
			var back Event
			if err := json.Unmarshal(line, &back); err != nil {
				t.Fatal(err)
			}
			if back.Seq != 7 || back.T != 3 || !reflect.DeepEqual(back.Body, empty) {
				t.Errorf("%s came back as %+v", line, back)
			}
		})
	}
}

// A fault that is begun is written with the names that a proved one has, and without a proof.
func TestAFaultThatIsBegunIsWrittenAsAProvedOne(t *testing.T) {
	proved := FaultProved{ID: 1, Fault: FaultKill, Region: "a", From: 5, Done: "killed", Command: 2, Effect: runbook.Effect{Stops: []string{"a"}, Undo: runbook.VerbRestore}}
	line, err := json.Marshal(FaultBegun(proved))
	if err != nil || string(line) != `{"id":1,"fault":"kill","region":"a","from":5,"done":"killed","command":2,"effect":{"stops":["a"],"undo":"restore"}}` {
		t.Errorf("%s (%v)", line, err)
	}
	var e Event // of a journal of before it had its effect and its word
	if err := json.Unmarshal([]byte(`{"seq":1,"kind":"fault.begun","body":{"id":1,"fault":"kill","region":"a","from":5,"command":2}}`), &e); err != nil {
		t.Fatal(err)
	}
	s := NewState()
	s.Apply(e)
	if got := s.Proving[0].FaultProved; !reflect.DeepEqual(got, proved) {
		t.Errorf("%+v", got)
	}
}

func TestAnUnknownKindIsKept(t *testing.T) {
	line := `{"seq":1,"at":"2026-01-02T03:04:05Z","t":9,"kind":"later.thing","body":{"a":1}}`
	var e Event
	if err := json.Unmarshal([]byte(line), &e); err != nil {
		t.Fatal(err)
	}
	if e.Body.Kind() != "later.thing" {
		t.Fatalf("kind %q", e.Body.Kind())
	}
	again, err := json.Marshal(e)
	if err != nil || string(again) != line {
		t.Errorf("written again as %s (%v)", again, err)
	}
	NewState().Apply(e) // and it must not disturb the state
}

func TestABrokenBodyIsAnError(t *testing.T) {
	var e Event
	err := json.Unmarshal([]byte(`{"seq":4,"kind":"fault.proved","body":{"from":"soon"}}`), &e)
	if err == nil || !strings.Contains(err.Error(), "event 4 (fault.proved)") {
		t.Errorf("error %v", err)
	}
}
