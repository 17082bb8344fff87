package measure

import (
	"slices"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// Users that a kill affects are counted for a cordon, too, that begins before users have recovered from
// it, and the other way round. What was over by then, what hurt nobody, and a journal of before are not told.
func TestHarmOfCommandsThatOverlap(t *testing.T) {
	impact := func(command, affected, from, until int) telemetry.UserImpact {
		return telemetry.UserImpact{Command: command, Asked: 100, Affected: affected, From: ms(from), Until: ms(until)}
	}
	tests := []struct {
		name          string
		first, second telemetry.UserImpact
		want          [2]bool // whether the first has the second beside it, and the second the first
	}{
		{"the first is not over", impact(1, 20, 1000, 9000), impact(2, 18, 2000, 3000), [2]bool{true, true}},
		{"nor will it be", impact(1, 20, 1000, 0), impact(2, 18, 2000, 3000), [2]bool{true, true}},
		{"it is over", impact(1, 20, 1000, 2000), impact(2, 18, 2000, 3000), [2]bool{}},
		{"it hurt nobody", impact(1, 0, 1000, 9000), impact(2, 18, 2000, 3000), [2]bool{}},
		{"the second hurt nobody", impact(1, 20, 1000, 9000), impact(2, 0, 2000, 3000), [2]bool{}},
		{"a journal of before", impact(1, 20, 0, 0), impact(2, 18, 0, 0), [2]bool{}},
	}
	for _, tt := range tests {
		j := begun()
		j.at(ms(9500), drill.TrafficSampled{Window: ms(500), Populations: []telemetry.Population{
			{Population: "near", Impacts: []telemetry.UserImpact{tt.first, tt.second}},
			{Population: "far", Impacts: []telemetry.UserImpact{tt.first, tt.second}},
		}})
		want := [2][]Beside{}
		if tt.want[0] {
			want[0] = []Beside{{Command: 2}}
		}
		if tt.want[1] {
			want[1] = []Beside{{Command: 1, Earlier: true}}
		}
		for i, command := range []int{1, 2} {
			if got := HarmBeside(j.State, command); !slices.Equal(got, want[i]) {
				t.Errorf("%s: beside command %d %+v, want %+v", tt.name, command, got, want[i])
			}
		}
	}
}
