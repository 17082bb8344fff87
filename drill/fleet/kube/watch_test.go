package kube

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fleetdrill/fleetdrill/drill"
)

func next(t *testing.T, seen <-chan drill.Body) drill.RegionSeen {
	t.Helper()
	select {
	case b := <-seen:
		return b.(drill.RegionSeen)
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was reported")
		return drill.RegionSeen{}
	}
}

// followed is a watch whose reports go to a channel.
func followed(c *Cluster, at Region, ignore func() bool) (*Watch, chan drill.Body) {
	reports := make(chan drill.Body, 100)
	return c.Watch(WatchConfig{
		Region: at, WebWanted: func() int { return 2 }, Ignore: ignore,
		Seen: func(s drill.RegionSeen) { reports <- s }, Broke: func(error) {},
	}), reports
}

func TestWatch(t *testing.T) {
	var killed atomic.Bool
	c, at, client := oneRegion(t, node(false), pod("web-1", "web", nil))
	w, reports := followed(c, at, killed.Load)
	defer w.Stop()

	got := next(t, reports)
	for got.WebReady != 1 { // nodes and pods may come one after the other
		got = next(t, reports)
	}
	if got.Node != testNode || !got.NodeReady || got.Unschedulable || got.WebWanted != 2 || len(got.Pods) != 1 {
		t.Errorf("%+v", got)
	}

	ctx := context.Background()
	pods := client.CoreV1().Pods(Namespace)
	for _, name := range []string{"web-3", "web-2", "web-4"} { // at once: one report or two, not one each
		if _, err := pods.Create(ctx, pod(name, "web", nil), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	got = next(t, reports)
	for got.WebReady != 4 {
		got = next(t, reports)
	}
	if got.Pods[1].Name != "web-2" {
		t.Errorf("pods are not sorted: %+v", got.Pods)
	}

	if _, err := client.CoreV1().Nodes().Update(ctx, node(true), metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	if got = next(t, reports); !got.Unschedulable {
		t.Errorf("%+v", got)
	}

	// A killed cluster's cache still changes now and then; that counts for nothing.
	killed.Store(true)
	if err := pods.Delete(ctx, "web-4", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(3 * settle)
	w.Stop()
	select {
	case b := <-reports:
		t.Errorf("reported while killed: %+v", b)
	default:
	}
}

// Of a shared cluster a watch reports the region's own pods and its own cordon.
func TestWatchOfASharedCluster(t *testing.T) {
	n := node(false)
	n.Spec.Taints = []corev1.Taint{{Key: CordonTaint("b"), Effect: corev1.TaintEffectNoSchedule}}
	other := pod("web-9", "web", nil)
	other.Namespace = "fleetdrill-b"
	c, a, _ := oneRegion(t, n, pod("web-1", "web", nil), other)
	a.Name, a.Beside = "a", []string{"b"}
	b := Region{Name: "b", Namespace: "fleetdrill-b", Node: testNode, Beside: []string{"a"}}
	for _, tt := range []struct {
		at       Region
		pod      string
		cordoned bool
	}{{a, "web-1", false}, {b, "web-9", true}} {
		w, reports := followed(c, tt.at, func() bool { return false })
		got := next(t, reports)
		for len(got.Pods) == 0 || got.Node == "" {
			got = next(t, reports)
		}
		w.Stop()
		if got.Region != tt.at.Name || len(got.Pods) != 1 || got.Pods[0].Name != tt.pod || got.Unschedulable != tt.cordoned {
			t.Errorf("%+v, want %+v", got, tt)
		}
	}
}

func TestBreaks(t *testing.T) {
	var answers uint64
	b := &breaks{answers: func() uint64 { return answers }}
	if !b.begins() || b.begins() {
		t.Error("a break is not reported once")
	}
	answers++
	if !b.begins() {
		t.Error("not again after the server answered")
	}
	if !usualEnd(io.EOF) || usualEnd(errors.New("refused")) {
		t.Error("a watch that ends as watches do counts as a break, or the other way round")
	}
}

func TestWatchWithoutANode(t *testing.T) {
	c, at, _ := oneRegion(t)
	w, reports := followed(c, at, func() bool { return false }) // waits for the node, and must end all the same
	w.Stop()
	if len(reports) > 0 {
		t.Errorf("reported without a node: %+v", <-reports)
	}
}
