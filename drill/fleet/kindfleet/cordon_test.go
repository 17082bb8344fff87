package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	kubetesting "k8s.io/client-go/testing"
)

func TestEvictAll(t *testing.T) {
	numbered := func(i int, role string) *corev1.Pod {
		return pod(fmt.Sprintf("%s-%d", role, i), role, func(p *corev1.Pod) { p.UID = types.UID(fmt.Sprint("uid-", role, i)) })
	}
	pending := pod("web-9", "web", func(p *corev1.Pod) { p.Spec.NodeName = ""; p.UID = "uid-9" })
	_, r, client := oneRegion(t, nil, node(true), numbered(1, "web"), numbered(2, "web"), numbered(1, "store"), pending)
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
		return true, nil, client.Tracker().Delete(corev1.SchemeGroupVersion.WithResource("pods"), namespace, e.Name)
	})
	left, err := r.kube.evictAll(context.Background(), testNode)
	if err != nil || left != 0 {
		t.Fatalf("%d left, %v", left, err)
	}
	if len(evicted) != 3 {
		t.Errorf("evicted %q, want the three that are on the node", evicted)
	}

	refused := errors.New("not allowed")
	_, r, client = oneRegion(t, nil, node(true), numbered(1, "web"))
	client.PrependReactor("create", "pods", func(kubetesting.Action) (bool, runtime.Object, error) { return true, nil, refused })
	if _, err := r.kube.evictAll(context.Background(), testNode); !errors.Is(err, refused) || !strings.Contains(err.Error(), "evict pod web-1") {
		t.Errorf("a refused eviction: %v", err)
	}
}

func TestSetUnschedulable(t *testing.T) {
	_, r, _ := oneRegion(t, nil, node(false))
	for _, on := range []bool{true, false} {
		if err := r.kube.setUnschedulable(context.Background(), testNode, on); err != nil {
			t.Fatal(err)
		}
		n, err := r.kube.node(context.Background(), testNode)
		if err != nil || n.Spec.Unschedulable != on {
			t.Errorf("set to %t, reads back as %t (%v)", on, n.Spec.Unschedulable, err)
		}
	}
}
