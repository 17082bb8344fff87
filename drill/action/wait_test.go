package action

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// A wait is over once users have recovered from what can be recovered from: a brownout that
// holds can't be, one that was cleared can.
func TestWhatAWaitWaitsFor(t *testing.T) {
	slow := drill.FaultProved{ID: 1, Fault: faultBrownout, Between: []string{"east", "west"}, Shape: drill.Shape{RTT: time.Second}}
	tests := []struct {
		name   string
		events []drill.Body
		want   bool
	}{
		{"nothing happened", nil, true},
		{"a kill", kill1("south"), false},
		{"a kill that users recovered from", append(kill1("south"), drill.Recovered{Fault: 1}), true},
		{"a brownout that holds", []drill.Body{slow}, true},
		{"a brownout that was cleared", []drill.Body{slow, drill.FaultLifted{ID: 1}}, false},
		{"a brownout that users recovered from", []drill.Body{slow, drill.FaultLifted{ID: 1}, drill.Recovered{Fault: 1}}, true},
		{"a command under way", []drill.Body{drill.CommandTaken{ID: 3, Command: drill.Command{Verb: drill.VerbCordon, Region: "east"}}}, false},
		{"the wait itself", []drill.Body{drill.CommandTaken{ID: 9, Command: drill.Command{Verb: drill.VerbWait}}}, true},
	}
	for _, tt := range tests {
		if got := recovered(serving(tt.events...), 9); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
