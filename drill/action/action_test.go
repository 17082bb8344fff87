package action

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/action/warning"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func testFleet() topology.Fleet {
	return topology.Fleet{
		Name:    "three",
		Regions: []topology.Region{{Name: "east", Jurisdiction: "US"}, {Name: "west", Jurisdiction: "EU"}, {Name: "south", Jurisdiction: "EU"}},
		Datasets: []topology.Dataset{
			{Name: "orders", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west", "south"}},
			{Name: "records", Mode: topology.ModePinned, Jurisdiction: "EU", Authority: "west", Regions: []string{"west", "south"}},
			{Name: "pair", Mode: topology.ModeAsync, Authority: "east", Regions: []string{"east", "west"}},
		},
		Routing: topology.Routing{Probe: topology.DefaultProbe},
	}
}

// serving is a fleet whose regions are all up and whose datasets are led, after what else
// is told.
func serving(bodies ...drill.Body) *drill.State {
	f := testFleet()
	all := []drill.Body{drill.DrillStarted{Fleet: f}}
	var stores []telemetry.Replica
	for _, r := range f.Regions {
		all = append(all, drill.RegionJudged{Region: r.Name, Up: true})
	}
	for _, d := range f.Datasets {
		for _, region := range d.Regions {
			is := role.Follower
			if region == d.Authority {
				is = role.Authority
			}
			stores = append(stores, telemetry.Replica{Dataset: d.Name, Region: region, Role: is, Epoch: 1})
		}
	}
	all = append(all, drill.StoresSampled{Stores: stores}, drill.PhaseEntered{Phase: drill.PhaseRunning})
	s := drill.NewState()
	for i, b := range append(all, bodies...) {
		s.Apply(drill.Event{Seq: uint64(i + 1), T: time.Duration(i) * 100 * time.Millisecond, Body: b})
	}
	return s
}

// A row without its words, rule or parameters is no action.
func TestEveryRowIsComplete(t *testing.T) {
	keys := map[string]runbook.Verb{}
	ofOne := map[runbook.Verb]bool{verbKillSigner: true, verbRestoreSigner: true} // of what a fleet has one of: nothing is to be named
	for _, a := range All {
		w := a.Words
		if a.Check == nil || w.Name == "" || w.Done == "" || w.Help == "" || w.Group == "" || (len(a.Params) == 0) != ofOne[a.Verb] {
			t.Errorf("%s lacks its rule, words or parameters", a.Verb)
		}
		for _, key := range []string{w.Key, w.Also} {
			if other, taken := keys[key]; taken && key != "" {
				t.Errorf("%s and %s have the key %q", other, a.Verb, key)
			}
			keys[key] = a.Verb
		}
		if w.Dangerous && a.Confirm == nil {
			t.Errorf("%s is dangerous and nobody is asked", a.Verb)
		}
		if a.Effect != nil && a.Undo == "" {
			t.Errorf("%s: what takes something away has a verb that takes it back", a.Verb)
		}
		if a.Undo != "" {
			if back, known := Find(a.Undo); !known || !back.Words.Mends {
				t.Errorf("%s is taken back by %s, which does not mend", a.Verb, a.Undo)
			}
		}
		for _, p := range a.Params {
			if p.Name == "" || p.Example == "" || p.Help == "" || (p.Field == nil) != (len(p.Keys()) > 1) {
				t.Errorf("%s: parameter %q lacks something", a.Verb, p.Name)
			}
		}
	}
}

