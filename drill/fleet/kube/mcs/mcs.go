// Package mcs makes the objects of the Multi-Cluster Services API (KEP-1645, sigs.k8s.io/mcs-api) for a region: what it exports,
// and what it imports with the endpoints of the other clusters. Who keeps them in step with health stands outside every
// cluster, as a controller of that API does.
package mcs

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/mcs-api/config/crd"
	"sigs.k8s.io/mcs-api/pkg/apis/v1beta1"
	"sigs.k8s.io/yaml"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// port is that of a dataset's Service: the gateways'.
const port = 8080

// partOf marks what is ours.
var partOf = map[string]string{"app.kubernetes.io/part-of": "fleetdrill"}

// Objects is a region's share in a dataset's Service, in the order in which to apply it: the API's definitions, since a cluster
// may have been made anew, what the region exports, if it does, and what it imports.
func Objects(namespace, dataset string, exports bool, endpoints []fleet.Endpoint) ([]*unstructured.Unstructured, error) {
	all, err := definitions()
	if err == nil && exports {
		var more []*unstructured.Unstructured
		more, err = export(namespace, dataset)
		all = append(all, more...)
	}
	if err != nil {
		return nil, err
	}
	imported, err := imports(namespace, dataset, endpoints)
	return append(all, imported...), err
}

// definitions are the API's own: without them a cluster knows no ServiceExport and no ServiceImport.
func definitions() ([]*unstructured.Unstructured, error) {
	var all []*unstructured.Unstructured
	for _, raw := range [][]byte{crd.ServiceExportCRD, crd.ServiceImportCRD} {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(raw, &o.Object); err != nil {
			return nil, fmt.Errorf("read the definitions of mcs-api: %w", err)
		}
		unstructured.RemoveNestedField(o.Object, "status")
		all = append(all, o)
	}
	return all, nil
}

// export is what a region that may lead a dataset gives to the others: a Service before its gateway, which takes the dataset's
// writes, and that it is exported.
func export(namespace, dataset string) ([]*unstructured.Unstructured, error) {
	name := topology.ServiceOf(dataset)
	service := &corev1.Service{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Service"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: partOf},
		Spec: corev1.ServiceSpec{
			Selector: map[string]string{"fleetdrill/role": "gateway"},
			Ports:    []corev1.ServicePort{{Name: "http", Port: port, TargetPort: intstr.FromString("http"), Protocol: corev1.ProtocolTCP}},
		},
	}
	export := &v1beta1.ServiceExport{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1beta1.GroupVersion.String(), Kind: "ServiceExport"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: partOf},
	}
	return plain(service, export)
}

// imports is what a region has of the others' exports of a dataset: the ServiceImport, and an EndpointSlice for each cluster that
// exports it, whose endpoint is ready while that region leads and answers.
func imports(namespace, dataset string, endpoints []fleet.Endpoint) ([]*unstructured.Unstructured, error) {
	name := topology.ServiceOf(dataset)
	objects := []any{&v1beta1.ServiceImport{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1beta1.GroupVersion.String(), Kind: "ServiceImport"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: partOf},
		Spec:       v1beta1.ServiceImportSpec{Type: v1beta1.ClusterSetIP, Ports: []v1beta1.ServicePort{{Name: "http", Port: port, Protocol: corev1.ProtocolTCP}}},
	}}
	for _, e := range endpoints {
		slice, err := sliceOf(namespace, name, e)
		if err != nil {
			return nil, err
		}
		objects = append(objects, slice)
	}
	return plain(objects...)
}

func sliceOf(namespace, name string, e fleet.Endpoint) (*discoveryv1.EndpointSlice, error) {
	host, portText, err := net.SplitHostPort(e.Address)
	at, portErr := strconv.ParseUint(portText, 10, 16)
	if err != nil || portErr != nil {
		return nil, fmt.Errorf("address %q of %s is not host:port", e.Address, e.Region)
	}
	family := discoveryv1.AddressTypeIPv4
	if ip, err := netip.ParseAddr(host); err != nil || !ip.Is4() {
		family = discoveryv1.AddressTypeFQDN
	}
	ready, portName, number := e.Ready, "http", int32(at)
	protocol := corev1.ProtocolTCP
	labels := map[string]string{v1beta1.LabelServiceName: name, v1beta1.LabelSourceCluster: e.Region, discoveryv1.LabelManagedBy: "fleetdrill"}
	for k, v := range partOf {
		labels[k] = v
	}
	return &discoveryv1.EndpointSlice{
		TypeMeta:    metav1.TypeMeta{APIVersion: discoveryv1.SchemeGroupVersion.String(), Kind: "EndpointSlice"},
		ObjectMeta:  metav1.ObjectMeta{Name: name + "-" + e.Region, Namespace: namespace, Labels: labels},
		AddressType: family,
		Endpoints:   []discoveryv1.Endpoint{{Addresses: []string{host}, Conditions: discoveryv1.EndpointConditions{Ready: &ready}}},
		Ports:       []discoveryv1.EndpointPort{{Name: &portName, Port: &number, Protocol: &protocol}},
	}, nil
}

// plain is typed objects as server-side apply takes them: without a status, which is not ours to set.
func plain(objects ...any) ([]*unstructured.Unstructured, error) {
	var all []*unstructured.Unstructured
	for _, o := range objects {
		fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
		if err != nil {
			return nil, err
		}
		delete(fields, "status")
		unstructured.RemoveNestedField(fields, "metadata", "creationTimestamp")
		all = append(all, &unstructured.Unstructured{Object: fields})
	}
	return slices.Clip(all), nil
}
