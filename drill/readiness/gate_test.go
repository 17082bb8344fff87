package readiness

import (
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A switchover is refused by what a failover's gate would pass the region over for, with the checks, the region and what to do; where
// the fleet only warns, by nothing.
func TestAGateRefusesASwitchover(t *testing.T) {
	binding := config.Ref{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBinding", Namespace: config.Namespace, Name: "write-orders"}
	roleGone := drill.Configured{News: config.Edited{Region: "eu-west", Fields: []config.Field{{Object: binding, Wanted: "there"}}}}
	small := drill.RegionScaled{Region: "eu-west", Was: 2, Replicas: 1}
	for _, tt := range []struct {
		name    string
		happens []drill.Body
		to      string
		want    string // "" is not refused
	}{
		{"all is well", nil, "eu-west", ""},
		{"a role is gone", []drill.Body{roleGone}, "eu-west", "eu-west is not ready to lead orders, and the fleet's gate refuses it: " +
			"config: RoleBinding/write-orders is missing, roles: no role lets orders be written: writes are refused (403); " +
			"put it right: nobody reconciles in manual mode, give it back the role write-orders"},
		{"of another region", []drill.Body{roleGone}, "ap-south", ""},
		{"no room once the leader is lost", []drill.Body{small}, "eu-west", "eu-west is not ready to lead orders, and the fleet's gate refuses it: " +
			"capacity: would get 100 requests/s, and takes 50; scale it"},
		{"who leads already", []drill.Body{roleGone}, "us-east", ""},
	} {
		for _, policy := range []string{topology.PreflightRefuse, topology.PreflightWarn} {
			s := well(t)
			s.Fleet.Failover.Preflight = policy
			s.happens(tt.happens...)
			want := tt.want
			if policy == topology.PreflightWarn {
				want = ""
			}
			got := ""
			if no := Gate(s.State, s.Dataset("orders"), tt.to); no != nil {
				got = no.Error()
			}
			if got != want {
				t.Errorf("%s, %s:\n got %s\nwant %s", tt.name, policy, got, want)
			}
		}
	}
}

// A failover loses the leader; a switchover leaves it where it is, and it has to get through to who leads then.
func TestTheLeaderCallsWhoLeadsThen(t *testing.T) {
	s := well(t)
	s.Fleet.Failover.Preflight = topology.PreflightRefuse
	lead := holds(s.Fleet, "us-east", began.Add(1), s.Fleet.RegionNames())
	lead.Bundles = map[string][]string{}
	s.happens(drill.IdentitySampled{Who: "us-east", Status: identity.Status{ID: lead.ID, Holding: lead.Holding}})
	if got := s.says("eu-west"); got != "ready" {
		t.Errorf("once us-east is lost, eu-west is %s", got)
	}
	no := Gate(s.State, s.Dataset("orders"), "eu-west")
	if want := "eu-west is not ready to lead orders, and the fleet's gate refuses it: trust: us-east refuses eu-west: unknown authority of domain eu-west.three"; no == nil || no.Why != want {
		t.Errorf("us-east stays, and is refused: %v", no)
	}
}

// In a dry run nothing was measured: what is not known refuses nothing there, and everything once regions answer.
func TestADryRunKnowsNothing(t *testing.T) {
	f := well(t).Fleet
	f.Failover.Preflight = topology.PreflightRefuse
	s := story{drill.NewState()}
	s.happens(drill.DrillStarted{Fleet: f}, drill.AuthorityTook{Dataset: "orders", Region: "us-east", Epoch: 1})
	if no := Gate(s.State, s.Dataset("orders"), "eu-west"); no != nil {
		t.Errorf("before anything was heard: %s", no)
	}
	s.happens(drill.StoresSampled{Stores: []telemetry.Replica{{Dataset: "orders", Region: "us-east"}}})
	if Gate(s.State, s.Dataset("orders"), "eu-west") == nil {
		t.Error("what is not known is taken for ready")
	}
}

// A dataset that is moved out of a region goes to the next one that the gate lets lead.
func TestAnHeirIsReady(t *testing.T) {
	s := well(t)
	s.Fleet.Failover.Preflight = topology.PreflightRefuse
	d := s.Dataset("orders")
	heirs := func() (string, bool) {
		to, no := Heir(s.State, d, "us-east")
		return to, no != nil
	}
	first, _ := heirs()
	unable := func(region string) drill.Body {
		return drill.Configured{News: config.Surveyed{Region: region, Revision: "abcdef012345", Lacks: []string{"orders"}, Has: config.Meaning{Version: "v1", Isolated: true, Reach: s.Fleet.RegionNames()}}}
	}
	s.happens(unable(first))
	second, _ := heirs()
	if first == "" || second == "" || second == first {
		t.Errorf("first %q, then %q", first, second)
	}
	s.happens(unable(second))
	if last, refused := heirs(); last != "" || !refused {
		t.Errorf("none is ready, and %q leads, refused %v", last, refused)
	}
}