// Whatever moves users or data asks first, in every state: a terminal may bring a key that
// nobody pressed. What is harmless is named here, so that a new action is not by mistake.
func TestWhoeverMovesUsersOrDataAsks(t *testing.T) {
	harmless := map[runbook.Verb]bool{runbook.VerbNote: true, runbook.VerbWait: true, VerbWrite: true}
	states := map[string]*drill.State{"all serve": serving(), "one is killed": serving(kill1("east")...)}
	for name, s := range states {
		for _, a := range All {
			for _, mode := range []topology.Mode{topology.ModeAsync, topology.ModeQuorum} {
				c := runbook.Command{Verb: a.Verb, Region: "east", Dataset: "orders", To: "west", Between: [2]string{"east", "west"}, Mode: mode}
				ask := Confirmed(s, c)
				if (ask == nil) != harmless[a.Verb] {
					t.Errorf("%s, %s: asks %v", name, c, ask != nil)
				}
				if ask != nil && ask.Impact == nil && len(ask.Lines) == 0 {
					t.Errorf("%s, %s: the question says nothing", name, c)
				}
			}
			if a.Harmless && (a.Effect != nil || a.Moves || a.Words.Dangerous || a.Words.Mends) {
				t.Errorf("%s changes something and is called harmless", a.Verb)
			}
		}
	}
}

func kill1(region string) []drill.Body {
	return []drill.Body{
		drill.CommandTaken{ID: 7, Command: runbook.Command{Verb: runbook.VerbKill, Region: region}},
		drill.FaultProved{ID: 1, Command: 7, Fault: drill.FaultKill, Region: region},
		drill.CommandDone{ID: 7},
	}
}

// held is a sample of what the replicas of orders hold, led by east.
func held(entries map[string]uint64) []drill.Body {
	var stores []telemetry.Replica
	for region, n := range entries {
		is := role.Follower
		if region == "east" {
			is = role.Authority
		}
		stores = append(stores, telemetry.Replica{Dataset: "orders", Region: region, Role: is, Epoch: 1, Position: n, Entries: n})
	}
	return []drill.Body{drill.StoresSampled{Stores: stores}}
}

// leftBehindBy is west killed while east leads, then east lost and west back; who is named
// holds the 279 writes since.
func leftBehindBy(ahead string) []drill.Body {
	entries := map[string]uint64{"east": 500, "west": 500}
	entries[ahead] = 779
	down := []drill.Body{drill.FaultProved{ID: 1, Command: 7, Fault: drill.FaultKill, Region: "west"}}
	all := append(down, held(entries)...)
	all = append(all, drill.FaultProved{ID: 2, Command: 8, Fault: drill.FaultKill, Region: "east"})
	all = append(all, failingOver("orders", "east")...)
	return append(all, drill.FaultLifted{ID: 1, Region: "west"}, drill.RegionJudged{Region: "west", Up: true})
}

// hung is a store of orders that answers and takes no writes.
func hung(region string) drill.Body {
	return drill.StoreStalled{Dataset: "orders", Region: region, Role: role.Follower, Why: "its disk is full"}
}

func cordoned(region string) []drill.Body {
	return []drill.Body{
		drill.CommandTaken{ID: 8, Command: runbook.Command{Verb: runbook.VerbCordon, Region: region}},
		drill.RegionCordoned{Region: region, On: true},
		drill.CommandDone{ID: 8},
	}
}

func cutOff(region string) []drill.Body {
	return []drill.Body{drill.FaultProved{ID: 2, Command: 9, Fault: drill.FaultPartition, Between: []string{region, topology.EndOthers}}}
}

func failingOver(dataset, from string) []drill.Body {
	return []drill.Body{
		drill.FailoverStaged{ID: 1, Dataset: dataset, From: from, Cause: "fault", Stage: drill.StageFault},
		drill.FailoverStaged{ID: 1, Dataset: dataset, From: from, Cause: "fault", Stage: drill.StageDetect, End: time.Second},
	}
}

