package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/dialog"
	"github.com/fleetdrill/fleetdrill/tui/layout"
	"github.com/fleetdrill/fleetdrill/tui/page"
)

// sampled tells replicas of orders anew.
func (s *stage) sampled(stores ...telemetry.Replica) {
	for i := range stores {
		stores[i].Dataset, stores[i].Contact = "orders", s.live.state.Now
	}
	s.happens(0, drill.StoresSampled{Stores: stores})
}

// TestEntriesAreTheDataHeld holds that a count of writes is one, where an engine's
// position is an offset in its log.
func TestEntriesAreTheDataHeld(t *testing.T) {
	const offset = 25_165_824
	for _, size := range [][2]int{{80, 24}, {120, 36}} {
		s := byHand(t)
		s.w, s.h = size[0], size[1]
		s.sampled(telemetry.Replica{Region: "us-east", Role: role.Authority, Epoch: 1, Position: offset, Entries: 4321})
		s.shows("4,321")
		s.hides("25,165,824")
	}
	s := diedItself(t)
	s.sampled(telemetry.Replica{Region: "eu-west", Role: role.Follower, Epoch: 1, Position: offset, Entries: 4300},
		telemetry.Replica{Region: "ap-south", Role: role.Follower, Epoch: 1, Position: offset + 900, Entries: 4310})
	s.failing("us-east")
	s.press("l", "P")
	s.wait(dialog.InFlight)
	s.shows("ap-south has more of it: 4,310 writes, eu-west has 4,300")
}

func TestAbsentReplicaOwes(t *testing.T) {
	owed, nothing := int64(100<<20), int64(0)
	tests := []struct {
		name   string
		region string
		owed   *int64
		want   string
	}{
		{"over a link with a bandwidth", "eu-west", &owed, "last answer 3 s ago, 100 MiB still to copy, ~4.3 s at 200 Mbps"},
		{"over one without", "ap-south", &owed, "last answer 3 s ago, 100 MiB still to copy  "},
		{"nothing", "eu-west", &nothing, "last answer 3 s ago, 0 B still to copy  "},
		{"what is not known", "eu-west", nil, "last answer 3 s ago, 2.0 MiB stored then"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := byHand(t)
			s.sampled(telemetry.Replica{Region: tt.region, Bytes: 2 << 20, OwedBytes: tt.owed, Stale: true})
			s.wait(3 * time.Second)
			s.shows(tt.want)
		})
	}
}

func TestRejoinsShowSpeedAndFile(t *testing.T) {
	owed, left := int64(8<<20), int64(2<<20)
	began := drill.RejoinStarted{Dataset: "orders", Region: "eu-west", Authority: "us-east", OwedBytes: &owed}
	s := byHand(t)
	s.happens(0, began)
	s.sampled(telemetry.Replica{Region: "eu-west", Stale: true})
	s.wait(2 * time.Second)
	s.shows("⇄ eu-west 8.0 MiB still to copy · for 2 s")
	s.hides("caught up in ~")
	s.sampled(telemetry.Replica{Region: "eu-west", Role: role.Follower, Bytes: 4 << 20, OwedBytes: &left})
	s.shows("⇄ eu-west ━━━━━━━━━───  75 % 2.0 MiB ")
	s.shows(" to copy, caught up in ~")
	s.happens(2*time.Second, drill.LinksSampled{})
	s.sampled(telemetry.Replica{Region: "eu-west", Role: role.Follower, Bytes: 6 << 20, OwedBytes: &left})
	s.shows("75 % 2.0 MiB to copy at 1.0 MiB/s, ~2.1 s")

	file := "/home/anna/.local/state/fleetdrill/journals/20260314-092653/eu-west/orders/diverged-1.jsonl"
	done := drill.RejoinDone{Dataset: "orders", Region: "eu-west", Bytes: 8 << 20, Took: 4 * time.Second}
	s.happens(0, done)
	s.shows("✓ eu-west back in 4.0 s: 8.0 MiB copied at 2.0 MiB/s")
	s.hides("kept in")

	s = byHand(t)
	short := done
	short.Bytes, short.Took = 100<<10, 800*time.Microsecond
	s.happens(0, began, short)
	s.shows("✓ eu-west back within 500 ms: 100 KiB copied  ") // and no speed beyond the link's

	s = byHand(t)
	done.Diverged, done.Exported = 12, file
	s.happens(0, began, done)
	s.shows("12 writes cut, kept in /home")
	s.shows("ed-1.jsonl")
	s.press("3", "f")
	s.shows("✓ eu-west back in 4.0 s: 8.0 MiB copied at 2.0 MiB/s")
	s.shows("12 writes cut, kept in " + file)
}

// TestDataFits holds that the pane has room for all it tells at the size that the
// screen is made for, and that what writes take is the last to go.
func TestDataFits(t *testing.T) {
	s := broken(t, 40*time.Second)
	s.happens(0, drill.WritesWaiting{Dataset: "orders", Region: "us-east", For: []string{"eu-west"}, Mode: topology.ModeSync})
	s.shows("write latency, typical  americas ")
	s.shows("crossed borders")
	s = broken(t, 40*time.Second)
	s.shows("crossed borders")
	s.shows("us-east back in")
	s.shows("220 ms") // the picture of the fleet keeps its long links
	// Two ways of users who are served elsewhere leave the picture a picture.
	s.happens(0, drill.Rerouted{Population: "europe", To: "ap-south", Why: "test"}, drill.Rerouted{Population: "asia", To: "us-east", Why: "test"})
	s.shows("╭─ eu-west ──")
}

