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

// Async promotes the most advanced that answers, but not one that was still catching
// up while others, which may be far ahead, are silent.
func TestWhoIsCertainInAsync(t *testing.T) {
	at := func(position uint64) store.Status { return store.Status{LastIn: 1, Position: position} }
	tests := []struct {
		name    string
		gone    []string
		answers map[string]store.Status
		chosen  string
		want    string
		reason  string
	}{
		{"a current one", []string{"a"}, map[string]store.Status{"b": at(90)}, "", "b", ""},
		{"a current one beside one that is further on", []string{"a"}, map[string]store.Status{"a": at(99), "b": at(90)}, "", "a", ""},
		{"only one that was left behind", []string{"a", "b"}, map[string]store.Status{"b": at(9)}, "", "", "b had not caught up when a was lost, and a or c may have more"},
		{"two that were left behind", []string{"a", "b", "c"}, map[string]store.Status{"b": at(9), "c": at(8)}, "", "", "b and c had not caught up when a was lost, and a may have more"},
		{"all that were left behind: there is no more", []string{"a", "b", "c"}, map[string]store.Status{"a": at(7), "b": at(9), "c": at(8)}, "", "b", ""},
		{"the lost authority is back", []string{"a"}, map[string]store.Status{"a": at(99)}, "", "a", ""},
		{"an operator's choice", []string{"a", "b"}, map[string]store.Status{"b": at(9)}, "b", "b", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := &keeper{spec: drill.Dataset{Name: "orders", Mode: drill.ModeAsync, Authority: "a", Regions: []string{"a", "b", "c"}},
				rule: promise{Durability: drill.Durability{Mode: drill.ModeAsync}}, lead: "a", gone: map[string]*absence{}}
			for _, region := range tt.gone {
				k.gone[region] = &absence{}
			}
			if to, reason := k.choose(&failover{from: "a", chosen: tt.chosen}, tt.answers); to != tt.want || reason != tt.reason {
				t.Errorf("%q, %q; want %q, %q", to, reason, tt.want, tt.reason)
			}
		})
	}
}