// The one rule of each action, from the state alone.
func TestCheck(t *testing.T) {
	on := func(v runbook.Verb, region string) runbook.Command { return runbook.Command{Verb: v, Region: region} }
	to := func(v runbook.Verb, dataset, region string) runbook.Command {
		return runbook.Command{Verb: v, Dataset: dataset, To: region}
	}
	mode := func(dataset string, m topology.Mode, with string) runbook.Command {
		return runbook.Command{Verb: runbook.VerbMode, Dataset: dataset, Mode: m, With: with}
	}
	between := func(v runbook.Verb, a, b string) runbook.Command {
		return runbook.Command{Verb: v, Between: [2]string{a, b}}
	}
	tests := []struct {
		name   string
		events []drill.Body
		c      runbook.Command
		want   string // "" is allowed
	}{
		{"no verb", nil, runbook.Command{Verb: "fly"}, `"fly" is no action`},
		{"no region", nil, on(runbook.VerbKill, ""), "kill needs region; add region: us-east"},
		{"unknown region", nil, on(runbook.VerbKill, "north"), `there is no region "north"; there are east, west, south`},
		{"unknown dataset", nil, to(runbook.VerbSwitchover, "odders", "west"), `there is no dataset "odders"`},

		{"kill", nil, on(runbook.VerbKill, "east"), ""},
		{"kill one that is cut off", cutOff("east"), on(runbook.VerbKill, "east"), ""},
		{"kill twice", kill1("east"), on(runbook.VerbKill, "east"), "east is killed; restore it first"},
		{"freeze a killed one", kill1("east"), on(runbook.VerbFreeze, "east"), "east is killed; restore it first"},
		{"kill a cordoned one", cordoned("east"), on(runbook.VerbKill, "east"), "east is cordoned, nothing runs there; uncordon it first"},

		{"freeze what can't be frozen", []drill.Body{drill.PhaseEntered{Phase: drill.PhaseRunning, Limits: []runbook.Limit{{Op: runbook.VerbFreeze, Why: "podman can't pause", Next: "kill it"}}}},
			on(runbook.VerbFreeze, "east"), "podman can't pause; kill it"},
		{"kill where nothing can be frozen", []drill.Body{drill.PhaseEntered{Phase: drill.PhaseRunning, Limits: []runbook.Limit{{Op: runbook.VerbFreeze, Why: "podman can't pause"}}}},
			on(runbook.VerbKill, "east"), ""},
		{"cordon where that can't be done", []drill.Body{drill.PhaseEntered{Phase: drill.PhaseRunning, Limits: []runbook.Limit{{Op: runbook.VerbCordon, Why: "no node"}}}},
			on(runbook.VerbCordon, "south"), "no node"},

		{"cordon", nil, on(runbook.VerbCordon, "south"), ""},
		{"cordon of an authority", nil, on(runbook.VerbCordon, "east"), ""},
		{"cordon twice", cordoned("east"), on(runbook.VerbCordon, "east"), "east is cordoned already; uncordon it first"},
		{"cordon a killed one", kill1("east"), on(runbook.VerbCordon, "east"), "east is killed, so there are no users to move away; restore it first"},
		{"cordon one that is cut off", cutOff("east"), on(runbook.VerbCordon, "east"), "east is cut off from the controller, so there are no users to move away; heal it first"},
		{"cordon without an heir", kill1("west"), on(runbook.VerbCordon, "east"), "east leads pair, and no other region that keeps a replica is up; restore another region first"},
		{"cordon of the last one", append(kill1("west"), cordoned("south")...), on(runbook.VerbCordon, "east"), "no other region is up to take the users of east; restore another region first"},
		{"uncordon", cordoned("east"), on(runbook.VerbUncordon, "east"), ""},
		{"uncordon what is not", nil, on(runbook.VerbUncordon, "east"), "east is not cordoned"},
		{"uncordon a killed one", kill1("east"), on(runbook.VerbUncordon, "east"), "east is killed, not cordoned; restore it first"},

		{"restore", kill1("east"), on(runbook.VerbRestore, "east"), ""},
		{"restore one that died by itself", []drill.Body{drill.RegionJudged{Region: "east"}}, on(runbook.VerbRestore, "east"), ""},
		{"restore one whose web replica ended by itself", []drill.Body{drill.RegionSeen{Region: "east", WebReady: 1, WebWanted: 2}}, on(runbook.VerbRestore, "east"), ""},
		{"restore nothing", nil, on(runbook.VerbRestore, "east"), "east is healthy: there is nothing to restore"},
		{"restore a cordoned one", cordoned("east"), on(runbook.VerbRestore, "east"), "east is cordoned, not broken; uncordon it"},
		{"restore one that is cut off", append(cutOff("east"), drill.RegionJudged{Region: "east"}), on(runbook.VerbRestore, "east"), "east is cut off, not broken; heal the partition"},
		{"restore one that is cut off and killed", append(cutOff("east"), kill1("east")...), on(runbook.VerbRestore, "east"), ""},

		{"partition", nil, between(runbook.VerbPartition, "east", "west"), ""},
		{"partition from all", nil, between(runbook.VerbPartition, "east", topology.EndOthers), ""},
		{"partition twice, named the other way", []drill.Body{drill.FaultProved{ID: 1, Fault: drill.FaultPartition, Between: []string{"east", "west"}}},
			between(runbook.VerbPartition, "west", "east"), "that is partitioned already; heal it first"},
		{"partition of a link that a wider one has", cutOff("east"), between(runbook.VerbPartition, "west", "east"), ""},
		{"partition beside another", cutOff("east"), between(runbook.VerbPartition, "west", "south"), ""},
		{"partition of a killed one", kill1("east"), between(runbook.VerbPartition, "east", "west"), "east is killed, nothing crosses its links; restore it first"},
		{"partition of itself", nil, between(runbook.VerbPartition, "east", "east"), "a link from east to itself; name two ends"},
		{"partition of no region", nil, runbook.Command{Verb: runbook.VerbPartition, From: "control", To: "others"}, "one end must be a region; control and others are not; name a region"},
		{"heal", cutOff("east"), between(runbook.VerbHeal, "east", topology.EndOthers), ""},
		{"heal other ends", cutOff("east"), between(runbook.VerbHeal, "east", "west"), "east ↔ west is not partitioned; name the same ends as the partition"},

		{"switchover", nil, to(runbook.VerbSwitchover, "orders", "west"), ""},
		{"switchover to the authority", nil, to(runbook.VerbSwitchover, "orders", "east"), "east leads orders already; choose another region"},
		{"switchover out of the jurisdiction", nil, to(runbook.VerbSwitchover, "records", "east"), "residency: records is pinned to EU, east is in US; choose one of west, south"},
		{"switchover to no replica", nil, to(runbook.VerbSwitchover, "pair", "south"), "south keeps no replica of pair; choose one of east, west"},
		{"switchover to a killed one", kill1("west"), to(runbook.VerbSwitchover, "orders", "west"), "west is killed; restore it first"},
		{"switchover to one that is cut off", cutOff("west"), to(runbook.VerbSwitchover, "orders", "west"), "west is cut off from the controller; heal it first"},
		{"switchover to one whose store hangs", []drill.Body{hung("west")}, to(runbook.VerbSwitchover, "orders", "west"), "the store of orders in west takes no writes: its disk is full; choose another region, or wait until it works again"},
		{"switchover beside a store that hangs", []drill.Body{hung("west")}, to(runbook.VerbSwitchover, "orders", "south"), ""},
		{"switchover while failing over", failingOver("orders", "east"), to(runbook.VerbSwitchover, "orders", "west"), "no region leads orders now: its failover is not over; wait until it is over, or promote a region"},
		{"switchover before the loss is detected", kill1("east"), to(runbook.VerbSwitchover, "orders", "west"), "east leads orders and does not answer; wait for the failover, or promote a region"},

		{"promote", append(kill1("east"), failingOver("orders", "east")...), to(runbook.VerbPromote, "orders", "west"), ""},
		{"promote the old one that is back", failingOver("orders", "east"), to(runbook.VerbPromote, "orders", "east"), ""},
		{"promote what was left behind", leftBehindBy("east"), to(runbook.VerbPromote, "orders", "west"),
			"west had not caught up when east was lost: at least 279 writes that east has would be lost; restore east, or force it, which loses them"},
		{"promote what was left behind while one that has all answers", leftBehindBy("south"), to(runbook.VerbPromote, "orders", "west"),
			"west had not caught up when east was lost: at least 279 writes that south has would be lost; promote south, which has them"},
		{"promote what was left behind while one that has all is cut off", append(leftBehindBy("south"), cutOff("south")...), to(runbook.VerbPromote, "orders", "west"),
			"west had not caught up when east was lost: at least 279 writes that south has would be lost; heal south, or force it, which loses them"},
		{"promote what was left behind while one that has all hangs", append(leftBehindBy("south"), hung("south")), to(runbook.VerbPromote, "orders", "west"),
			"west had not caught up when east was lost: at least 279 writes that south has would be lost; wait until south works again, or force it, which loses them"},
		{"promote what hangs", append(failingOver("orders", "east"), hung("west")), to(runbook.VerbPromote, "orders", "west"), "the store of orders in west takes no writes: its disk is full; choose another region, or wait until it works again"},
		{"force what hangs", append(failingOver("orders", "east"), hung("west")), to(runbook.VerbForce, "orders", "west"), "the store of orders in west takes no writes: its disk is full"},
		{"promote what works again", append(failingOver("orders", "east"), hung("west"), drill.StoreFlows{Dataset: "orders", Region: "west"}), to(runbook.VerbPromote, "orders", "west"), ""},
		{"promote what lacks but the tail", append(held(map[string]uint64{"east": 779, "west": 770}), append(kill1("east"), failingOver("orders", "east")...)...), to(runbook.VerbPromote, "orders", "west"), ""},
		{"promote what was left behind and has most of all", leftBehindBy("west"), to(runbook.VerbPromote, "orders", "west"), ""},
		{"force what was left behind", leftBehindBy("east"), to(runbook.VerbForce, "orders", "west"), ""},
		{"promote while it serves", nil, to(runbook.VerbPromote, "orders", "west"), "east leads orders and works; switch over instead, which loses nothing"},
		{"promote before the loss is detected", kill1("east"), to(runbook.VerbPromote, "orders", "west"), "east leads orders, and its loss is not noticed yet; wait until it is"},
		{"promote what is being copied", append(failingOver("orders", "east"), drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "west", Seeding: true}}}),
			to(runbook.VerbPromote, "orders", "west"), "orders is being copied to west; wait until it is whole"},
		{"force what is being copied", append(failingOver("orders", "east"), drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "west", Seeding: true}}}),
			to(runbook.VerbForce, "orders", "west"), "orders is being copied to west; wait until it is whole"},
		{"force while it serves", nil, to(runbook.VerbForce, "orders", "west"), "east leads orders and works; switch over instead, which loses nothing"},

		{"mode", nil, mode("orders", topology.ModeSync, "west"), ""},
		{"mode of now", nil, mode("orders", topology.ModeAsync, ""), "orders is async already; name another mode"},
		{"mode of pinned data", nil, mode("records", topology.ModeAsync, ""), "records is pinned: residency is not switched while a drill runs, it decides where data may be; set the mode in the fleet file"},
		{"sync without a partner", nil, mode("orders", topology.ModeSync, ""), `mode sync needs "with"`},
		{"async with a partner", nil, mode("orders", topology.ModeAsync, "west"), `"with" belongs to mode sync`},
		{"sync with the authority", nil, mode("orders", topology.ModeSync, "east"), "east leads orders, and sync needs a partner beside it"},
		{"sync with no replica", nil, mode("pair", topology.ModeSync, "south"), "south keeps no replica of pair"},
		{"sync with a killed one", kill1("west"), mode("orders", topology.ModeSync, "west"), "west is killed, and every write would wait for it; restore it first"},
		{"sync with one whose store hangs", []drill.Body{hung("west")}, mode("orders", topology.ModeSync, "west"), "the store of orders in west takes no writes: its disk is full, and every write would wait for it"},
		{"quorum with one that hangs beside one that is killed", append(kill1("south"), hung("west")), mode("orders", topology.ModeQuorum, ""), "1 of orders's 3 regions are up, and a majority is 2"},
		{"quorum", nil, mode("orders", topology.ModeQuorum, ""), ""},
		{"quorum of two", nil, mode("pair", topology.ModeQuorum, ""), "pair has 2 replicas, and a majority would be all of them; use sync"},
		{"quorum without a majority", append(kill1("west"), cordoned("south")...), mode("orders", topology.ModeQuorum, ""), "1 of orders's 3 regions are up, and a majority is 2: every write would wait; restore one first"},
		{"mode while failing over", failingOver("orders", "east"), mode("orders", topology.ModeSync, "west"), "no region leads orders now"},

		{"reseed", nil, runbook.Command{Verb: runbook.VerbReseed, Dataset: "orders", Region: "west"}, ""},
		{"reseed the authority", nil, runbook.Command{Verb: runbook.VerbReseed, Dataset: "orders", Region: "east"}, "east leads orders: writes that are nowhere else would be gone; switch over first"},
		{"reseed without a source", failingOver("orders", "east"), runbook.Command{Verb: runbook.VerbReseed, Dataset: "orders", Region: "west"}, "nothing can be copied: no region leads orders now"},

		{"brownout", nil, runbook.Command{Verb: verbBrownout, Between: [2]string{"east", "west"}, Shape: topology.Shape{Loss: 0.02}}, ""},
		{"brownout of a partitioned link", cutOff("east"), runbook.Command{Verb: verbBrownout, Between: [2]string{"east", "west"}, Shape: topology.Shape{RTT: time.Second}}, "nothing crosses the link east–west: it is partitioned; heal it first"},
		{"brownout of nothing", nil, between(verbBrownout, "east", "west"), "a brownout of nothing changes nothing; give it rtt, jitter, bandwidth or loss"},
		{"clear nothing", nil, between(verbClear, "east", "west"), "east ↔ west is not browned out; name the same ends as the brownout"},

		{"note", nil, runbook.Command{Verb: runbook.VerbNote, Text: "look"}, ""},
		{"a long note", nil, runbook.Command{Verb: runbook.VerbNote, Text: strings.Repeat("x", 201)}, "the text has 201 characters; write at most 200"},
		{"note with escapes", nil, runbook.Command{Verb: runbook.VerbNote, Text: "a\x1b[2J"}, "the text has characters that a terminal obeys and does not show; write one line"},
		{"note of nothing", nil, runbook.Command{Verb: runbook.VerbNote}, "note needs text"},
		{"wait", nil, runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitSteady}, ""},
		{"wait for rain", nil, runbook.Command{Verb: runbook.VerbWait, For: "rain"}, `there is no condition "rain"; there are recovered, caught-up, steady`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Check(serving(tt.events...), tt.c)
			switch {
			case r == nil && tt.want != "":
				t.Errorf("allowed, want %q", tt.want)
			case r != nil && (tt.want == "" || !strings.HasPrefix(r.Error(), tt.want)):
				t.Errorf("refused with %q, want %q", r.Error(), tt.want)
			}
		})
	}
}

