package kindcluster

import (
	"testing"
	"time"
)

func TestExpected(t *testing.T) {
	tests := []struct {
		name                 string
		stage, regions, cpus int
		want                 time.Duration
	}{
		{"alone, the floor counts", StageCreate, 1, 8, 20 * time.Second},
		{"three on two processors", StageCreate, 3, 2, 54 * time.Second},
		{"an engine that does not say how many it has", StageCreate, 1, 0, 36 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Expected(tt.stage, tt.regions, tt.cpus); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}
