package kube

import (
	"context"
	"strings"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A zone's node is back once its kubelet has renewed its lease, and what runs on it runs anew: the region's pods, and those of
// the cluster that give it its routes.
func TestAwaitNode(t *testing.T) {
	began := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	startedAt := func(at time.Time) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			p.Status.ContainerStatuses = []corev1.ContainerStatus{{State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Time{Time: at}}}}}
		}
	}
	before, after := startedAt(began.Add(-time.Hour)), startedAt(began.Add(2*time.Second))
	for name, tt := range map[string]struct {
		renewed            time.Time
		web, proxy, beside func(*corev1.Pod)
		want               string // in the error; "" for none
	}{
		"all is anew":                {began.Add(time.Second), after, after, before, ""},
		"a kubelet that is not back": {began.Add(-time.Second), after, after, after, "has not renewed"},
		"a web pod from before":      {began.Add(time.Second), before, after, after, "pod web-1 is not ready again"},
		"a kube-proxy from before":   {began.Add(time.Second), after, before, after, "pod kube-proxy-1 is not ready again"},
	} {
		t.Run(name, func(t *testing.T) {
			lease := &coordinationv1.Lease{
				ObjectMeta: metav1.ObjectMeta{Name: testNode, Namespace: corev1.NamespaceNodeLease},
				Spec:       coordinationv1.LeaseSpec{RenewTime: &metav1.MicroTime{Time: tt.renewed}},
			}
			proxy := pod("kube-proxy-1", "", tt.proxy)
			proxy.Namespace = metav1.NamespaceSystem
			elsewhere := pod("web-2", "web", tt.beside)
			elsewhere.Spec.NodeName = "another"
			c, at, _ := oneRegion(t, node(false), lease, proxy, pod("web-1", "web", tt.web), elsewhere)
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
			defer cancel()
			ready, err := c.AwaitNode(ctx, at, testNode, Since{Lease: began, Containers: began.Add(time.Second)})
			if tt.want == "" && (err != nil || ready != 1) || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%d ready, %v; want an error with %q", ready, err, tt.want)
			}
		})
	}
}
