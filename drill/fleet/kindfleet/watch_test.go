package kindfleet

import (
	"context"
	"errors"
	"io"
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

func TestFollow(t *testing.T) {
	reports := make(chan drill.Body, 100)
	f, r, client := oneRegion(t, func(b drill.Body) { reports <- b }, node(false), pod("web-1", "web", nil))
	f.watchRegion(r)
	defer f.stopWatching()

	got := next(t, reports)
	for got.WebReady != 1 { // nodes and pods may come one after the other
		got = next(t, reports)
	}
	if got.Node != testNode || !got.NodeReady || got.Unschedulable || got.WebWanted != 2 || len(got.Pods) != 1 {
		t.Errorf("%+v", got)
	}

	ctx := context.Background()
	pods := client.CoreV1().Pods(namespace)
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

	// A killed cluster's cache still changes now and then; its last word stays the engine's.
	r.setFault(drill.FaultKill)
	f.seenDead(r)
	if got = next(t, reports); got.NodeReady || got.WebReady != 0 || got.WebWanted != 2 {
		t.Errorf("%+v", got)
	}
	if err := pods.Delete(ctx, "web-4", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	r.stopWatch()
	select {
	case b := <-reports:
		t.Errorf("reported while killed: %+v", b)
	default:
	}
	r.setFault("")
	f.watchRegion(r)
	if got = next(t, reports); got.Node != testNode {
		t.Errorf("%+v", got)
	}
}

func TestWatchBroke(t *testing.T) {
	tests := []struct {
		name  string
		steps func(f *Fleet, r *region, broke func(error))
		want  int // TaskFailed reported
	}{
		{"once a break", func(_ *Fleet, _ *region, broke func(error)) { broke(errors.New("a")); broke(errors.New("b")) }, 1},
		{"again after the server answered", func(_ *Fleet, r *region, broke func(error)) {
			broke(errors.New("a"))
			r.kube.answers.Add(1)
			broke(errors.New("b"))
		}, 2},
		{"not for a fault of ours", func(_ *Fleet, r *region, broke func(error)) { r.setFault(drill.FaultFreeze); broke(errors.New("a")) }, 0},
		{"not for a watch that ends as watches do", func(_ *Fleet, _ *region, broke func(error)) { broke(io.EOF) }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var failed []drill.TaskFailed
			f, r, _ := oneRegion(t, func(b drill.Body) { failed = append(failed, b.(drill.TaskFailed)) })
			b := &breaks{answers: r.kube.answered}
			tt.steps(f, r, func(err error) { f.watchBroke(context.Background(), r, b, err) })
			if len(failed) != tt.want {
				t.Errorf("%d reports, want %d: %+v", len(failed), tt.want, failed)
			}
		})
	}
}

func TestSeenWithoutANode(t *testing.T) {
	reports := make(chan drill.Body, 10)
	f, r, client := oneRegion(t, func(b drill.Body) { reports <- b })
	f.watchRegion(r) // waits for the node, and must end all the same
	f.stopWatching()
	if len(reports) > 0 {
		t.Errorf("reported without a node: %+v", <-reports)
	}
	if _, err := client.CoreV1().Nodes().Create(context.Background(), &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: testNode}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	f.watchRegion(r)
	if r.watch != nil {
		t.Error("a watch was started after all were stopped")
	}
}
