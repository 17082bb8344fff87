package kube

import (
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// addresses maps the services' fixed addresses in the manifests to the region's own:
// as many further on as its slot asks for.
func (r Region) addresses(objects []*unstructured.Unstructured) (map[string]string, error) {
	var fixed []string
	for _, o := range objects {
		if ip, found, err := unstructured.NestedString(o.Object, "spec", "clusterIP"); err != nil {
			return nil, err
		} else if found {
			fixed = append(fixed, ip)
		}
	}
	moved := make(map[string]string, len(fixed))
	for _, ip := range fixed {
		a, err := netip.ParseAddr(ip)
		if err != nil {
			return nil, fmt.Errorf("a service's address: %w", err)
		}
		for range r.Slot * len(fixed) {
			a = a.Next()
		}
		moved[ip] = a.String()
	}
	return moved, nil
}

// place puts an object into the region's namespace and gives it the region's addresses
// and port. Pods of a shared cluster tolerate the cordon of every other region.
func place(o *unstructured.Unstructured, at Region, addresses map[string]string) error {
	if o.GetKind() == "Namespace" {
		o.SetName(at.Namespace)
		return nil
	}
	o.SetNamespace(at.Namespace)
	if o.GetKind() == "Service" {
		return placeService(o, at, addresses)
	}
	pod, found, err := unstructured.NestedMap(o.Object, podSpec()...)
	if err != nil || !found {
		return err
	}
	containers, _ := pod["containers"].([]any)
	for _, c := range containers {
		c, ok := c.(map[string]any)
		if !ok {
			return fmt.Errorf("a container is no object: %v", c)
		}
		args, _ := c["args"].([]any)
		for i, a := range args {
			args[i] = readdress(a, addresses)
		}
	}
	if at.Shared() {
		tolerations, _ := pod["tolerations"].([]any)
		for _, other := range at.Beside {
			tolerations = append(tolerations, map[string]any{
				"key": CordonTaint(other), "operator": string(corev1.TolerationOpExists), "effect": string(corev1.TaintEffectNoSchedule),
			})
		}
		pod["tolerations"] = tolerations
	}
	if len(at.Zones) > 0 {
		placeInZones(o, pod, at)
	}
	return unstructured.SetNestedMap(o.Object, pod, podSpec()...)
}

func placeService(o *unstructured.Unstructured, at Region, addresses map[string]string) error {
	ip, _, err := unstructured.NestedString(o.Object, "spec", "clusterIP")
	if err != nil {
		return err
	}
	if err := unstructured.SetNestedField(o.Object, addresses[ip], "spec", "clusterIP"); err != nil {
		return err
	}
	ports, _, err := unstructured.NestedSlice(o.Object, "spec", "ports")
	if err != nil {
		return err
	}
	for _, p := range ports {
		if p, ok := p.(map[string]any); ok && p["nodePort"] != nil {
			p["nodePort"] = int64(at.GatewayPort())
		}
	}
	return unstructured.SetNestedSlice(o.Object, ports, "spec", "ports")
}

// readdress replaces the host of a URL in an argument.
func readdress(arg any, addresses map[string]string) any {
	text, ok := arg.(string)
	if !ok {
		return arg
	}
	for from, to := range addresses {
		if before, after, found := strings.Cut(text, "//"+from+":"); found {
			return before + "//" + to + ":" + after
		}
	}
	return text
}

// shareProcessor divides a container's request for processors, which on two cores
// leaves no room for a second region: the regions of a cluster take what one had.
func shareProcessor(container map[string]any, regions int) error {
	requests, found, err := unstructured.NestedMap(container, "resources", "requests")
	if err != nil || !found || regions == 1 {
		return err
	}
	cpu, err := resource.ParseQuantity(fmt.Sprint(requests["cpu"]))
	if err != nil {
		return fmt.Errorf("its request for processors: %w", err)
	}
	requests["cpu"] = fmt.Sprintf("%dm", cpu.MilliValue()/int64(regions))
	return unstructured.SetNestedMap(container, requests, "resources", "requests")
}
