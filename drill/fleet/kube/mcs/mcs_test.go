package mcs

import (
	"fmt"
	"strings"
	"testing"

	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/mcs-api/pkg/apis/v1beta1"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// What is applied are the API's own definitions, and objects that its own types read back.
func TestObjects(t *testing.T) {
	objects, err := Objects("mine", "orders", true, []fleet.Endpoint{
		{Region: "us-east", Address: "172.18.0.1:4711", Ready: true},
		{Region: "us-west", Address: "host.docker.internal:4712"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, o := range objects {
		names = append(names, o.GetKind()+"/"+o.GetName())
		if _, has := o.Object["status"]; has {
			t.Errorf("%s %s has a status, which is not ours to set", o.GetKind(), o.GetName())
		}
	}
	want := "CustomResourceDefinition/serviceexports.multicluster.x-k8s.io CustomResourceDefinition/serviceimports.multicluster.x-k8s.io " +
		"Service/data-orders ServiceExport/data-orders ServiceImport/data-orders EndpointSlice/data-orders-us-east EndpointSlice/data-orders-us-west"
	if got := strings.Join(names, " "); got != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
	for i, want := range []string{"IPv4 [172.18.0.1]:4711 ready true of us-east", "FQDN [host.docker.internal]:4712 ready false of us-west"} {
		var s discoveryv1.EndpointSlice
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(objects[5+i].Object, &s); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%s %v:%d ready %t of %s", s.AddressType, s.Endpoints[0].Addresses, *s.Ports[0].Port, *s.Endpoints[0].Conditions.Ready, s.Labels[v1beta1.LabelSourceCluster])
		if got != want || s.Labels[v1beta1.LabelServiceName] != "data-orders" || s.Namespace != "mine" {
			t.Errorf("%s in %s, labels %v: want %s", got, s.Namespace, s.Labels, want)
		}
	}
	only, err := Objects("mine", "orders", false, nil)
	if err != nil || len(only) != 3 || only[2].GetKind() != "ServiceImport" {
		t.Errorf("of a region that exports nothing: %d objects, %v", len(only), err)
	}
	if _, err := Objects("mine", "orders", false, []fleet.Endpoint{{Region: "x", Address: "nowhere"}}); err == nil {
		t.Error("an address without a port is taken")
	}
}
