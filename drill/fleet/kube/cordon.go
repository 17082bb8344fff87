package kube

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/retry"

	"github.com/fleetdrill/fleetdrill/drill/pause"
)

// evictWithin bounds how long an evicted pod may take to be gone: its grace period
// is 2 s, the rest is the kubelet's.
const evictWithin = 60 * time.Second

// CordonTaint is the key of the taint that keeps a region's new pods off a node that it
// shares. The pods of the node's other regions tolerate it.
func CordonTaint(region string) string { return "cordon.fleetdrill.local/" + region }

// SetCordoned keeps new pods of the region off its node, or lets them come again, and
// returns the node as read back. A region that has the cluster to itself has its node
// made unschedulable. One that shares it has a taint put on the node (CordonTaint); the
// node itself is unschedulable only while every region of the cluster is cordoned.
func (c *Cluster) SetCordoned(ctx context.Context, at Region, on bool) (*corev1.Node, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	for _, name := range at.nodes() {
		err := c.changeNode(ctx, name, func(spec *corev1.NodeSpec) { setCordoned(spec, at, on) })
		if err != nil {
			return nil, fmt.Errorf("set cordoned=%t for %s on node %s: %w", on, at.Name, name, err)
		}
	}
	node, err := c.Node(ctx, at.Node)
	if err != nil {
		return nil, fmt.Errorf("read back: %w", err)
	}
	return node, nil
}

// changeNode changes a node's spec, again where somebody else changed it meanwhile.
func (c *Cluster) changeNode(ctx context.Context, name string, change func(*corev1.NodeSpec)) error {
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		node, err := c.client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		change(&node.Spec)
		_, err = c.client.CoreV1().Nodes().Update(ctx, node, metav1.UpdateOptions{FieldManager: FieldManager})
		return err
	})
}

func setCordoned(spec *corev1.NodeSpec, at Region, on bool) {
	if !at.Shared() {
		spec.Unschedulable = on
		return
	}
	key := CordonTaint(at.Name)
	spec.Taints = slices.DeleteFunc(spec.Taints, func(t corev1.Taint) bool { return t.Key == key })
	if on {
		spec.Taints = append(spec.Taints, corev1.Taint{Key: key, Effect: corev1.TaintEffectNoSchedule})
	}
	spec.Unschedulable = on && !slices.ContainsFunc(at.Beside, func(other string) bool { return !tainted(spec, other) })
}

func tainted(spec *corev1.NodeSpec, region string) bool {
	return slices.ContainsFunc(spec.Taints, func(t corev1.Taint) bool { return t.Key == CordonTaint(region) })
}

// Cordoned reports whether the node takes no new pods of the region.
func Cordoned(node *corev1.Node, at Region) bool {
	return node.Spec.Unschedulable || tainted(&node.Spec, at.Name)
}

// CordonText is what a node's spec says of the region's cordon, for a proof.
func CordonText(node *corev1.Node, at Region) string {
	if !at.Shared() {
		return fmt.Sprintf("unschedulable=%t", node.Spec.Unschedulable)
	}
	taint := "no cordon taint of " + at.Name
	if tainted(&node.Spec, at.Name) {
		taint = "taint " + CordonTaint(at.Name) + ":NoSchedule"
	}
	return fmt.Sprintf("%s, unschedulable=%t", taint, node.Spec.Unschedulable)
}

// EvictAll evicts the region's pods from its node and waits until they are gone. It
// returns how many are left, which is 0 unless there is an error.
func (c *Cluster) EvictAll(ctx context.Context, at Region) (left int, err error) {
	ctx, cancel := context.WithTimeout(ctx, evictWithin)
	defer cancel()
	asked := map[types.UID]bool{}
	for {
		pods, err := c.Pods(ctx, at)
		if err != nil {
			return 0, err
		}
		left = 0
		for i := range pods {
			p := &pods[i]
			if !slices.Contains(at.nodes(), p.Spec.NodeName) {
				continue // its replacement, waiting for a node
			}
			left++
			if asked[p.UID] || p.DeletionTimestamp != nil {
				continue
			}
			ok, err := c.evict(ctx, p)
			if err != nil {
				return left, err
			}
			asked[p.UID] = ok
		}
		if left == 0 {
			return 0, nil
		}
		if !pause.For(ctx, evictEvery) {
			return left, fmt.Errorf("%d pods are still on node %s after %s", left, at.Node, evictWithin)
		}
	}
}

// evictEvery is how often the pods that are being evicted are looked at.
const evictEvery = 100 * time.Millisecond

// evict reports false when a disruption budget asks to try again.
func (c *Cluster) evict(ctx context.Context, p *corev1.Pod) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	err := c.client.CoreV1().Pods(p.Namespace).EvictV1(ctx, &policyv1.Eviction{
		ObjectMeta:    metav1.ObjectMeta{Name: p.Name, Namespace: p.Namespace},
		DeleteOptions: &metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(p.UID))},
	})
	switch {
	case err == nil, apierrors.IsNotFound(err), apierrors.IsConflict(err):
		return true, nil
	case apierrors.IsTooManyRequests(err):
		return false, nil
	}
	return false, fmt.Errorf("evict pod %s: %w", p.Name, err)
}