// A refusal names the command that stands in the way, so that a file check can name its line.
func TestARefusalNamesWhatStandsInTheWay(t *testing.T) {
	for want, s := range map[int]*drill.State{7: serving(kill1("east")...), 8: serving(cordoned("east")...)} {
		if r := Check(s, runbook.Command{Verb: runbook.VerbKill, Region: "east"}); r == nil || r.Command != want {
			t.Errorf("%+v, want command %d", r, want)
		}
	}
}

// A brownout makes a link worse in each part that it names, whatever holds it already.
func TestABrownoutOfNoWorseALinkIsRefused(t *testing.T) {
	ms := time.Millisecond
	s := serving()
	s.Fleet.Links = []topology.Link{{Between: [2]string{"east", "west"}, RTT: 80 * ms, Jitter: 5 * ms, Bandwidth: 100e6}, {Between: [2]string{"east", "south"}, RTT: 220 * ms}}
	tests := []struct {
		to    string
		shape topology.Shape
		want  string
	}{
		{"west", topology.Shape{RTT: 81 * ms, Jitter: 6 * ms, Bandwidth: 99e6, Loss: 0.001}, ""},
		{"west", topology.Shape{RTT: 80 * ms}, "the link east–west has an rtt of 80 ms already; ask for more than 80 ms"},
		{"west", topology.Shape{RTT: 90 * ms, Jitter: 5 * ms}, "the link east–west has a jitter of 5 ms already; ask for more than 5 ms"},
		{"west", topology.Shape{Bandwidth: 200e6}, "the link east–west has a bandwidth of 100 Mbps already; ask for less than 100 Mbps"},
		{"south", topology.Shape{Bandwidth: 200e6}, ""},
		{topology.EndOthers, topology.Shape{RTT: 100 * ms}, "the link east–south has an rtt of 220 ms already; ask for more than 220 ms"},
	}
	for _, tt := range tests {
		r := Check(s, runbook.Command{Verb: verbBrownout, Between: [2]string{"east", tt.to}, Shape: tt.shape})
		if got := (map[bool]string{true: ""})[r == nil]; r != nil && r.Error() != tt.want || r == nil && got != tt.want {
			t.Errorf("%s to %s: %v, want %q", tt.shape, tt.to, r, tt.want)
		}
	}
	s.Apply(drill.Event{Seq: 99, Body: drill.FaultProved{ID: 1, Fault: faultBrownout, Between: []string{"west", topology.EndOthers}, Shape: topology.Shape{RTT: 400 * ms, Loss: 0.02}}})
	for want, shape := range map[string]topology.Shape{"an rtt of 400 ms": {RTT: 300 * ms}, "a loss of 2.0 %": {Loss: 0.01}} {
		if r := Check(s, runbook.Command{Verb: verbBrownout, Between: [2]string{"east", "west"}, Shape: shape}); r == nil || !strings.Contains(r.Why, want) {
			t.Errorf("under another brownout: %v, want %q", r, want)
		}
	}
}

