package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/engine"
	"github.com/fleetdrill/fleetdrill/tui"
)

// What breaks a drill that had begun is no mistake in the command or a file.
func TestExitCodes(t *testing.T) {
	full := errors.New("write the journal: no space left on device")
	tests := []struct {
		name string
		err  error
		want int
	}{
		{"nothing", nil, exitPassed},
		{"a wrong file", errors.New("drill.yaml:3: there is no step"), exitUsage},
		{"a full disk half way", brokeOff(full), exitFailed},
		{"a fleet that does not come up", brokeOff(fmt.Errorf("%w: no engine answers", engine.ErrUp)), exitFleet},
		{"a person who would not wait for the fleet to go", fmt.Errorf("screen: %w", tui.ErrForced), exitFleet},
		{"a person who interrupts the choice of a fleet's place", context.Canceled, exitFailed},
		{"a fleet that does not go", brokeOff(errors.Join(full, engine.ErrDown)), exitFleet},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := exitCode(tt.err, io.Discard); got != tt.want {
				t.Errorf("exit %d, want %d", got, tt.want)
			}
		})
	}
}
