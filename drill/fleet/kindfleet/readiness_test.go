package kindfleet

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kindfleet/wanted"
	"github.com/fleetdrill/fleetdrill/drill/fleet/kube"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// oneCluster is the one cluster of a fleet before a fake API server with those objects.
func oneCluster(t *testing.T, objects ...runtime.Object) *cluster {
	t.Helper()
	p, err := New(Config{Fleet: topology.Fleet{Name: "demo", Regions: []topology.Region{{Name: "us-east"}}}, StateDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	p.clusters[0].api = kube.With(fake.NewClientset(objects...), nil)
	return p.clusters[0]
}

func node(unschedulable bool) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: demoNode}, Spec: corev1.NodeSpec{Unschedulable: unschedulable}}
}

// web1 is a web pod, which waits for the reason if there is one.
func web1(waiting string) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "web-1", Namespace: kube.Namespace, Labels: map[string]string{"fleetdrill/role": "web"}}}
	if waiting != "" {
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: waiting}}}}
	}
	return p
}

func TestAnswer(t *testing.T) {
	fault := time.Now()
	tests := []struct {
		name    string
		started time.Time
		objects []runtime.Object
		build   string // that is wanted
		want    string // in the error
	}{
		{"a replica that is younger than the fault", fault.Add(time.Second), nil, "", ""},
		{"only one from before the fault", fault.Add(-time.Second), []runtime.Object{web1("")}, "", "is from before"},
		{"only one of another build", fault.Add(time.Second), []runtime.Object{web1("")}, "a276c81", "make build"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := oneCluster(t, append(tt.objects, node(false))...)
			gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_ = json.NewEncoder(w).Encode(wire.Health{Region: "us-east", Replica: "web-1", Started: tt.started})
			}))
			defer gateway.Close()
			c.addresses["us-east"] = strings.TrimPrefix(gateway.URL, "http://")
			w := readiness{engine: &host.Runtime{Name: "docker"}, within: 500 * time.Millisecond, build: tt.build}
			_, err := w.answer(context.Background(), c, c.regions[0], fault)
			if (tt.want == "") != (err == nil) || err != nil && !(strings.Contains(err.Error(), tt.want) && strings.Contains(err.Error(), "describe pods")) {
				t.Errorf("error %v, want %q and what to do", err, tt.want)
			}
		})
	}
}

func TestTerminal(t *testing.T) {
	w := readiness{engine: &host.Runtime{Name: "docker"}}
	c := oneCluster(t, node(true))
	var cordoned *cordonedError
	if err := w.terminal(context.Background(), c, c.regions[0], kube.Terminal{}); !errors.As(err, &cordoned) {
		t.Errorf("a cordoned node: %v", err)
	}
	c = oneCluster(t, node(false), web1("ErrImageNeverPull"))
	terminal := kube.Terminal{}
	if err := w.terminal(context.Background(), c, c.regions[0], terminal); err != nil {
		t.Errorf("an image that may still be on its way: %v", err)
	}
	terminal["web-1"] = time.Now().Add(-time.Hour)
	if err := w.terminal(context.Background(), c, c.regions[0], terminal); err == nil || !strings.Contains(err.Error(), "ErrImageNeverPull") {
		t.Errorf("an image that never came: %v", err)
	}
}

func TestNextStep(t *testing.T) {
	w, c := readiness{engine: &host.Runtime{Name: "podman"}}, oneCluster(t)
	if err := w.withNext(c, c.regions[0], &kube.NoAPIError{Err: errors.New("refused")}); !strings.Contains(err.Error(), "podman logs "+demoNode) {
		t.Errorf("without an API server: %v", err)
	}
}

// The last word of regions that were killed is the engine's, and a fault of ours breaks
// no watch.
func TestWatches(t *testing.T) {
	reports := make(chan drill.Body, 10)
	w := newWatches(reporter{to: func(b drill.Body) { reports <- b }}, wanted.New(topology.Fleet{Regions: []topology.Region{{Name: "us-east"}}, Web: topology.Web{Replicas: 2}}))
	c := oneCluster(t)
	w.dead(c)
	if s := (<-reports).(drill.RegionSeen); s.Region != "us-east" || s.Node != demoNode || s.NodeReady || s.WebWanted != 2 {
		t.Errorf("%+v", s)
	}
	w.broke(c, c.regions[0], errors.New("reset"))
	if f := (<-reports).(drill.TaskFailed); !strings.Contains(f.Task, "us-east") || !strings.Contains(f.Next, "get nodes") {
		t.Errorf("%+v", f)
	}
	c.setFault(fleet.OpFreeze)
	w.broke(c, c.regions[0], errors.New("reset"))
	w.start(c)
	w.start(c)
	w.stopAll()
	w.start(c)
	if len(w.running) > 0 {
		t.Error("a watch was started after all were stopped")
	}
	w.open()
	w.start(c)
	if len(w.running) != 1 {
		t.Error("no watch was started after open")
	}
	w.stop(c)
	if len(reports) > 0 {
		t.Errorf("reported %+v", <-reports)
	}
}