// What an action assumes makes the state one in which it took effect: done again it is
// refused, and what takes it back is allowed.
func TestWhatADryRunAssumes(t *testing.T) {
	for _, c := range []runbook.Command{
		{Verb: runbook.VerbKill, Region: "east"}, {Verb: runbook.VerbFreeze, Region: "east"}, {Verb: runbook.VerbCordon, Region: "east"},
		{Verb: runbook.VerbPartition, Between: [2]string{"east", topology.EndOthers}}, {Verb: runbook.VerbPartition, From: "east", To: "west"},
		{Verb: verbBrownout, Between: [2]string{"east", "west"}, Shape: topology.Shape{RTT: time.Second}},
	} {
		s := serving()
		a, _ := Find(c.Verb)
		apply := func(bodies []drill.Body) {
			for _, b := range bodies {
				s.Apply(drill.Event{Seq: s.LastSeq + 1, T: s.Now + time.Millisecond, Body: b})
			}
		}
		apply(a.Assume(s, c))
		if Check(s, c) == nil {
			t.Errorf("%s: allowed twice", c)
		}
		back := c
		back.Verb, back.Shape = a.Undo, topology.Shape{}
		if r := Check(s, back); r != nil {
			t.Fatalf("%s: %s", back, r.Error())
		}
		undo, _ := Find(a.Undo)
		apply(undo.Assume(s, back))
		if r := Check(s, c); r != nil {
			t.Errorf("%s after %s: %s", c, back, r.Error())
		}
	}
}

