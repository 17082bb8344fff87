package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fleetdrill/fleetdrill/drill/pause"
)

// Zone is a zone of a region: a node of its own, with some of the web pods and, in one zone, the store's.
type Zone struct {
	Name, Node string
	Store      bool
}

// nodes is the names of all nodes that the region's workload runs on.
func (r Region) nodes() []string {
	names := append([]string{r.Node}, r.Others...)
	for _, z := range r.Zones {
		names = append(names, z.Node)
	}
	return names
}

// firstZoneAddress is the address of the service in front of the first zone's web pods, in the part of the range that
// Kubernetes keeps for fixed ones; those of the zones after it follow. A region with zones shares no cluster.
const firstZoneAddress = 100

func zoneURL(i int) string { return fmt.Sprintf("http://10.96.0.%d:8080", firstZoneAddress+i) }

// zoneServices is a service in front of the web pods of each zone, made after the web tier's own: the gateway finds out by
// itself which zone answers, long before the cluster takes a dead node's pods off a service. Pods have their node's zone as
// a label from Kubernetes 1.35 on (KEP-4742).
func zoneServices(at Region, objects []*unstructured.Unstructured) (all []*unstructured.Unstructured, err error) {
	if len(at.Zones) == 0 {
		return nil, nil
	}
	i := slices.IndexFunc(objects, func(o *unstructured.Unstructured) bool { return o.GetKind() == "Service" && o.GetName() == "web" })
	if i < 0 {
		return nil, errors.New("there is no service web")
	}
	for n, z := range at.Zones {
		o := objects[i].DeepCopy()
		o.SetName("web-" + z.Name)
		err = unstructured.SetNestedField(o.Object, fmt.Sprintf("10.96.0.%d", firstZoneAddress+n), "spec", "clusterIP")
		if err == nil {
			err = unstructured.SetNestedField(o.Object, z.Name, "spec", "selector", corev1.LabelTopologyZone)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

// placeInZones spreads the web pods over the zones, puts the store's into its own, and keeps the gateway out of all of them.
func placeInZones(o *unstructured.Unstructured, pod map[string]any, at Region) {
	switch o.GetName() {
	case "web":
		pod["topologySpreadConstraints"] = []any{map[string]any{
			"maxSkew": int64(1), "topologyKey": corev1.LabelTopologyZone, "whenUnsatisfiable": string(corev1.DoNotSchedule),
			"labelSelector": map[string]any{"matchLabels": map[string]any{"fleetdrill/role": "web"}},
		}}
	case "store":
		for _, z := range at.Zones {
			if z.Store {
				pod["nodeSelector"] = map[string]any{corev1.LabelTopologyZone: z.Name}
			}
		}
	case "gateway":
		pod["nodeSelector"] = map[string]any{controlPlane: ""}
		pod["tolerations"] = []any{map[string]any{"key": controlPlane, "operator": string(corev1.TolerationOpExists), "effect": string(corev1.TaintEffectNoSchedule)}}
		containers, _ := pod["containers"].([]any)
		for _, c := range containers {
			c, _ := c.(map[string]any)
			args, _ := c["args"].([]any)
			args = slices.DeleteFunc(args, func(a any) bool { text, _ := a.(string); return strings.HasPrefix(text, "--web-url=") })
			for i := range at.Zones {
				args = append(args, "--web-url="+zoneURL(i))
			}
			c["args"] = args
		}
	}
}

// controlPlane is the label of a control plane's node, and the key of its taint.
const controlPlane = "node-role.kubernetes.io/control-plane"

// Since is from when on what a node says counts: its lease's renewal, and its containers' starts, zero where any does.
type Since struct{ Lease, Containers time.Time }

// AwaitNode waits until a node's kubelet renews its lease, and the cluster's own pods on it and the region's are ready in containers that
// count, and returns how many the region's are. Until a server has noticed that a node is gone, it calls its pods ready.
func (c *Cluster) AwaitNode(ctx context.Context, at Region, node string, since Since) (ready int, err error) {
	for {
		ready, err = c.nodeReady(ctx, at, node, since)
		if err == nil || !pause.For(ctx, lookEvery) {
			return ready, err
		}
	}
}

func (c *Cluster) nodeReady(ctx context.Context, at Region, node string, since Since) (ready int, err error) {
	bounded, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	lease, err := c.client.CoordinationV1().Leases(corev1.NamespaceNodeLease).Get(bounded, node, metav1.GetOptions{})
	if err != nil {
		return 0, fmt.Errorf("read the lease of node %s: %w", node, err)
	}
	if lease.Spec.RenewTime == nil || lease.Spec.RenewTime.Before(&metav1.MicroTime{Time: since.Lease}) {
		return 0, errors.New("its kubelet has not renewed the node's lease")
	}
	// What gives the node its routes and services comes first: the region's pods call themselves ready without.
	if _, err := c.readyOn(bounded, Region{Namespace: metav1.NamespaceSystem}, node, since.Containers); err != nil {
		return 0, err
	}
	return c.readyOn(bounded, at, node, since.Containers)
}

// readyOn is how many pods of a namespace on a node are ready, in containers that started at or after a moment. The error names one
// that is not.
func (c *Cluster) readyOn(ctx context.Context, at Region, node string, started time.Time) (ready int, err error) {
	pods, err := c.Pods(ctx, at)
	if err != nil {
		return 0, err
	}
	for i := range pods {
		p := &pods[i]
		if p.Spec.NodeName != node || p.DeletionTimestamp != nil {
			continue
		}
		fresh := !slices.ContainsFunc(p.Status.ContainerStatuses, func(s corev1.ContainerStatus) bool {
			return s.State.Running == nil || s.State.Running.StartedAt.Time.Before(started.Truncate(time.Second))
		})
		if !SeenPod(p).Ready || !fresh {
			return 0, fmt.Errorf("pod %s is not ready again", p.Name)
		}
		ready++
	}
	return ready, nil
}
