package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
)

// sentBy presses keys and returns the commands that were sent by that, as words.
func sentBy(s *stage, keys ...string) []string {
	before := len(s.host.session.sent)
	var words []string
	for _, c := range s.commands(s.press(keys...))[before:] {
		words = append(words, c.String())
	}
	return words
}

// confirmed presses keys, holds that they bring a question and nothing else, and says yes.
func confirmed(s *stage, keys ...string) []string {
	s.t.Helper()
	if sent := sentBy(s, keys...); len(sent) > 0 {
		s.t.Fatalf("%v were sent without a question", sent)
	}
	s.wait(dialog.InFlight)
	return sentBy(s, "tab", "enter")
}

// choose opens a list and waits until it takes keys.
func (s *stage) choose(key string) {
	s.press(key)
	s.wait(dialog.InFlight)
}

func TestModeIsChosen(t *testing.T) {
	s := byHand(t)
	s.choose("m")
	s.shows("Mode of orders: when a write is confirmed")
	s.shows("orders is async already") // async
	if sent := sentBy(s, "up", "enter"); len(sent) > 0 {
		t.Fatalf("what is so now was sent: %v", sent)
	}
	if sent := confirmed(s, "down", "enter"); !slices.Equal(sent, []string{"mode of orders: sync with eu-west"}) {
		t.Fatal(sent)
	}
	s.choose("m")
	if sent := confirmed(s, "down", "down", "enter"); !slices.Equal(sent, []string{"mode of orders: quorum"}) {
		t.Fatal(sent)
	}
}

func TestModeOfAPartnerThatIsDown(t *testing.T) {
	s := byHand(t)
	s.events([]drill.Event{{Seq: 9000, T: s.live.state.Now, Body: drill.FaultProved{ID: 50, Fault: drill.FaultKill, Region: "eu-west", From: s.live.state.Now, Proof: "exited"}}})
	s.choose("m") // points at what can be chosen, the partner that is up
	s.press("up", "enter")
	s.shows("every write would wait for it")
	if sent := sentBy(s, "enter"); len(sent) > 0 {
		t.Fatal(sent)
	}
}

func TestPinnedIsNotSwitchedNorLedElsewhere(t *testing.T) {
	s := byHand(t)
	d := s.live.state.Dataset("orders")
	d.Spec.Mode, d.Spec.Jurisdiction = topology.ModePinned, "US"
	s.press("m")
	s.shows("residency is not switched while a drill runs")
	s.press("l", "F")
	s.shows("residency: orders is pinned to US")
}

func TestPartitionAsksAndIsMended(t *testing.T) {
	s := byHand(t)
	s.press("H")
	s.shows("there is nothing to heal")
	s.choose("X")
	s.shows("us-east ↔ all others")
	if sent := sentBy(s, "enter"); len(sent) > 0 {
		t.Fatalf("a partition was not asked about: %v", sent)
	}
	s.wait(dialog.InFlight)
	s.shows("about 6.6 % in americas")
	s.shows("orders loses its leader; at most 46 writes lost, no writes for about")
	s.shows("us-east and all other regions and the controller hear nothing of")
	if sent := sentBy(s, "tab", "enter"); !slices.Equal(sent, []string{"partition us-east and others"}) {
		t.Fatal(sent)
	}
	now := s.live.state.Now
	s.events([]drill.Event{{Seq: 9000, T: now, Body: drill.FaultProved{ID: 50, Fault: drill.FaultPartition, Between: []string{"us-east", topology.EndOthers}, From: now, Proof: "silent"}}})
	s.choose("X")
	s.shows("us-east ↔ all others  that is partitioned already")
	s.shows("us-east ↔ eu-west  this link, both ways") // a cut of its own, which outlasts the other
	s.press("esc")
	s.choose("H")
	if sent := confirmed(s, "enter"); !slices.Equal(sent, []string{"heal us-east and others"}) {
		t.Fatal(sent)
	}
}