func TestChoices(t *testing.T) {
	s := withUsers(append(kill1("south"), cutOff("west")...)...)
	at := Focus{Region: "east", Dataset: "orders"}
	for _, a := range All {
		c := a.Start(at, "operator")
		p, missing := a.Missing(c)
		if !missing {
			continue
		}
		list := a.Choices(s, at, c, p)
		if p.Kind == param.KindText != (list == nil) {
			t.Errorf("%s: %d choices", a.Verb, len(list))
		}
		for _, o := range list {
			typed, more := a.Missing(o.Command)
			if more && typed.Kind != param.KindText || o.Text == "" {
				t.Errorf("%s: choice %+v is not complete", a.Verb, o)
			}
			if more {
				continue // what may be done depends on what is typed, too
			}
			if r := Check(s, o.Command); (r == nil) != (o.Off == nil) {
				t.Errorf("%s: %v but off is %v", o.Command, r, o.Off)
			}
		}
	}
	a, _ := Find(runbook.VerbMode)
	var off []string
	for _, o := range a.Choices(s, at, a.Start(at, "operator"), a.Params[1]) {
		if o.Off != nil {
			off = append(off, topology.Durability{Mode: o.Command.Mode, With: o.Command.With}.String())
		}
	}
	if want := []string{"async", "sync with west", "sync with south", "quorum"}; !slices.Equal(off, want) {
		t.Errorf("off: %v, want %v", off, want)
	}
}

