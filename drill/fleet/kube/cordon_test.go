package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	kubetesting "k8s.io/client-go/testing"
)

func TestEvictAll(t *testing.T) {
	numbered := func(i int, role string) *corev1.Pod {
		return pod(fmt.Sprintf("%s-%d", role, i), role, func(p *corev1.Pod) { p.UID = types.UID(fmt.Sprint("uid-", role, i)) })
	}
	pending := pod("web-9", "web", func(p *corev1.Pod) { p.Spec.NodeName = ""; p.UID = "uid-9" })
	c, at, client := oneRegion(t, node(true), numbered(1, "web"), numbered(2, "web"), numbered(1, "store"), pending)
	var evicted []string
	budget := 1 // a disruption budget refuses this often
	client.PrependReactor("create", "pods", func(a kubetesting.Action) (bool, runtime.Object, error) {
		if a.GetSubresource() != "eviction" {
			return false, nil, nil
		}
		e := a.(kubetesting.CreateAction).GetObject().(*policyv1.Eviction)
		if e.DeleteOptions == nil || e.DeleteOptions.Preconditions == nil || e.DeleteOptions.Preconditions.UID == nil {
			t.Errorf("%s is evicted by its name alone", e.Name)
		}
		if budget > 0 {
			budget--
			return true, nil, apierrors.NewTooManyRequests("disruption budget", 0)
		}
		evicted = append(evicted, e.Name)
		return true, nil, client.Tracker().Delete(corev1.SchemeGroupVersion.WithResource("pods"), Namespace, e.Name)
	})
	left, err := c.EvictAll(context.Background(), at)
	if err != nil || left != 0 {
		t.Fatalf("%d left, %v", left, err)
	}
	if len(evicted) != 3 {
		t.Errorf("evicted %q, want the three that are on the node", evicted)
	}

	refused := errors.New("not allowed")
	c, at, client = oneRegion(t, node(true), numbered(1, "web"))
	client.PrependReactor("create", "pods", func(kubetesting.Action) (bool, runtime.Object, error) { return true, nil, refused })
	if _, err := c.EvictAll(context.Background(), at); !errors.Is(err, refused) || !strings.Contains(err.Error(), "evict pod web-1") {
		t.Errorf("a refused eviction: %v", err)
	}
}

func TestSetCordoned(t *testing.T) {
	c, at, _ := oneRegion(t, node(false))
	for _, on := range []bool{true, false} {
		n, err := c.SetCordoned(context.Background(), at, on)
		if err != nil || n.Spec.Unschedulable != on || Cordoned(n, at) != on || len(n.Spec.Taints) > 0 {
			t.Errorf("set to %t, reads back as %+v (%v)", on, n.Spec, err)
		}
		if got := CordonText(n, at); got != fmt.Sprintf("unschedulable=%t", on) {
			t.Errorf("proof %q", got)
		}
	}
}

// A region that shares its node leaves it to the others, until all are cordoned.
func TestSetCordonedOnASharedNode(t *testing.T) {
	foreign := corev1.Taint{Key: "node.kubernetes.io/disk-pressure", Effect: corev1.TaintEffectNoSchedule}
	start := node(false)
	start.Spec.Taints = []corev1.Taint{foreign}
	c, a, _ := oneRegion(t, start)
	a.Name, a.Beside = "a", []string{"b"}
	b := a
	b.Name, b.Beside = "b", []string{"a"}
	steps := []struct {
		at           Region
		on           bool
		a, b, closed bool // cordoned, and the node itself
		text         string
	}{
		{a, true, true, false, false, "taint cordon.fleetdrill.local/a:NoSchedule, unschedulable=false"},
		{a, true, true, false, false, "taint cordon.fleetdrill.local/a:NoSchedule, unschedulable=false"},
		{b, true, true, true, true, "taint cordon.fleetdrill.local/b:NoSchedule, unschedulable=true"},
		{a, false, false, true, false, "no cordon taint of a, unschedulable=false"},
		{b, false, false, false, false, "no cordon taint of b, unschedulable=false"},
	}
	for i, s := range steps {
		n, err := c.SetCordoned(context.Background(), s.at, s.on)
		if err != nil {
			t.Fatal(err)
		}
		if Cordoned(n, a) != s.a || Cordoned(n, b) != s.b || n.Spec.Unschedulable != s.closed {
			t.Errorf("step %d: a cordoned %t, b %t, node closed %t: %+v", i, Cordoned(n, a), Cordoned(n, b), n.Spec.Unschedulable, n.Spec)
		}
		if got := CordonText(n, s.at); got != s.text {
			t.Errorf("step %d: proof %q, want %q", i, got, s.text)
		}
		if !slices.Contains(n.Spec.Taints, foreign) {
			t.Errorf("step %d: another's taint is gone: %+v", i, n.Spec.Taints)
		}
	}
}

// Somebody else who changes the node at the same moment is not overwritten.
func TestSetCordonedAgainAfterAConflict(t *testing.T) {
	c, at, client := oneRegion(t, node(false))
	conflicts := 2
	client.PrependReactor("update", "nodes", func(kubetesting.Action) (bool, runtime.Object, error) {
		if conflicts == 0 {
			return false, nil, nil
		}
		conflicts--
		return true, nil, apierrors.NewConflict(schema.GroupResource{Resource: "nodes"}, testNode, errors.New("changed"))
	})
	if n, err := c.SetCordoned(context.Background(), at, true); err != nil || !n.Spec.Unschedulable || conflicts > 0 {
		t.Errorf("%v, %v, %d conflicts left", n, err, conflicts)
	}
}