func TestForceWantsTheNameTyped(t *testing.T) {
	s := byHand(t)
	s.press("l", "!")
	s.shows("switch over instead, which loses nothing (F)")
	now := s.live.state.Now
	s.live.state.Dataset("orders").Spec.Mode = topology.ModeQuorum
	s.events([]drill.Event{{Seq: 9000, T: now, Body: drill.FaultProved{ID: 50, Fault: drill.FaultKill, Region: "us-east", From: now, Proof: "exited"}}})
	s.failing("us-east")
	s.press("!")
	s.wait(dialog.InFlight)
	s.shows("Confirmed writes of orders may be lost.")
	s.shows("the durability quorum is given up")
	if sent := sentBy(s, "tab", "enter"); len(sent) > 0 {
		t.Fatalf("forced without the name: %v", sent)
	}
	s.press("tab")
	if sent := sentBy(s, append(strings.Split("eu-west", ""), "enter")...); !slices.Equal(sent, []string{"force orders to eu-west"}) {
		t.Fatal(sent)
	}
}

func TestReseedSaysWhatItCosts(t *testing.T) {
	s := byHand(t)
	s.press("D")
	s.shows("us-east leads orders")
	d := s.live.state.Dataset("orders")
	d.Replicas["us-east"].Bytes = 256 << 20
	s.press("l", "D")
	s.wait(dialog.InFlight)
	s.shows("MiB are copied from us-east, about 10.8 s at the link's 200 Mbps")
	s.shows("2 of 3 copies are left meanwhile")
	if sent := sentBy(s, "tab", "enter"); !slices.Equal(sent, []string{"reseed orders in eu-west"}) {
		t.Fatal(sent)
	}
}

func TestBordersAreCountedAndPriced(t *testing.T) {
	s := byHand(t)
	s.press("3", "f")
	s.shows("crossed borders nothing")
	s.events([]drill.Event{{Seq: 9000, T: s.live.state.Now + time.Second, Body: drill.LinksSampled{Links: []telemetry.Link{
		{From: "us-east", To: "eu-west", Bytes: 3 << 30, Datasets: map[string]uint64{"orders": 1 << 30}}}}}})
	s.shows("US → EU 1.0 GiB")
	s.shows("~$0.02 so far, at 1 TiB: 12 h and $20 (model)")
}

// TestEachBorderHasARow holds that where there is room each border has its own bytes
// and price, and that one line has to do where there is none.
func TestEachBorderHasARow(t *testing.T) {
	crossed := drill.LinksSampled{Links: []telemetry.Link{
		{From: "us-east", To: "eu-west", Datasets: map[string]uint64{"orders": 1 << 30}},
		{From: "us-east", To: "ap-south", Datasets: map[string]uint64{"orders": 512 << 20}},
		{From: "eu-west", To: "us-east"}, {From: "ap-south", To: "us-east", Datasets: map[string]uint64{"orders": 2 << 30}},
		{From: "eu-west", To: "ap-south"}, {From: "ap-south", To: "eu-west"}}}
	for _, tt := range []struct {
		w, h int
		keys []string
		each bool
	}{{200, 50, nil, true}, {120, 36, []string{"3", "f"}, true}, {80, 24, []string{"3", "f"}, true}, {120, 36, nil, false}} {
		s := byHand(t)
		s.w, s.h = tt.w, tt.h
		s.press(tt.keys...)
		s.happens(0, crossed)
		if !tt.each {
			s.shows("crossed borders 3.5 GiB, 3 ways")
			s.shows("~$0.20 so far (model)")
			continue
		}
		s.shows("crossed borders 3.5 GiB")
		for row, want := range map[string][2]string{
			"  US → EU ": {"1.0 GiB", "~$0.02 so far, at 1 TiB: 12 h and $20 (model)"}, "  US → IN ": {"512 MiB", "~$0.01 so far, at 1 TiB: $20 (model)"},
			"  IN → US ": {"2.0 GiB", "~$0.17 so far, at 1 TiB: $88 (model)"}, "  EU → US ": {"nothing", "  at 1 TiB: 12 h and $20 (model)"},
		} {
			if l := s.line(row); !strings.Contains(l, want[0]) || !strings.Contains(l, want[1]) {
				t.Errorf("%d×%d: the row is %q, want %v", tt.w, tt.h, l, want)
			}
		}
	}
}

// choicesOf is what a list offers for an action.
func choicesOf(s *stage, verb runbook.Verb) []action.Choice {
	a, _ := action.Find(verb)
	c := s.now().Command(a)
	p, _ := a.Missing(c)
	return a.Choices(s.now().State, s.now().Target(), c, p)
}
