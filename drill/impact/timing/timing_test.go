package timing

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A lease that nobody renews ends for who holds it before the controller lets another lead: the one counts from the last renewal that
// came, the other from the last that may have.
func TestASuccessorWaitsForTheLease(t *testing.T) {
	f := topology.Fleet{
		Routing:  topology.Routing{Probe: topology.DefaultProbe},
		Failover: topology.FailoverPolicy{Fence: true, Lease: 10 * time.Second},
	}
	stops := runbook.Effect{Stops: []string{"east"}}
	every := topology.RenewEvery(f.Failover.Lease)
	if over, leads := LeaseEnds(f.Failover.Lease), Succession(f, stops); leads-over != every || leads != f.Failover.Lease-every/2 {
		t.Errorf("the lease ends after %s, another leads after %s, renewed every %s", over, leads, every)
	}
	f.Failover.Lease = 100 * time.Millisecond
	if got := Succession(f, stops); got != Detection(f) {
		t.Errorf("before it is known at all that the leader is lost: %s", got)
	}
	if f.Failover.Fence = false; Succession(f, stops) != RTO(f, stops) {
		t.Error("a lease is waited for without fencing")
	}
	f.Failover.Fence = true
	hangs := runbook.Effect{Weakens: []runbook.Weakening{{Region: "east", Part: runbook.PartStore, Web: 1, Store: true}}}
	if Succession(f, hangs) != RTO(f, hangs) {
		t.Error("a store that hangs is given up by its own limit")
	}
}
