package kindfleet

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	kubetesting "k8s.io/client-go/testing"

	"github.com/fleetdrill/fleetdrill/drill"
)

const testNode = "fleetdrill-demo-us-east-control-plane"

// oneRegion is a fleet of one region before a fake API server with those objects.
func oneRegion(t *testing.T, report func(drill.Body), objects ...runtime.Object) (*Fleet, *region, *fake.Clientset) {
	t.Helper()
	f, err := New(Config{
		Fleet:    drill.Fleet{Name: "demo", Regions: []drill.Region{{Name: "us-east"}}, Web: drill.Web{Replicas: 2}},
		StateDir: t.TempDir(), Report: report, ReadyWithin: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	client := fake.NewClientset(objects...)
	r := f.regions[0]
	r.kube = &kube{client: client, answers: &atomic.Uint64{}}
	return f, r, client
}

func pod(name, role string, change func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, UID: "uid-1", Labels: map[string]string{"fleetdrill/role": role}},
		Spec:       corev1.PodSpec{NodeName: testNode},
		Status:     corev1.PodStatus{Phase: corev1.PodRunning, Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}},
	}
	if change != nil {
		change(p)
	}
	return p
}

func waiting(reason, message string, restarts int32) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Status.Conditions = nil
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{
			Name: "agent", RestartCount: restarts,
			State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}},
		}}
	}
}

func node(unschedulable bool) *corev1.Node {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: testNode},
		Spec:       corev1.NodeSpec{Unschedulable: unschedulable},
		Status:     corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}},
	}
}

func TestSeenPod(t *testing.T) {
	tests := []struct {
		name   string
		change func(*corev1.Pod)
		want   drill.Pod
	}{
		{"ready", nil, drill.Pod{Name: "web-1", Role: "web", Phase: "Running", Ready: true}},
		{"running, not ready", func(p *corev1.Pod) { p.Status.Conditions[0].Status = corev1.ConditionFalse }, drill.Pod{Name: "web-1", Role: "web", Phase: "Running"}},
		{"being deleted while it still says ready", func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: time.Now()} }, drill.Pod{Name: "web-1", Role: "web", Phase: "Terminating"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := seenPod(pod("web-1", "web", tt.change)); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestReadyByRole(t *testing.T) {
	started := time.Date(2026, 11, 22, 22, 0, 10, 500e6, time.UTC)
	running := func(at time.Time) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			p.Status.ContainerStatuses = []corev1.ContainerStatus{{State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Time{Time: at}}}}}
		}
	}
	pods := []corev1.Pod{
		*pod("web-1", "web", running(started.Add(time.Minute))),
		*pod("web-2", "web", running(started.Truncate(time.Second))), // the same second
		*pod("web-3", "web", running(started.Add(-time.Minute))),     // ready before the node was killed
		*pod("store-0", "store", func(p *corev1.Pod) { p.Status.Conditions = nil }),
	}
	if got := readyByRole(pods, started); got["web"] != 2 || got["store"] != 0 {
		t.Errorf("%v", got)
	}
	if got := readyByRole(pods, time.Time{}); got["web"] != 3 {
		t.Errorf("on a node that never was down: %v", got)
	}
}

func TestAwaitPods(t *testing.T) {
	ready := []runtime.Object{pod("web-1", "web", nil), pod("web-2", "web", nil), pod("gateway-1", "gateway", nil), pod("store-0", "store", nil)}
	t.Run("all ready", func(t *testing.T) {
		f, r, _ := oneRegion(t, nil, ready...)
		var last string
		if err := f.awaitPods(context.Background(), r, time.Time{}, func(s string) { last = s }); err != nil {
			t.Fatal(err)
		}
		if last != "web 2/2, gateway 1/1, store 1/1" {
			t.Errorf("said %q", last)
		}
	})
	t.Run("one keeps ending", func(t *testing.T) {
		crashing := pod("web-2", "web", waiting("CrashLoopBackOff", "back-off 40s", crashesMax))
		f, r, _ := oneRegion(t, nil, ready[0], crashing, ready[2], ready[3])
		err := f.awaitPods(context.Background(), r, time.Time{}, func(string) {})
		// The fake API server answers every question for a log with "fake logs".
		for _, want := range []string{"region us-east is not ready", "web-2 ended 4 times", "CrashLoopBackOff: back-off 40s", "fake logs", "describe pods"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v lacks %q", err, want)
			}
		}
	})
	t.Run("one never comes", func(t *testing.T) {
		pending := pod("store-0", "store", func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/1 nodes are available"}}}
		})
		f, r, _ := oneRegion(t, nil, ready[0], ready[1], ready[2], pending)
		f.cfg.ReadyWithin = 100 * time.Millisecond
		err := f.awaitPods(context.Background(), r, time.Time{}, func(string) {})
		for _, want := range []string{"region us-east is not ready", "store-0: Unschedulable: 0/1 nodes are available"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v lacks %q", err, want)
			}
		}
	})
	t.Run("the server does not answer", func(t *testing.T) {
		f, r, client := oneRegion(t, nil)
		f.cfg.ReadyWithin = 50 * time.Millisecond
		client.PrependReactor("list", "pods", func(kubetesting.Action) (bool, runtime.Object, error) {
			return true, nil, errors.New("connection refused")
		})
		err := f.awaitPods(context.Background(), r, time.Time{}, func(string) {})
		if err == nil || !strings.Contains(err.Error(), "API server does not answer") || !strings.Contains(err.Error(), "docker logs "+testNode) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		f, r, _ := oneRegion(t, nil)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := f.awaitPods(ctx, r, time.Time{}, func(string) {}); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

func TestAwaitAnswer(t *testing.T) {
	fault := time.Now()
	tests := []struct {
		name    string
		started time.Time
		objects []runtime.Object
		build   string // that is wanted
		want    string // in the error
	}{
		{"a replica that is younger than the fault", fault.Add(time.Second), nil, "", ""},
		{"only one from before the fault", fault.Add(-time.Second), []runtime.Object{pod("web-1", "web", nil)}, "", "is from before"},
		{"only one of another build", fault.Add(time.Second), []runtime.Object{pod("web-1", "web", nil)}, "a276c81", "make build"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, r, _ := oneRegion(t, nil, append(tt.objects, node(false))...)
			f.cfg.ReadyWithin, f.cfg.Build = 500*time.Millisecond, tt.build
			r.address = gateway(t, answerAs("us-east", tt.started))
			_, err := f.awaitAnswer(context.Background(), r, fault)
			if (tt.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestHopeless(t *testing.T) {
	f, r, _ := oneRegion(t, nil, node(true))
	var cordoned *cordonedError
	if err := f.hopeless(context.Background(), r, patience{}); !errors.As(err, &cordoned) {
		t.Errorf("a cordoned node: %v", err)
	}
	f, r, _ = oneRegion(t, nil, node(false), pod("web-1", "web", waiting("ErrImageNeverPull", "", 0)))
	p := patience{}
	if err := f.hopeless(context.Background(), r, p); err != nil {
		t.Errorf("an image that may still be on its way: %v", err)
	}
	p["web-1"] = time.Now().Add(-stuckMax - time.Second)
	if err := f.hopeless(context.Background(), r, p); err == nil || !strings.Contains(err.Error(), "ErrImageNeverPull") {
		t.Errorf("an image that never came: %v", err)
	}
}
