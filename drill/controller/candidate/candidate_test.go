package candidate

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func at(epoch, position uint64) store.Status {
	return store.Status{LastIn: epoch, Position: position, Entries: position}
}

func TestMostAdvanced(t *testing.T) {
	seeding := at(9, 999)
	seeding.Seeding = true
	tests := []struct {
		name     string
		replicas map[string]store.Status
		want     string
	}{
		{"none", nil, ""},
		{"the longer log", map[string]store.Status{"a": at(1, 5), "b": at(1, 9)}, "b"},
		{"a newer epoch before a longer log", map[string]store.Status{"a": at(1, 900), "b": at(2, 10)}, "b"},
		{"equals go to the last authority", map[string]store.Status{"a": at(1, 5), "b": at(1, 5), "c": at(1, 5)}, "b"},
		{"then by the file's order", map[string]store.Status{"a": at(1, 5), "c": at(1, 5)}, "c"},
		{"the last authority only when equal", map[string]store.Status{"a": at(1, 5), "b": at(1, 4)}, "a"},
		{"an empty one is better than none", map[string]store.Status{"a": at(0, 0)}, "a"},
		{"never one that is being copied", map[string]store.Status{"a": at(1, 1), "c": seeding}, "a"},
		{"not even alone", map[string]store.Status{"c": seeding}, ""},
	}
	q := Question{Dataset: topology.Dataset{Authority: "a", Regions: []string{"c", "a", "b"}}, Lead: "b"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := q.MostAdvanced(tt.replicas); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Of replicas that reach equally far the nearest to the last authority is taken, whatever the
// file's order; the file's authority has no say once another one led.
func TestEqualsGoByDistance(t *testing.T) {
	links := []topology.Link{{Between: [2]string{"b", "c"}, RTT: 220 * time.Millisecond}, {Between: [2]string{"a", "b"}, RTT: 80 * time.Millisecond},
		{Between: [2]string{"a", "c"}, RTT: 20 * time.Millisecond}, {Between: [2]string{"b", "d"}, RTT: 80 * time.Millisecond}}
	q := Question{Dataset: topology.Dataset{Authority: "c", Regions: []string{"c", "d", "a", "b"}}, Links: links, Lead: "b"}
	for _, tt := range []struct {
		name     string
		replicas map[string]store.Status
		want     string
	}{
		{"the nearest", map[string]store.Status{"a": at(1, 5), "c": at(1, 5)}, "a"},
		{"of those as near the first in the file", map[string]store.Status{"a": at(1, 5), "d": at(1, 5)}, "d"},
		{"the more advanced before the nearer", map[string]store.Status{"a": at(1, 5), "c": at(1, 6)}, "c"},
	} {
		if got, _ := q.Certain(tt.replicas); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Async promotes the most advanced that answers, but not one that was still catching
// up while others, which may be far ahead, are silent.
func TestWhoIsCertainInAsync(t *testing.T) {
	tests := []struct {
		name    string
		behind  []string
		answers map[string]store.Status
		chosen  string
		want    string
		reason  string
	}{
		{"a current one", []string{"a"}, map[string]store.Status{"b": at(1, 90)}, "", "b", ""},
		{"a current one beside one that is further on", []string{"a"}, map[string]store.Status{"a": at(1, 99), "b": at(1, 90)}, "", "a", ""},
		{"only one that was left behind", []string{"a", "b"}, map[string]store.Status{"b": at(1, 9)}, "", "", "b had not caught up when a was lost, and a or c may have more: at least 81 confirmed writes would be lost"},
		{"two that were left behind", []string{"a", "b", "c"}, map[string]store.Status{"b": at(1, 9), "c": at(1, 8)}, "", "", "b and c had not caught up when a was lost, and a may have more: at least 81 confirmed writes would be lost"},
		{"all that were left behind: there is no more", []string{"a", "b", "c"}, map[string]store.Status{"a": at(1, 7), "b": at(1, 9), "c": at(1, 8)}, "", "b", ""},
		{"the lost authority is back", []string{"a"}, map[string]store.Status{"a": at(1, 99)}, "", "a", ""},
		{"an operator's choice of one that was left behind", []string{"a", "b"}, map[string]store.Status{"b": at(1, 9)}, "b", "",
			"b had not caught up when a was lost, and a or c may have more: at least 81 confirmed writes would be lost"},
		{"an operator's choice of the less advanced of two", []string{"a", "b"}, map[string]store.Status{"a": at(1, 9), "b": at(1, 8), "c": at(1, 9)}, "b", "",
			"b had not caught up when a was lost, and a or c may have more: at least 82 confirmed writes would be lost"},
		{"an operator's choice of a current one", []string{"a"}, map[string]store.Status{"b": at(1, 80), "c": at(1, 85)}, "b", "b", ""},
		{"an operator's choice of what has the most of all", []string{"a", "b"}, map[string]store.Status{"a": at(1, 8), "b": at(1, 9), "c": at(1, 9)}, "b", "b", ""},
		{"an operator's choice of the lost authority", []string{"a", "b"}, map[string]store.Status{"a": at(1, 9)}, "a", "a", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := Question{
				Dataset: topology.Dataset{Name: "orders", Mode: topology.ModeAsync, Authority: "a", Regions: []string{"a", "b", "c"}},
				Rule:    Rule{Durability: topology.Durability{Mode: topology.ModeAsync}}, Lead: "a", Behind: tt.behind,
				Heard: map[string]store.Status{"a": at(1, 90), "b": at(1, 9), "c": at(1, 8)},
			}
			to, reason := q.Certain(tt.answers)
			if tt.chosen != "" {
				to, reason = q.Chosen(tt.chosen, false, tt.answers)
			}
			if to != tt.want || reason != tt.reason {
				t.Errorf("%q, %q; want %q, %q", to, reason, tt.want, tt.reason)
			}
		})
	}
}

// Sync promotes the authority or a partner that has caught up, quorum the most advanced of
// so many that one of them was in every majority.
func TestWhoIsCertainInSyncAndQuorum(t *testing.T) {
	sync := Rule{Durability: topology.Durability{Mode: topology.ModeSync, With: "b"}}
	caughtUp := sync
	caughtUp.CaughtUp = true
	quorum := Rule{Durability: topology.Durability{Mode: topology.ModeQuorum}}
	copied := at(1, 9)
	copied.Seeding = true
	tests := []struct {
		name    string
		rule    Rule
		answers map[string]store.Status
		want    string
	}{
		{"the partner has everything", caughtUp, map[string]store.Status{"b": at(1, 9), "c": at(1, 8)}, "b"},
		{"not before it has caught up", sync, map[string]store.Status{"b": at(1, 9), "c": at(1, 8)}, ""},
		{"a third region may lack some", caughtUp, map[string]store.Status{"c": at(1, 9)}, ""},
		{"the authority itself", sync, map[string]store.Status{"a": at(1, 9), "b": at(1, 9)}, "a"},
		{"a partner that is being copied", caughtUp, map[string]store.Status{"b": copied}, ""},
		{"two of three", quorum, map[string]store.Status{"b": at(1, 7), "c": at(1, 8)}, "c"},
		{"one of three", quorum, map[string]store.Status{"b": at(1, 7)}, ""},
		{"one of two is being copied", quorum, map[string]store.Status{"b": at(1, 7), "c": copied}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := Question{Dataset: topology.Dataset{Name: "orders", Authority: "a", Regions: []string{"a", "b", "c"}}, Rule: tt.rule, Lead: "a"}
			to, reason := q.Certain(tt.answers)
			if to != tt.want || (to == "") != (reason != "") {
				t.Errorf("%q, %q; want %q", to, reason, tt.want)
			}
		})
	}
}
