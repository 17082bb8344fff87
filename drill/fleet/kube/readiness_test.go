package kube

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	kubetesting "k8s.io/client-go/testing"

	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

const testNode = "fleetdrill-demo-us-east-control-plane"

// oneRegion is a region's share of a cluster before a fake API server with those objects.
func oneRegion(t *testing.T, objects ...runtime.Object) (*Cluster, Region, *fake.Clientset) {
	t.Helper()
	client := fake.NewClientset(objects...)
	return With(client, nil), Region{Name: "us-east", Namespace: Namespace, Node: testNode}, client
}

func pod(name, role string, change func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: Namespace, UID: "uid-1", Labels: map[string]string{"fleetdrill/role": role}},
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
		want   telemetry.Pod
	}{
		{"ready", nil, telemetry.Pod{Name: "web-1", Role: "web", Phase: "Running", Ready: true}},
		{"running, not ready", func(p *corev1.Pod) { p.Status.Conditions[0].Status = corev1.ConditionFalse }, telemetry.Pod{Name: "web-1", Role: "web", Phase: "Running"}},
		{"being deleted while it still says ready", func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: time.Now()} }, telemetry.Pod{Name: "web-1", Role: "web", Phase: "Terminating"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := SeenPod(pod("web-1", "web", tt.change)); got != tt.want {
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
	wanted := Region{}.Wants(2)
	within := func(d time.Duration) context.Context {
		ctx, cancel := context.WithTimeout(context.Background(), d)
		t.Cleanup(cancel)
		return ctx
	}
	ready := []runtime.Object{pod("web-1", "web", nil), pod("web-2", "web", nil), pod("gateway-1", "gateway", nil), pod("store-0", "store", nil)}
	t.Run("all ready", func(t *testing.T) {
		c, at, _ := oneRegion(t, ready...)
		var last string
		if err := c.AwaitPods(context.Background(), at, wanted, time.Time{}, func(s string) { last = s }); err != nil {
			t.Fatal(err)
		}
		if last != "web 2/2, gateway 1/1, store 1/1" {
			t.Errorf("got %q", last)
		}
	})
	t.Run("one keeps ending", func(t *testing.T) {
		crashing := pod("web-2", "web", waiting("CrashLoopBackOff", "back-off 40s", crashesMax))
		c, at, _ := oneRegion(t, ready[0], crashing, ready[2], ready[3])
		err := c.AwaitPods(context.Background(), at, wanted, time.Time{}, func(string) {})
		// The fake API server answers every question for a log with "fake logs".
		for _, want := range []string{"region us-east is not ready", "web-2 ended 4 times", "CrashLoopBackOff: back-off 40s", "fake logs"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v lacks %q", err, want)
			}
		}
	})
	t.Run("one never comes", func(t *testing.T) {
		pending := pod("store-0", "store", func(p *corev1.Pod) {
			p.Status = corev1.PodStatus{Phase: corev1.PodPending, Conditions: []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: "Unschedulable", Message: "0/1 nodes are available"}}}
		})
		c, at, _ := oneRegion(t, ready[0], ready[1], ready[2], pending)
		err := c.AwaitPods(within(100*time.Millisecond), at, wanted, time.Time{}, func(string) {})
		for _, want := range []string{"region us-east is not ready", "store-0: Unschedulable: 0/1 nodes are available"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v lacks %q", err, want)
			}
		}
	})
	t.Run("the server does not answer", func(t *testing.T) {
		c, at, client := oneRegion(t)
		client.PrependReactor("list", "pods", func(kubetesting.Action) (bool, runtime.Object, error) {
			return true, nil, errors.New("connection refused")
		})
		err := c.AwaitPods(within(50*time.Millisecond), at, wanted, time.Time{}, func(string) {})
		if noAPI := (*NoAPIError)(nil); !errors.As(err, &noAPI) || !strings.Contains(err.Error(), "API server does not answer") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("interrupted", func(t *testing.T) {
		c, at, _ := oneRegion(t)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := c.AwaitPods(ctx, at, wanted, time.Time{}, func(string) {}); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

// A status is in the words of kstatus, and failed only where waiting is pointless.
func TestStatus(t *testing.T) {
	now := time.Now()
	tests := []struct {
		name   string
		change func(*corev1.Pod)
		stuck  time.Duration // for so long already
		want   Status
		why    string
	}{
		{"ready", nil, 0, Current, ""},
		{"not yet", func(p *corev1.Pod) { p.Status.Conditions = nil }, 0, InProgress, "Running"},
		{"an image that may be on its way", waiting("ErrImageNeverPull", "", 0), 0, InProgress, "ErrImageNeverPull"},
		{"an image that never came", waiting("ErrImageNeverPull", "", 0), stuckMax + time.Second, Failed, "is stuck: ErrImageNeverPull"},
		{"a crash that may have been the last", waiting("CrashLoopBackOff", "", crashesMax-1), 0, InProgress, "CrashLoopBackOff"},
		{"crash upon crash", waiting("CrashLoopBackOff", "", crashesMax), 0, Failed, "ended 4 times"},
		{"being deleted", func(p *corev1.Pod) { p.DeletionTimestamp = &metav1.Time{Time: now} }, 0, Terminating, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			terminal := Terminal{}
			if tt.stuck > 0 {
				terminal["web-1"] = now.Add(-tt.stuck)
			}
			got, why := terminal.Of(pod("web-1", "web", tt.change), now)
			if got != tt.want || !strings.Contains(why, tt.why) {
				t.Errorf("%s, %q; want %s, %q", got, why, tt.want, tt.why)
			}
		})
	}
}
