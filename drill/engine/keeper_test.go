package engine

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

func TestMostAdvanced(t *testing.T) {
	at := func(epoch, position uint64) store.Status { return store.Status{LastIn: epoch, Position: position} }
	tests := []struct {
		name     string
		replicas map[string]store.Status
		want     string
	}{
		{"none", nil, ""},
		{"the longer log", map[string]store.Status{"a": at(1, 5), "b": at(1, 9)}, "b"},
		{"a newer epoch before a longer log", map[string]store.Status{"a": at(1, 900), "b": at(2, 10)}, "b"},
		{"equals go to the file's authority", map[string]store.Status{"a": at(1, 5), "b": at(1, 5), "c": at(1, 5)}, "b"},
		{"then by the file's order", map[string]store.Status{"a": at(1, 5), "c": at(1, 5)}, "c"},
		{"the file's authority only when equal", map[string]store.Status{"a": at(1, 5), "b": at(1, 4)}, "a"},
		{"an empty one is better than none", map[string]store.Status{"a": at(0, 0)}, "a"},
	}
	spec := drill.Dataset{Authority: "b", Regions: []string{"c", "a", "b"}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := mostAdvanced(tt.replicas, spec); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
