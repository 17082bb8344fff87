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
)

// strategyNames are three datasets of the same fleet, each with another mode.
var strategyNames = []string{"orders-async", "orders-sync", "orders-quorum"}

// strategies is a drill that takes the authority of all of them away at once. Each
// recovers in a time of its own: 2.1, 2.2 and 2.3 seconds.
func strategies(over bool) []drill.Event {
	t := &teller{}
	fleet := storyFleet
	fleet.Datasets = nil
	for i, mode := range []topology.Mode{topology.ModeAsync, topology.ModeSync, topology.ModeQuorum} {
		d := topology.Dataset{Name: strategyNames[i], Engine: "log", Mode: mode, Authority: "us-east", Regions: []string{"us-east", "eu-west", "ap-south"}}
		if mode == topology.ModeSync {
			d.With = "eu-west"
		}
		fleet.Datasets = append(fleet.Datasets, d)
	}
	ms, began := time.Millisecond, 5*time.Second
	kill := runbook.Command{Verb: runbook.VerbKill, Region: "us-east", By: "operator"}
	risk := uint64(14)
	p := runbook.Impact{Users: map[string]float64{"americas": 1}, Share: 0.5, RTO: 1500 * ms, WritesAtRisk: map[string]*uint64{}}
	for _, name := range strategyNames {
		p.WritesAtRisk[name] = &risk
	}
	t.at(0, drill.DrillStarted{Fleet: fleet, On: "local"}, drill.PhaseEntered{Phase: drill.PhaseRunning})
	for _, r := range fleet.Regions {
		t.at(ms, drill.RegionJudged{Region: r.Name, Up: true, After: 4})
	}
	t.at(time.Second, drill.SwitchoverDone{ID: 1, Dataset: "orders-async", From: "eu-west", To: "us-east", Epoch: 7, Fence: 12 * ms, Promote: 3 * ms, Blocked: 20 * ms})
	t.at(began, drill.CommandTaken{ID: 1, Command: kill}, drill.ImpactPredicted{ID: 1, Impact: p},
		drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "us-east", From: began, Proof: "exited"}, drill.CommandDone{ID: 1, Command: kill})
	for i, name := range strategyNames {
		epoch := uint64(2)
		if i == 0 {
			epoch = 8
		}
		for n, stage := range append([]drill.Stage{drill.StageFault}, drill.FailoverStages...) {
			end := began + time.Duration(n)*400*ms + time.Duration(i+1)*100*ms
			if n == 0 {
				end = began
			}
			t.at(began+3*time.Second, drill.FailoverStaged{ID: i + 1, Dataset: name, From: "us-east", To: "eu-west", Cause: "fault", Epoch: epoch, Stage: stage, End: end})
		}
		c := drill.LedgerChecked{Dataset: name, Region: "eu-west", Why: fmt.Sprintf("failover %d", i+1), Failover: i + 1, Acknowledged: 900}
		if i == 0 {
			c.Lost = checked("", 0).Lost
		}
		t.at(began+4*time.Second, c)
		t.at(began+5*time.Second, drill.RejoinStarted{Dataset: name, Region: "us-east", Authority: "eu-west"},
			drill.RejoinDone{Dataset: name, Region: "us-east", Bytes: 1 << 20, Took: time.Second})
	}
	stores := drill.StoresSampled{}
	for _, name := range strategyNames {
		for _, r := range fleet.Regions {
			s := telemetry.Replica{Dataset: name, Region: r.Name, Role: role.Follower, Epoch: 2, Bytes: 3 << 20, Contact: began}
			if r.Name == "eu-west" {
				s.Role = role.Authority
			}
			stores.Stores = append(stores.Stores, s)
		}
	}
	t.at(began+6*time.Second, stores, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{
		{Population: "americas", Datasets: writesOf(21, 95, 120)}, {Population: "asia", Datasets: writesOf(98, 181, 240)}}})
	if over {
		t.at(began+8*time.Second, drill.DrillEnded{Verdict: drill.Passed, Why: "all objectives met"})
	}
	return t.upTo(time.Hour)
}

// writesOf is a population's writes to each dataset by their p50 in milliseconds.
func writesOf(p50 ...int) map[string]telemetry.WriteLatency {
	all := map[string]telemetry.WriteLatency{}
	for i, ms := range p50 {
		p50, p99 := time.Duration(ms)*time.Millisecond, time.Duration(2*ms)*time.Millisecond
		all[strategyNames[i]] = telemetry.WriteLatency{Acknowledged: 100, P50: &p50, P99: &p99}
	}
	return all
}

func threeStrategies(t *testing.T, over bool) *stage {
	s := newStage(t, 120, 36, Options{NoColor: true})
	s.events(strategies(over))
	return s
}

// line is the first line of the screen that contains a text.
func (s *stage) line(part string) string {
	s.t.Helper()
	for l := range strings.SplitSeq(s.text(), "\n") {
		if strings.Contains(l, part) {
			return l
		}
	}
	s.t.Fatalf("no line has %q:\n%s", part, s.text())
	return ""
}

