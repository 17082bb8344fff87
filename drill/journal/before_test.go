package journal

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// TestJournalsOfBefore reads journals that a program of before wrote, to the numbers that it reported then.
func TestJournalsOfBefore(t *testing.T) {
	type failover struct {
		from, to string
		rto      time.Duration
		lost     int
	}
	tests := []struct {
		file            string
		fault           drill.FaultKind
		failover        failover
		rejoined        int // diverged writes of the rejoin
		splits          int
		asked, affected int // distinct users in outages
		requests        int
		failed          int
		acknowledged    int
		recovered       time.Duration // after the fault, to a hundredth of a second
		moves           int
	}{
		{
			file: "v1-lose-the-authority.jsonl", fault: drill.FaultKill,
			failover: failover{"us-east", "eu-west", 1549 * time.Millisecond, 0},
			asked:    701, affected: 106, requests: 3125, failed: 108, acknowledged: 754, recovered: 4970 * time.Millisecond, moves: 1,
		},
		{
			file: "v1-split-brain.jsonl", fault: drill.FaultPartition,
			failover: failover{"us-east", "eu-west", 1810 * time.Millisecond, 59},
			rejoined: 122, splits: 1, asked: 608, affected: 38, requests: 3245, failed: 39, acknowledged: 1633, recovered: 2580 * time.Millisecond,
		},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			l, err := Load(filepath.Join("testdata", tt.file))
			if err != nil || l.Cut != nil {
				t.Fatal(err, l.Cut)
			}
			if l.Version != 1 || l.Skipped != 0 {
				t.Errorf("version %d, %d events skipped", l.Version, l.Skipped)
			}
			s := drill.NewState()
			for _, e := range l.Events {
				s.Apply(e)
			}
			if s.Verdict != drill.Passed || s.Phase != drill.PhaseEnded {
				t.Errorf("verdict %s in phase %s", s.Verdict, s.Phase)
			}
			if len(s.Faults) != 1 || s.Faults[0].FaultProved.Fault != tt.fault || len(s.Recoveries) != 1 {
				t.Fatalf("faults %+v, recoveries %+v", s.Faults, s.Recoveries)
			}
			if got := s.Recoveries[0].Since - s.Faults[0].From; got.Round(10*time.Millisecond) != tt.recovered {
				t.Errorf("recovered after %v, want %v", got, tt.recovered)
			}
			f := s.Failovers[0]
			if f.From != tt.failover.from || f.To != tt.failover.to || f.Check == nil || len(f.Check.Lost) != tt.failover.lost {
				t.Errorf("failover from %s to %s, check %+v", f.From, f.To, f.Check)
			}
			if rto := f.Ends[drill.StageReroute] - f.Ends[drill.StageFault]; rto.Round(time.Millisecond) != tt.failover.rto {
				t.Errorf("rto %v, want %v", rto, tt.failover.rto)
			}
			if len(s.Rejoins) != 1 || s.Rejoins[0].Done == nil || s.Rejoins[0].Done.Diverged != tt.rejoined {
				t.Errorf("rejoins %+v", s.Rejoins)
			}
			if d := s.Datasets[0]; len(d.Splits) != tt.splits || d.LastCheck == nil || d.LastCheck.Acknowledged != tt.acknowledged {
				t.Errorf("%d split brains, last check %+v", len(d.Splits), d.LastCheck)
			}
			if len(s.Moves) != tt.moves {
				t.Errorf("switchovers %+v", s.Moves)
			}
			asked, affected, requests, failed := 0, 0, 0, 0
			for _, p := range s.Populations {
				asked, affected = asked+p.Last.AskedEver, affected+p.Last.AffectedEver
				requests, failed = requests+p.Last.TotalRequests, failed+p.Last.TotalFailed
				if p.Last.Impacts != nil || p.Last.LatencyN != 0 || p.Last.Max != nil {
					t.Errorf("%s has what format 1 had not: %+v", p.Spec.Name, p.Last)
				}
				if p.Last.P50 == nil || p.Last.SteadyP99 == nil {
					t.Errorf("%s lacks what format 1 had: %+v", p.Spec.Name, p.Last)
				}
			}
			if asked != tt.asked || affected != tt.affected || requests != tt.requests || failed != tt.failed {
				t.Errorf("%d of %d users, %d of %d requests failed; want %d of %d and %d of %d",
					affected, asked, failed, requests, tt.affected, tt.asked, tt.failed, tt.requests)
			}
		})
	}
}
