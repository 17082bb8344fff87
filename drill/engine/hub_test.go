package engine

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// While the hub is gone nobody is judged, moved or led anew, whatever dies meanwhile: users are served on by what the router
// last knew, and fenced writes stop with the lease. What was missed is made up for once it is back.
func TestNothingIsDecidedWithoutTheHub(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		l := newLab(t, func(c *Config) {
			c.Spec.Hub = &topology.Hub{Name: "hub", RTT: map[string]time.Duration{"a": 10 * time.Millisecond}}
			c.Spec.Routing.Probe = topology.Probe{Every: 50 * time.Millisecond, Timeout: 300 * time.Millisecond, DownAfter: 3, UpAfter: 2}
			c.Spec.Failover.Lease = 500 * time.Millisecond
		})
		l.undisturbed()
		refused := func(s *drill.State) (n int) {
			for _, p := range s.Populations {
				if p.Last != nil {
					n += p.Last.Failures["fenced"]
				}
			}
			return n
		}
		served := func(s *drill.State) int {
			n := 0
			for _, p := range s.Populations {
				n += p.Last.ServedBy["a"]
			}
			return n
		}
		hub := topology.Target{Kind: topology.DomainHub, Name: "hub"}
		l.send(runbook.Command{Verb: runbook.VerbKill, Domain: hub})
		l.until("the hub is judged down, and its users' writes are refused", func(s *drill.State) bool {
			return s.Hub.Up != nil && !*s.Hub.Up && s.HubLost() != nil && refused(s) > 0
		})
		if served(l.state) == 0 {
			t.Error("nobody was served by the healthy region of a lost hub")
		}
		l.send(runbook.Command{Verb: runbook.VerbKill, Region: "a"})
		l.until("a is killed too", func(s *drill.State) bool { return s.Region("a").Fault != nil })
		killed := l.state.Now
		// Long enough for probes and a lease to have run out several times over.
		l.until("time passes", func(s *drill.State) bool { return s.Now > killed+2*time.Second })
		for _, r := range l.state.Regions {
			if r.Up == nil || !*r.Up {
				t.Errorf("%s was judged, and nobody could ask it", r.Spec.Name)
			}
		}
		if n := len(l.state.Failovers); n > 0 {
			t.Errorf("a failover began without the hub: %+v", l.state.Failovers[n-1])
		}
		if to := l.state.Population("near-a").Region; to != "a" {
			t.Errorf("users of a were sent to %s without the hub", to)
		}
		l.send(runbook.Command{Verb: runbook.VerbRestore, Domain: hub})
		l.until("another region leads, and nobody is sent to a", func(s *drill.State) bool {
			d := s.Dataset("orders")
			return d.Authority != "" && d.Authority != "a" && s.OpenFailover("orders") == nil && s.Population("near-a").Region != "a"
		})
		if b := l.state.Region("b"); b.Up == nil || !*b.Up {
			t.Error("a region that never was gone was judged down on the way")
		}
		l.end()
	})
}
