package kube

import (
	"context"
	"strings"
	"testing"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kubetesting "k8s.io/client-go/testing"
)

func TestScaleWebIsReadBack(t *testing.T) {
	c, at, client := oneRegion(t, node(false))
	var set *autoscalingv1.Scale
	client.PrependReactor("update", "deployments", func(a kubetesting.Action) (bool, runtime.Object, error) {
		u := a.(kubetesting.UpdateAction)
		if a.GetSubresource() != "scale" || a.GetNamespace() != at.Namespace {
			t.Errorf("%s of %s in %s is updated", a.GetSubresource(), a.GetResource().Resource, a.GetNamespace())
		}
		set = u.GetObject().(*autoscalingv1.Scale)
		return true, set, nil
	})
	client.PrependReactor("get", "deployments", func(kubetesting.Action) (bool, runtime.Object, error) { return true, set, nil })
	if got, err := c.ScaleWeb(context.Background(), at, 3); err != nil || got != 3 || set.Name != "web" {
		t.Errorf("%d, %v", got, err)
	}
}

// As many pods as are wanted are ready, and none is left over.
func TestAwaitWeb(t *testing.T) {
	c, at, _ := oneRegion(t, node(false), pod("web-1", "web", nil), pod("web-2", "web", nil), pod("store-0", "store", nil))
	if err := c.AwaitWeb(context.Background(), at, 2); err != nil {
		t.Error(err)
	}
	for _, n := range []int{1, 3} {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		if err := c.AwaitWeb(ctx, at, n); err == nil || !strings.Contains(err.Error(), "region us-east is not ready") {
			t.Errorf("two web pods were taken for %d: %v", n, err)
		}
		cancel()
	}
}
