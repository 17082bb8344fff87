package kindfleet

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// evictWithin bounds how long an evicted pod may take to be gone: its grace period
// is 2 s, the rest is the kubelet's.
const evictWithin = 60 * time.Second

// cordonedError is a region that can't serve because its node takes no pods.
type cordonedError struct{ node string }

func (e *cordonedError) Error() string { return "node " + e.node + " is cordoned; uncordon the region" }

// cordon is the op of that name. It is proved by the node's spec as read back and by
// the number of our pods that are left on the node, none.
func (f *Fleet) cordon(ctx context.Context, name string) (fleet.Proof, error) {
	r, k, err := f.reach(ctx, name)
	if err != nil {
		return fleet.Proof{}, err
	}
	defer r.command.Unlock()
	f.commanded(name, "%s cordon %s", f.kubectl(r), r.node)
	if err := k.setUnschedulable(ctx, r.node, true); err != nil {
		return fleet.Proof{}, err
	}
	f.commanded(name, "%s drain %s --pod-selector app.kubernetes.io/part-of=fleetdrill --ignore-daemonsets", f.kubectl(r), r.node)
	left, err := k.evictAll(ctx, r.node)
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("%w; look with \"%s -n %s get pods\"", err, f.kubectl(r), namespace)
	}
	node, err := k.node(ctx, r.node)
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("read back: %w", err)
	}
	if !node.Spec.Unschedulable {
		return fleet.Proof{}, fmt.Errorf("node %s reads back as schedulable: something else uncordoned it", r.node)
	}
	return f.prove("node spec read back: unschedulable=%t, pods %d", node.Spec.Unschedulable, left), nil
}

// uncordon is the op of that name. It is proved by the node's spec as read back and
// by an answer of the region.
func (f *Fleet) uncordon(ctx context.Context, name string) (fleet.Proof, error) {
	r, k, err := f.reach(ctx, name)
	if err != nil {
		return fleet.Proof{}, err
	}
	defer r.command.Unlock()
	f.commanded(name, "%s uncordon %s", f.kubectl(r), r.node)
	if err := k.setUnschedulable(ctx, r.node, false); err != nil {
		return fleet.Proof{}, err
	}
	health, err := f.awaitAnswer(ctx, r, time.Time{})
	if err != nil {
		return fleet.Proof{}, err
	}
	node, err := k.node(ctx, r.node)
	if err != nil {
		return fleet.Proof{}, fmt.Errorf("read back: %w", err)
	}
	return f.prove("node spec read back: unschedulable=%t, %s answers", node.Spec.Unschedulable, health.Replica), nil
}

// reach takes the region for one command to its API server, which a region that is
// killed or frozen does not have. The caller unlocks r.command.
func (f *Fleet) reach(ctx context.Context, name string) (*region, *kube, error) {
	r, e, err := f.commandOn(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	k, err := func() (*kube, error) {
		c, err := e.inspect(ctx, r.container())
		if err != nil {
			return nil, err
		}
		if !c.State.Running || c.State.Paused {
			return nil, fmt.Errorf("%w: its container is %s; restore it first", fleet.ErrDown, c.State.Status)
		}
		return f.kubeOf(r)
	}()
	if err != nil {
		r.command.Unlock()
		return nil, nil, err
	}
	return r, k, nil
}

func (k *kube) setUnschedulable(ctx context.Context, node string, on bool) error {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	body := fmt.Appendf(nil, `{"spec":{"unschedulable":%t}}`, on)
	_, err := k.client.CoreV1().Nodes().Patch(ctx, node, types.StrategicMergePatchType, body, metav1.PatchOptions{FieldManager: fieldManager})
	if err != nil {
		return fmt.Errorf("set unschedulable=%t on node %s: %w", on, node, err)
	}
	return nil
}

// evictAll evicts our pods from the node and waits until they are gone. It returns
// how many are left, which is 0 unless there is an error.
func (k *kube) evictAll(ctx context.Context, node string) (left int, err error) {
	ctx, cancel := context.WithTimeout(ctx, evictWithin)
	defer cancel()
	asked := map[types.UID]bool{}
	for {
		pods, err := k.pods(ctx)
		if err != nil {
			return 0, err
		}
		left = 0
		for i := range pods {
			p := &pods[i]
			if p.Spec.NodeName != node {
				continue // its replacement, waiting for a node
			}
			left++
			if asked[p.UID] || p.DeletionTimestamp != nil {
				continue
			}
			ok, err := k.evict(ctx, p)
			if err != nil {
				return left, err
			}
			asked[p.UID] = ok
		}
		if left == 0 {
			return 0, nil
		}
		if !pause(ctx, 100*time.Millisecond) {
			return left, fmt.Errorf("%d pods are still on node %s after %s", left, node, evictWithin)
		}
	}
}

// evict reports false when a disruption budget asks to try again.
func (k *kube) evict(ctx context.Context, p *corev1.Pod) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	err := k.client.CoreV1().Pods(p.Namespace).EvictV1(ctx, &policyv1.Eviction{
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
