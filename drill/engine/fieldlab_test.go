package engine

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// fieldSpec is two regions and one that keeps no replica of orders, with users near one.
func fieldSpec(near string, rtt time.Duration) topology.Fleet {
	spec := labSpec()
	for i := range spec.Links {
		spec.Links[i].RTT = rtt
	}
	distances := map[string]time.Duration{"a": 30 * time.Millisecond, "b": 30 * time.Millisecond, "c": 30 * time.Millisecond}
	distances[near] = time.Millisecond
	spec.Users = []topology.Population{{Name: "people", Count: 100, Rate: 30, Writes: 0.3, Timeout: 2 * time.Second, RTT: distances}}
	spec.Datasets[0].Regions = []string{"a", "b"}
	return spec
}

func people(s *drill.State) *drill.PopulationState { return s.Population("people") }

func answered(s *drill.State) int {
	if p := people(s); p != nil && p.Last != nil {
		return p.Last.TotalRequests - p.Last.TotalFailed
	}
	return 0
}

// A synchronous write that takes longer than the engine's own limit is awaited as long as its
// user waits, and the copies over so long a link arrive at all.
func TestASlowWriteIsAwaitedAsLongAsItsUserWaits(t *testing.T) {
	t.Parallel()
	attempts(t, func(t *attempt) {
		l := newLab(t, func(c *Config) {
			c.Spec = fieldSpec("a", 1200*time.Millisecond)
			c.Spec.Users[0].Timeout = 10 * time.Second
			c.Spec.Datasets[0].Mode, c.Spec.Datasets[0].With = topology.ModeSync, "b"
		})
		defer l.end()
		l.until("acknowledged writes", func(s *drill.State) bool {
			p := people(s)
			return p != nil && p.Last != nil && p.Last.Datasets["orders"].Acknowledged >= 5
		})
	})
}

// What the web tier sheds at its capacity is called shed.
func TestWhatIsShedIsCalledSo(t *testing.T) {
	t.Parallel()
	attempts(t, func(t *attempt) {
		l := newLab(t, func(c *Config) {
			c.Spec = fieldSpec("a", 5*time.Millisecond)
			c.Spec.Web.Capacity = 5
		})
		defer l.end()
		l.until("shed requests", func(s *drill.State) bool { p := people(s); return p != nil && p.Failures["shed"] >= 10 })
	})
}

// The users of a region that keeps no replica read where the data is, and after the loss of
// that region from another.
func TestTheUsersOfARegionWithoutAReplicaRead(t *testing.T) {
	t.Parallel()
	attempts(t, func(t *attempt) {
		l := newLab(t, func(c *Config) { c.Spec = fieldSpec("c", 5*time.Millisecond) })
		defer l.end()
		l.undisturbed()
		before := answered(l.state)
		l.until("answers", func(s *drill.State) bool { return answered(s) > before+60 })
		if p := people(l.state); p.Failures["not found"] > 0 {
			t.Errorf("failed: %v", p.Failures)
		}
		l.send(runbook.Command{Verb: runbook.VerbKill, Region: "a"})
		l.until("a's loss", func(s *drill.State) bool { return len(s.Failovers) == 1 })
		before = answered(l.state)
		l.until("answers without it", func(s *drill.State) bool { return answered(s) > before+60 })
		if p := people(l.state); p.Failures["not found"] > 0 || p.Last.ServedBy["c"] == 0 {
			t.Errorf("failed %v, served by %v", p.Failures, p.Last.ServedBy)
		}
	})
}