func TestParametersAreReadAsWritten(t *testing.T) {
	rtt := param.Param{Name: "rtt", Kind: param.KindDuration, Example: "400ms", Field: func(c *runbook.Command) any { return &c.Shape.RTT }}
	rate := param.Param{Name: "bandwidth", Kind: param.KindRate, Example: "5Mbps", Field: func(c *runbook.Command) any { return &c.Shape.Bandwidth }}
	loss := param.Param{Name: "loss", Kind: param.KindShare, Example: "2%", Field: func(c *runbook.Command) any { return &c.Shape.Loss }}
	var c runbook.Command
	for _, set := range []error{rtt.Set(&c, "400ms"), rate.Set(&c, "5Mbps"), loss.Set(&c, "2%")} {
		if set != nil {
			t.Error(set)
		}
	}
	if want := (topology.Shape{RTT: 400 * time.Millisecond, Bandwidth: 5e6, Loss: 0.02}); c.Shape != want {
		t.Errorf("%+v, want %+v", c.Shape, want)
	}
	for text, p := range map[string]param.Param{"400": rtt, "-1s": rtt, "1h": rtt, "5": rate, "1bps": rate, "2": loss, "60%": loss, "0%": loss} {
		if err := p.Set(&c, text); err == nil || !strings.HasSuffix(err.Error(), ", like "+p.Example) {
			t.Errorf("%s %q: %v", p.Name, text, err)
		}
	}
}

