package drill

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What an effect keeps apart: one way is enough, and others are all but the end named first.
func TestSeparates(t *testing.T) {
	cut := runbook.Effect{Cuts: runbook.Command{From: "east", To: topology.EndOthers}.Ways()}
	for _, tt := range []struct {
		a, b string
		want bool
	}{{"east", "west", true}, {"west", "east", true}, {"east", topology.EndControl, true}, {"west", "south", false}, {"east", "east", false}} {
		if got := cut.Separates(tt.a, tt.b); got != tt.want {
			t.Errorf("%s and %s: %v", tt.a, tt.b, got)
		}
	}
	both := runbook.Command{Between: [2]string{"east", "west"}}.Ways()
	if !both[0].Has("east", "west") || both[0].Has("west", "east") || !both[1].Has("west", "east") {
		t.Errorf("%+v", both)
	}
}

// A fault of a journal that had no effects yet has the effect of its name, and one that says
// it keeps what it says.
func TestAnOlderJournalsFaultHasAnEffect(t *testing.T) {
	both := topology.Ways("a", "b", false)
	shape := topology.Shape{RTT: time.Second}
	for text, want := range map[string]runbook.Effect{
		`{"fault":"kill","region":"a"}`:                                         {Stops: []string{"a"}, Undo: runbook.VerbRestore},
		`{"fault":"freeze","region":"a"}`:                                       {Stops: []string{"a"}, Still: true, Undo: runbook.VerbRestore},
		`{"fault":"partition","between":["a","b"]}`:                             {Cuts: both, Undo: runbook.VerbHeal},
		`{"fault":"partition","between":["a","b"],"one_way":true}`:              {Cuts: both[:1], Undo: runbook.VerbHeal},
		`{"fault":"brownout","between":["a","b"],"shape":{"rtt":1000000000}}`:   {Reshapes: both, Shape: shape, Undo: "clear"},
		`{"fault":"flood","region":"a","effect":{"stops":["a"],"undo":"pump"}}`: {Stops: []string{"a"}, Undo: "pump"},
	} {
		var b FaultProved
		if err := json.Unmarshal([]byte(text), &b); err != nil {
			t.Fatal(err)
		}
		s := story(DrillStarted{Fleet: topology.Fleet{Regions: []topology.Region{{Name: "a"}, {Name: "b"}}}}, b, FaultLifted{Region: b.Region})
		f := s.Faults[0]
		if !reflect.DeepEqual(f.Effect, want) {
			t.Errorf("%s: %+v, want %+v", text, f.Effect, want)
		}
		if b.Fault != "flood" && (f.Done == "" || f.Ended == "") {
			t.Errorf("%s has no words: %q, %q", text, f.Done, f.Ended)
		}
	}
}
