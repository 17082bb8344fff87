package measure

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// How soon a population is served again ends with the last request that failed; it is a lower bound while more may fail, and
// nothing is known of who did not ask.
func TestServedAgain(t *testing.T) {
	tests := []struct {
		name string
		i    telemetry.UserImpact
		want Span
	}{
		{"back", telemetry.UserImpact{LastFailed: ms(7200), LastOK: ms(9000), Closed: true}, Span{D: ms(6200), Known: true}},
		{"nothing failed", telemetry.UserImpact{LastOK: ms(9000), Closed: true}, Span{Known: true}},
		{"sent before the fault, and cut off by it", telemetry.UserImpact{LastFailed: ms(900), LastOK: ms(9000), Closed: true}, Span{Known: true}},
		{"users have not recovered", telemetry.UserImpact{LastFailed: ms(7200), LastOK: ms(9000)}, Span{D: ms(6200), Known: true, AtLeast: true}},
		{"answered by nobody since", telemetry.UserImpact{LastFailed: ms(7200), LastOK: ms(7000), Closed: true}, Span{D: ms(6200), Known: true, AtLeast: true}},
		{"nobody asked, or a journal of before", telemetry.UserImpact{Closed: true}, Span{}},
	}
	for _, tt := range tests {
		tt.i.Command, tt.i.From = 1, ms(1000)
		j := begun()
		j.at(ms(9500), drill.TrafficSampled{Window: ms(500), Populations: []telemetry.Population{
			{Population: "near", Impacts: []telemetry.UserImpact{tt.i, {Command: 2, From: ms(9400), LastOK: ms(9450), Closed: true}}},
		}})
		if got := ServedAgain(j.State, 1, "near"); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
		if got := ServedAgain(j.State, 2, "near"); got != (Span{Known: true}) {
			t.Errorf("%s: the harmless command %+v", tt.name, got)
		}
		if got := ServedAgainLast(j.State, ""); got.D != tt.want.D || got.AtLeast != tt.want.AtLeast {
			t.Errorf("%s: the longest %+v, want that of the first", tt.name, got)
		}
	}
}