func TestRecoveryIsOfTheDatasetInFocus(t *testing.T) {
	s := threeStrategies(t, false)
	for i, name := range strategyNames {
		// A switchover of another dataset has an epoch that counts for that one alone.
		s.shows("─ Recovery of " + name + " ─")
		s.shows(fmt.Sprintf("first write  2.%d s", i+1))
		s.shows("Data – " + name)
		s.shows(fmt.Sprintf("%d of 3, d next", i+1))
		s.press("d")
	}
	s.shows("Recovery of orders-async")
}

func TestComparisonIsOfTheDatasetInFocus(t *testing.T) {
	tests := []struct{ dataset, lost, rto string }{
		{"orders-async", "8", "2.1 s"}, {"orders-sync", "0", "2.2 s"}, {"orders-quorum", "0", "2.3 s"},
	}
	s := threeStrategies(t, false)
	for _, tt := range tests {
		t.Run(tt.dataset, func(t *testing.T) {
			s.shows("hurt asia")
			if l := strings.Fields(s.line("lost " + tt.dataset)); l[len(l)-2] != tt.lost {
				t.Errorf("lost is %v", l)
			}
			if l := s.line("RTO  model"); !strings.Contains(l, tt.rto) {
				t.Errorf("RTO is %q", l)
			}
			for _, other := range strategyNames {
				if other != tt.dataset {
					s.hides("lost " + other)
				}
			}
		})
		s.press("d")
	}
}

func TestResultComparesStrategies(t *testing.T) {
	tests := []struct{ dataset, want string }{
		{"orders-async", "async                 2.1 s      8           asia 98/196 ms   3.0 MiB × 2"},
		{"orders-sync", "sync with eu-west     2.2 s      0          asia 181/362 ms   3.0 MiB × 2"},
		{"orders-quorum", "quorum                2.3 s      0          asia 240/480 ms   3.0 MiB × 2"},
	}
	s := threeStrategies(t, true)
	for i, tt := range tests {
		for _, row := range tests {
			if l := s.line(row.dataset + "  "); !strings.Contains(l, row.want) {
				t.Fatalf("the row of %s is %q", row.dataset, l)
			}
		}
		s.shows("▸ " + tt.dataset)
		s.shows(tt.dataset + " lost ")
		// The failovers of the one in focus stand first, and there is room for them.
		if l := s.line("failover of"); !strings.Contains(l, "failover of "+tt.dataset) {
			t.Fatalf("with %s in focus the first is %q", tt.dataset, l)
		}
		s.shows(fmt.Sprintf("first write  2.%d s", i+1))
		s.shows("✓ us-east back in 1.0 s: 1.0 MiB copied at 1.0 MiB/s")
		s.shows("d next dataset")
		s.press("d")
	}
}

// TestResultScrolls holds that a result which is longer than the screen says so,
// and that all of it can be seen.
func TestResultScrolls(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {60, 15}} {
		s := newStage(t, size[0], size[1], Options{NoColor: true})
		s.events(strategies(true))
		s.shows("↑↓ scroll")
		s.hides("reroute  ")
		seen := s.text()
		for range 60 {
			s.press("down")
			seen += s.text()
		}
		s.shows("hurt all users") // the end of it
		s.shows("fleetdrill  ")
		s.shows("journal  ")
		for i := range strategyNames {
			if want := fmt.Sprintf("first write  2.%d s", i+1); !strings.Contains(seen, want) {
				t.Errorf("at %d×%d %q is never seen", size[0], size[1], want)
			}
		}
		if !strings.Contains(seen, "switchover of orders-async") {
			t.Error("the switchover is never seen")
		}
		for range 9 {
			s.press("pgup")
		}
		s.shows("passed")
		s.press("pgdown")
		s.hides("✓ passed")
		s.press("esc")
		s.shows("✓ passed")
	}
	s := newStage(t, 200, 50, Options{NoColor: true})
	s.events(story(storyEnd, storyPlan()))
	s.hides("scroll")
	s.press("down")
	s.shows("all of the result is on the screen")
}

// TestResultShowsEveryFailover holds that a return of one dataset takes no rows of
// another's, and that the first failover leaves the others room.
func TestResultShowsEveryFailover(t *testing.T) {
	s := newStage(t, 80, 24, Options{NoColor: true})
	s.events(strategies(true))
	s.shows("asia 98/196 ms")
	s.press("pgdown")
	for _, name := range strategyNames {
		s.shows("failover of " + name)
	}
}

func TestNextDatasetIsInTheFooter(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 36}} {
		s := newStage(t, size[0], size[1], Options{NoColor: true})
		s.events(strategies(false))
		s.press("l") // eu-west, of which most keys can do something
		s.shows("d next dataset")
		s.shows("? help")
	}
	byHand(t).hides("next dataset")
}

// TestMoveWithoutAWrite holds that a wait which was given up does not pass for what a
// switchover blocked writes for.
func TestMoveWithoutAWrite(t *testing.T) {
	s := byHand(t)
	s.happens(0, drill.SwitchoverDone{ID: 1, Dataset: "orders", From: "us-east", To: "eu-west", Epoch: 2, Fence: time.Millisecond, Blocked: 5 * time.Second, Open: true})
	s.shows("no write confirmed within 5.0 s")
	s.hides("no writes for")
}
