package kube

import (
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/yaml"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A hub runs one gateway and nothing else, and its gateway depends on no pod that is not there.
func TestAHubRunsItsGatewayAlone(t *testing.T) {
	at := Region{Name: "hub", Namespace: "fleetdrill-hub", Slot: 1, Beside: []string{"us-east"}, Hub: true}
	var names []string
	for _, o := range objectsAt(t, at, topology.Web{Replicas: 2}) {
		names = append(names, o.GetKind()+"/"+o.GetName())
		raw, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), "http://10.96") {
			t.Errorf("%s leads to a service of a region:\n%s", o.GetName(), raw)
		}
		if o.GetKind() != "Deployment" {
			continue
		}
		var d appsv1.Deployment
		if err := yaml.UnmarshalStrict(raw, &d); err != nil {
			t.Fatal(err)
		}
		pod := d.Spec.Template.Spec
		want := []string{"region", "--region=$(FLEETDRILL_REGION)", "--listen=0.0.0.0:8080", "--role=all", "--web-replicas=0", "--data=/data"}
		if c := pod.Containers[0]; !slices.Equal(c.Args, want) || c.VolumeMounts[0].MountPath != "/data" || c.Image != "fleetdrill.local/agent:0123456789ab" {
			t.Errorf("%+v", c)
		}
		if len(pod.Volumes) != 1 || pod.Volumes[0].EmptyDir == nil || pod.Volumes[0].Name != pod.Containers[0].VolumeMounts[0].Name {
			t.Errorf("volumes %+v", pod.Volumes)
		}
	}
	if want := []string{"Namespace/fleetdrill-hub", "ConfigMap/region", "Secret/token", "Service/gateway", "Deployment/gateway"}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
	if wants := at.Wants(0); !slices.Equal(wants, []Wanted{{"gateway", 1}}) {
		t.Errorf("waits for %v", wants)
	}
}