// TestPricesAreOfWhatPeopleHave holds that a drill's kilobytes do not make moving data look free.
func TestPricesAreOfWhatPeopleHave(t *testing.T) {
	tests := []struct {
		bytes uint64
		want  string
	}{
		{0, "nothing                   at 1 TiB: 12 h and $20 (model)"}, {100 << 10, "US → EU 100 KiB           at 1 TiB: 12 h and $20 (model)"},
		{1 << 30, "US → EU 1.0 GiB                    ~$0.02 so far (model)"}, {617 << 30, "US → EU 617 GiB                   ~$12.34 so far (model)"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.bytes), func(t *testing.T) {
			s := byHand(t)
			s.happens(0, drill.LinksSampled{Links: []telemetry.Link{{From: "us-east", To: "eu-west", Datasets: map[string]uint64{"orders": tt.bytes}}}})
			s.shows(tt.want)
		})
	}
}

// blocked is a failover that stands in a stage, with what the engine says of it.
func blocked(t *testing.T, stage drill.Stage, why string) *stage {
	s := byHand(t)
	now := s.live.state.Now
	s.happens(0, drill.ImpactPredicted{ID: 1, Impact: runbook.Impact{Share: 0.5}}, // which leaves few rows
		drill.FaultProved{ID: 50, Fault: drill.FaultKill, Region: "us-east", From: now, Proof: "exited"})
	for _, done := range append([]drill.Stage{drill.StageFault}, drill.FailoverStages...) {
		if done == stage {
			break
		}
		s.happens(0, drill.FailoverStaged{ID: 9, Dataset: "orders", From: "us-east", Cause: "fault", Stage: done, End: now})
	}
	if why != "" {
		s.happens(0, drill.TaskFailed{Task: "failover of orders", Failover: 9, Error: why, Next: "restore one of them"})
	}
	return s
}

// TestBlockedFailoverSaysWhy holds that the reason stays as long as the failover
// stands, with the key that ends it.
func TestBlockedFailoverSaysWhy(t *testing.T) {
	const why = "quorum: 1 of 3 replicas answer, 2 are needed to be certain of every confirmed write; writes wait"
	for _, stage := range []drill.Stage{drill.StageDecide, drill.StagePromote} {
		t.Run(string(stage), func(t *testing.T) {
			s := blocked(t, stage, why)
			s.wait(10 * page.FailureFor) // the footer has forgotten it
			if strings.Contains(s.text(), "restore one of them") {
				t.Fatal("the footer still has it, so nothing is shown by this")
			}
			s.shows("quorum: 1 of 3 replicas answer, 2 are")
			s.shows("! forces")
			s.shows("first write  none for")
			s.w, s.h = layout.MinW, layout.MinH
			s.press("4")
			s.shows("! forces")
		})
	}
	t.Run("by an event of its own", func(t *testing.T) {
		s := blocked(t, drill.StageDecide, "")
		s.happens(0, drill.FailoverBlocked{ID: 9, Dataset: "orders", Reason: why})
		s.wait(10 * page.FailureFor)
		s.shows("quorum: 1 of 3 replicas answer, 2 are")
		s.shows("! forces")
	})
	t.Run("another dataset's", func(t *testing.T) {
		s := blocked(t, drill.StageDecide, "")
		s.happens(0, drill.TaskFailed{Task: "failover of carts", Failover: 8, Error: why})
		s.wait(10 * page.FailureFor)
		s.hides("forces")
	})
	t.Run("of a failover before", func(t *testing.T) {
		s := byHand(t)
		s.happens(0, drill.TaskFailed{Task: "failover of orders", Failover: 7, Error: why})
		s.happens(time.Second, drill.FailoverStaged{ID: 9, Dataset: "orders", From: "us-east", Cause: "fault", Stage: drill.StageFault, End: s.live.state.Now + time.Second},
			drill.FailoverStaged{ID: 9, Dataset: "orders", From: "us-east", Cause: "fault", Stage: drill.StageDetect, End: s.live.state.Now + 2*time.Second})
		s.wait(10 * page.FailureFor)
		s.hides("forces")
	})
	t.Run("over", func(t *testing.T) {
		s := blocked(t, "", why)
		s.wait(10 * page.FailureFor)
		s.hides("forces")
	})
	t.Run("stopped by the verdict", func(t *testing.T) {
		s := blocked(t, drill.StageDecide, why)
		s.happens(0, drill.DrillEnded{Verdict: drill.Failed, Why: "no leader"})
		s.shows("first write  none until the end")
		s.hides("none for")
	})
	t.Run("a person's turn", func(t *testing.T) {
		s := blocked(t, drill.StageDecide, "")
		s.live.state.Fleet.Failover.Decide = "operator"
		s.update(tickMsg{})
		s.shows("waits for a person: P promotes")
	})
}
