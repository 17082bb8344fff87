package kube

import (
	"context"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
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
