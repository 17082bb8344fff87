package engine

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/engine/capacity"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic"
)

func TestWhatAMachineCanDo(t *testing.T) {
	fast := func(s *topology.Fleet) { s.Users[0].Rate = 100000 }
	tests := []struct {
		name    string
		machine capacity.Limits
		change  func(*topology.Fleet)
		want    int
		why     string // "" is none
	}{
		{"not known", capacity.Limits{}, fast, traffic.DefaultInFlight, ""},
		{"enough", capacity.Limits{Processors: 2, Files: 1 << 20}, nil, traffic.DefaultInFlight, ""},
		{"a rate beyond it", capacity.Limits{Processors: 2}, fast, 0, "this machine can send and answer at most 4,000 (2 processors, 500µs of processor time each at the least)"},
		{"the rate that two cores are to hold", capacity.Limits{Processors: 2}, func(s *topology.Fleet) { s.Users[0].Rate, s.Users[1].Rate = 1000, 1000 }, traffic.DefaultInFlight, ""},
		{"64 descriptors", capacity.Limits{Files: 64}, nil, 0, "this process may open 64 files, and a drill of lab needs"},
		{"a few descriptors", capacity.Limits{Files: 254}, nil, 28, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			spec := labSpec()
			if tt.change != nil {
				tt.change(&spec)
			}
			got, err := tt.machine.Fit(spec)
			if got != tt.want || (err == nil) != (tt.why == "") || err != nil && !strings.Contains(err.Error(), tt.why) {
				t.Errorf("%d, %v; want %d, %q", got, err, tt.want, tt.why)
			}
		})
	}
}

// What the machine can't do is refused before anything is started.
func TestARateBeyondTheMachineStartsNothing(t *testing.T) {
	spec := labSpec()
	spec.Users[0].Rate = 100000
	f := &labFleet{spec: spec, dir: t.TempDir()}
	e, err := New(labConfig(f, spec))
	if err != nil {
		t.Fatal(err)
	}
	verdict, err := e.Run(context.Background())
	if !errors.Is(err, ErrUp) || verdict != drill.Inconclusive || !strings.Contains(err.Error(), "lower their rates") || f.regions != nil {
		t.Errorf("%s, %v, regions %v", verdict, err, f.regions)
	}
}
