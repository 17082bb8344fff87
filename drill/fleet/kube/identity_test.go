package kube

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// The gateway's pod alone is told its SPIFFE ID, and nobody is where the fleet has no identities.
func TestTheGatewayIsToldItsIdentity(t *testing.T) {
	f := topology.Fleet{Name: "duo", Regions: []topology.Region{{Name: "us-east"}}, Identity: &topology.Identity{Trust: topology.TrustFederated}}
	for id, want := range map[string]int{topology.GatewayID(f, "us-east"): 1, "": 0} {
		agent := Image{Tag: "fleetdrill.local/agent:0123456789ab"}
		all, err := Workload{Region: Region{Name: "us-east", Namespace: Namespace}, Replicas: 1, Agent: agent, Store: agent, Token: "secret", ID: id}.Objects()
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, o := range all {
			raw, err := yaml.Marshal(o.Object)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(raw), "--spiffe-id") {
				n++
				if o.GetName() != "gateway" || !strings.Contains(string(raw), "--spiffe-id=spiffe://us-east.duo/region/us-east/gateway") {
					t.Errorf("%s %s is told %s", o.GetKind(), o.GetName(), raw)
				}
			}
		}
		if n != want {
			t.Errorf("%d objects are told an ID, want %d", n, want)
		}
	}
}
