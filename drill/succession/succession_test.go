package succession

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func at(epoch, position uint64) Replica {
	return Replica{LastIn: epoch, Position: position, Entries: position}
}

// Who leads next by epoch, position, wholeness, what was left behind, and the rule: of an
// authority east that is lost, and what that would lose.
func TestWhoLeadsNext(t *testing.T) {
	async, quorum := Rule{Durability: topology.Durability{Mode: topology.ModeAsync}}, Rule{Durability: topology.Durability{Mode: topology.ModeQuorum}}
	partner := Rule{Durability: topology.Durability{Mode: topology.ModeSync, With: "west"}}
	caughtUp := partner
	caughtUp.CaughtUp = true
	seeding := at(9, 999)
	seeding.Seeding = true
	for _, tt := range []struct {
		name    string
		rule    Rule
		behind  []string
		answers map[string]Replica
		to      string
		reason  string
	}{
		{"the longer log of one epoch", async, nil, map[string]Replica{"west": at(1, 1000), "south": at(1, 900)}, "west", ""},
		{"a newer epoch before a longer log", async, nil, map[string]Replica{"west": at(1, 1000), "south": at(2, 900)}, "south", ""},
		{"epochs that a journal did not keep", async, nil, map[string]Replica{"west": at(0, 900), "south": at(0, 1000)}, "south", ""},
		{"not what is being copied", async, nil, map[string]Replica{"west": at(1, 10), "south": seeding}, "west", ""},
		{"nobody", async, nil, nil, "", "no region that holds a replica answers"},
		{"who is behind, beside one that is current", async, []string{"south"}, map[string]Replica{"west": at(1, 10), "south": at(1, 5)}, "west", ""},
		{"only who is behind", async, []string{"west", "south"}, map[string]Replica{"south": at(1, 1000)}, "",
			"south had not caught up when east was lost, and east or west may have more: at least 4,000 confirmed writes would be lost"},
		{"a partner that has caught up", caughtUp, nil, map[string]Replica{"west": at(1, 900), "south": at(1, 1000)}, "west", ""},
		{"a partner that has not", partner, nil, map[string]Replica{"west": at(1, 900), "south": at(1, 1000)}, "",
			"sync: only east is certain to have every confirmed write, and it does not answer"},
		{"the newest of a majority", quorum, nil, map[string]Replica{"west": at(1, 1000), "south": at(2, 900)}, "south", ""},
		{"no majority", quorum, nil, map[string]Replica{"west": at(1, 1000)}, "",
			"quorum: 1 of 3 replicas answer, 2 are needed to be certain of every confirmed write"},
	} {
		q := Question{Dataset: topology.Dataset{Regions: []string{"east", "west", "south"}}, Lead: "east", Rule: tt.rule, Behind: tt.behind,
			Heard: map[string]Replica{"east": at(1, 5000), "west": at(1, 2000)}}
		if to, reason := q.Certain(tt.answers); to != tt.to || reason != tt.reason {
			t.Errorf("%s: %q, %q; want %q, %q", tt.name, to, reason, tt.to, tt.reason)
		}
	}
}

// Planned is whom an authority that serves is moved to: nothing has to be certain for that.
func TestPlanned(t *testing.T) {
	sync := Rule{Durability: topology.Durability{Mode: topology.ModeSync, With: "west"}}
	seeding := at(1, 9)
	seeding.Seeding = true
	for _, tt := range []struct {
		name    string
		answers map[string]Replica
		want    string
	}{
		{"the partner", map[string]Replica{"west": at(1, 5), "south": at(1, 9)}, "west"},
		{"another where it is away", map[string]Replica{"south": at(1, 9)}, "south"},
		{"another where it is being copied", map[string]Replica{"west": seeding, "south": at(1, 3)}, "south"},
		{"nobody", nil, ""},
	} {
		q := Question{Dataset: topology.Dataset{Regions: []string{"east", "west", "south"}}, Lead: "east", Rule: sync}
		if got := q.Planned(tt.answers); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// A partner that the controller took has everything once it lacks nothing, or has an entry of
// the epoch of now; the authority of before has it from the start.
func TestAPartnerThatTheControllerTook(t *testing.T) {
	none, some := uint64(0), uint64(4)
	changed := func(with string) []drill.ModeChange {
		return []drill.ModeChange{{ModeChanged: drill.ModeChanged{By: "controller", Now: topology.Durability{Mode: topology.ModeSync, With: with}}}}
	}
	for _, tt := range []struct {
		name    string
		modes   []drill.ModeChange
		partner *telemetry.Replica
		want    bool
	}{
		{"as the fleet file has it", nil, nil, true},
		{"the authority of before", changed("east"), nil, true},
		{"a third region of which nothing is known", changed("south"), nil, false},
		{"one that lacks some", changed("south"), &telemetry.Replica{LastIn: 1, LagWrites: &some}, false},
		{"one that lacks nothing", changed("south"), &telemetry.Replica{LastIn: 1, LagWrites: &none}, true},
		{"one that has an entry of this epoch", changed("south"), &telemetry.Replica{LastIn: 2, LagWrites: &some}, true},
	} {
		with := "south"
		if tt.modes != nil {
			with = tt.modes[0].Now.With
		}
		d := &drill.DatasetState{Authority: "west", Was: "east", Epoch: 2, Modes: tt.modes, Replicas: map[string]*telemetry.Replica{with: tt.partner},
			Spec: topology.Dataset{Mode: topology.ModeSync, With: with, Regions: []string{"east", "west", "south"}}}
		if got := Of(&drill.State{}, d).Rule.CaughtUp; got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
