package kube

import (
	"context"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	kubetesting "k8s.io/client-go/testing"
)

func webSet(replicas int32, generation, observed int64) *appsv1.ReplicaSet {
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{Name: "web-1", Namespace: Namespace, Generation: generation, Labels: map[string]string{"fleetdrill/role": "web"}},
		Spec:       appsv1.ReplicaSetSpec{Replicas: &replicas},
		Status:     appsv1.ReplicaSetStatus{ObservedGeneration: observed},
	}
}

// A controller that has not yet seen that there are to be no web pods makes new ones: these are killed too, and the tier counts
// as closed only once it has.
func TestCloseTierWaitsForWhoMakesPods(t *testing.T) {
	two := int32(2)
	web := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: Namespace}, Spec: appsv1.DeploymentSpec{Replicas: &two}}
	c, at, client := oneRegion(t, node(false), web, webSet(2, 1, 1), pod("web-1", "web", nil), pod("web-2", "web", nil), pod("store-0", "store", nil))
	kills := 0
	client.PrependReactor("delete-collection", "pods", func(kubetesting.Action) (bool, runtime.Object, error) {
		kills++
		removePods(t, client, "web-1", "web-2", "web-3")
		switch kills {
		case 1: // it has not seen the scale
			makePod(t, client, "web-3")
		case 2: // the set has its scale, and its controller has not seen that
			updateSet(t, client, webSet(0, 2, 1))
		case 3:
			updateSet(t, client, webSet(0, 2, 2))
		}
		return true, nil, nil
	})
	killed, err := c.CloseTier(context.Background(), at)
	if err != nil || killed != 2 || kills != 3 {
		t.Errorf("%d killed in %d rounds, %v; want 2 in 3", killed, kills, err)
	}
	now, err := client.AppsV1().Deployments(Namespace).Get(context.Background(), "web", metav1.GetOptions{})
	if err != nil || *now.Spec.Replicas != 0 || now.Annotations[closedTier] != "2" {
		t.Errorf("%+v, %v", now, err)
	}
	if opened, err := c.OpenTier(context.Background(), at); err != nil || opened != 2 {
		t.Errorf("opened with %d, %v", opened, err)
	}
	if opened, err := c.OpenTier(context.Background(), at); err != nil || opened != 0 {
		t.Errorf("opened again with %d, %v", opened, err)
	}
}

// Who scales a closed tier says anew how many pods it is to have: a restore keeps to that.
func TestAScaledTierIsNoLongerClosed(t *testing.T) {
	for _, tt := range []struct {
		name      string
		scale     func(*Cluster, Region, *fake.Clientset) error
		opened    int
		replicas  int32
		annotated bool // before the tier is opened
	}{
		{"nobody", func(*Cluster, Region, *fake.Clientset) error { return nil }, 2, 2, true},
		{"closed again", func(c *Cluster, at Region, _ *fake.Clientset) error {
			_, err := c.CloseTier(context.Background(), at)
			return err
		}, 2, 2, true},
		{"by us", func(c *Cluster, at Region, client *fake.Clientset) error { return scaleByUs(c, at, client, 3) }, 0, 3, false},
		{"by us to none", func(c *Cluster, at Region, client *fake.Clientset) error { return scaleByUs(c, at, client, 0) }, 0, 0, false},
		{"by kubectl", func(_ *Cluster, _ Region, client *fake.Clientset) error { return setReplicas(client, 3) }, 3, 3, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			two := int32(2)
			web := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "web", Namespace: Namespace}, Spec: appsv1.DeploymentSpec{Replicas: &two}}
			c, at, client := oneRegion(t, node(false), web, webSet(0, 2, 2), pod("store-0", "store", nil))
			if _, err := c.CloseTier(t.Context(), at); err != nil {
				t.Fatal(err)
			}
			if err := tt.scale(c, at, client); err != nil {
				t.Fatal(err)
			}
			now, err := client.AppsV1().Deployments(Namespace).Get(t.Context(), "web", metav1.GetOptions{})
			if _, annotated := now.Annotations[closedTier]; err != nil || annotated != tt.annotated {
				t.Errorf("annotations %v, %v", now.Annotations, err)
			}
			if opened, err := c.OpenTier(t.Context(), at); err != nil || opened != tt.opened {
				t.Errorf("opened with %d, %v; want %d", opened, err, tt.opened)
			}
			now, err = client.AppsV1().Deployments(Namespace).Get(t.Context(), "web", metav1.GetOptions{})
			if _, annotated := now.Annotations[closedTier]; err != nil || annotated || *now.Spec.Replicas != tt.replicas {
				t.Errorf("%d replicas, annotations %v, %v; want %d", *now.Spec.Replicas, now.Annotations, err, tt.replicas)
			}
		})
	}
}

// scaleByUs scales by ScaleWeb, for which the client's tracker, which has no scale of a Deployment, is given one.
func scaleByUs(c *Cluster, at Region, client *fake.Clientset, replicas int) error {
	var set *autoscalingv1.Scale
	client.PrependReactor("*", "deployments", func(a kubetesting.Action) (bool, runtime.Object, error) {
		if a.GetSubresource() != "scale" {
			return false, nil, nil
		}
		if u, is := a.(kubetesting.UpdateAction); is {
			set = u.GetObject().(*autoscalingv1.Scale)
			return true, set, setReplicas(client, set.Spec.Replicas)
		}
		return true, set, nil
	})
	_, err := c.ScaleWeb(context.Background(), at, replicas)
	return err
}

func setReplicas(client *fake.Clientset, n int32) error {
	kind := appsv1.SchemeGroupVersion.WithResource("deployments")
	web, err := client.Tracker().Get(kind, Namespace, "web")
	if err != nil {
		return err
	}
	changed := web.(*appsv1.Deployment).DeepCopy()
	changed.Spec.Replicas = &n
	return client.Tracker().Update(kind, changed, Namespace)
}

func removePods(t *testing.T, client *fake.Clientset, names ...string) {
	t.Helper()
	for _, n := range names {
		_ = client.Tracker().Delete(corev1.SchemeGroupVersion.WithResource("pods"), Namespace, n) // not every one is there each time
	}
}

func makePod(t *testing.T, client *fake.Clientset, name string) {
	t.Helper()
	if err := client.Tracker().Create(corev1.SchemeGroupVersion.WithResource("pods"), pod(name, "web", nil), Namespace); err != nil {
		t.Error(err)
	}
}

func updateSet(t *testing.T, client *fake.Clientset, s *appsv1.ReplicaSet) {
	t.Helper()
	if err := client.Tracker().Update(appsv1.SchemeGroupVersion.WithResource("replicasets"), s, Namespace); err != nil {
		t.Error(err)
	}
}