// What a durability lacks by itself is refused in the same words whoever asks, and names
// the parameter.
func TestCheckDurability(t *testing.T) {
	s := serving()
	for _, tt := range []struct {
		to          topology.Durability
		wrong, want string
	}{
		{topology.Durability{Mode: topology.ModeAsync}, "", ""},
		{topology.Durability{Mode: topology.ModeSync, With: "west"}, "", ""},
		{topology.Durability{Mode: topology.ModeSync}, "mode", `mode sync needs "with"; add with: REGION, the one that stores every write beside the leader`},
		{topology.Durability{Mode: topology.ModeQuorum, With: "west"}, "with", `"with" belongs to mode sync; leave it out`},
		{topology.Durability{Mode: topology.ModePinned}, "mode", "residency is not switched while a drill runs: it decides where data may be; say mode: pinned in the fleet file"},
	} {
		wrong, r := rule.CheckDurability(tt.to)
		if wrong != tt.wrong || (r == nil) != (tt.want == "") || r != nil && r.Error() != tt.want {
			t.Errorf("%s: %q, %v; want %q, %q", tt.to, wrong, r, tt.wrong, tt.want)
		}
		if r == nil {
			continue
		}
		c := runbook.Command{Verb: runbook.VerbMode, Dataset: "orders", Mode: tt.to.Mode, With: tt.to.With}
		if now := checkMode(s, c); now == nil || now.Error() != tt.want {
			t.Errorf("%s while it runs: %v", tt.to, now)
		}
	}
}

// Who has more is who would be promoted: a longer log of an older epoch is not more.
func TestATakeoverNamesWhoHasMore(t *testing.T) {
	s := serving(append([]drill.Body{drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "east"}}, failingOver("orders", "east")...)...)
	d := s.Dataset("orders")
	d.Replicas["west"].LastIn, d.Replicas["west"].Position, d.Replicas["west"].Entries = 1, 1000, 1000
	d.Replicas["south"].LastIn, d.Replicas["south"].Position, d.Replicas["south"].Entries = 2, 900, 900
	for to, want := range map[string]string{"west": "south has more of it: 900 writes, west has 1,000", "south": ""} {
		lines := strings.Join(warning.Takeover(s, runbook.Command{Verb: runbook.VerbPromote, Dataset: "orders", To: to}), "\n")
		if want != "" && !strings.Contains(lines, want) || want == "" && strings.Contains(lines, "has more of it") {
			t.Errorf("to %s: %s", to, lines)
		}
	}
}
