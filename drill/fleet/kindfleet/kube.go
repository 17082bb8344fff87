package kindfleet

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// askWithin bounds one request to an API server, which on two busy cores answered
// within 2 s when it answered at all.
const (
	askWithin   = 10 * time.Second
	applyWithin = 30 * time.Second
)

// namespace is where our workload lives in each cluster.
const namespace = "fleetdrill"

// kube is the way to one cluster's API server.
type kube struct {
	client  kubernetes.Interface
	dynamic dynamic.Interface
	// answers counts what the server answered, so that a watch can tell that a
	// break is over.
	answers *atomic.Uint64
}

// connect reads the cluster's own kubeconfig. It sends nothing.
func connect(kubeconfig string) (*kube, error) {
	cfg, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	cfg.QPS = -1 // a laptop's own API server needs no client that holds back
	cfg.UserAgent = "fleetdrill"
	cfg.WarningHandler = rest.NoWarnings{}
	cfg.Proxy = func(*http.Request) (*url.URL, error) { return nil, nil }
	k := &kube{answers: &atomic.Uint64{}}
	cfg.Wrap(func(rt http.RoundTripper) http.RoundTripper { return counting{rt, k.answers} })
	if k.client, err = kubernetes.NewForConfig(cfg); err != nil {
		return nil, fmt.Errorf("connect with %s: %w", kubeconfig, err)
	}
	if k.dynamic, err = dynamic.NewForConfig(cfg); err != nil {
		return nil, fmt.Errorf("connect with %s: %w", kubeconfig, err)
	}
	return k, nil
}

// answered is how often the server answered so far.
func (k *kube) answered() uint64 { return k.answers.Load() }

type counting struct {
	http.RoundTripper
	answers *atomic.Uint64
}

func (c counting) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := c.RoundTripper.RoundTrip(r)
	if err == nil && res.StatusCode < http.StatusInternalServerError {
		c.answers.Add(1)
	}
	return res, err
}

// pods lists our pods in the cluster.
func (k *kube) pods(ctx context.Context) ([]corev1.Pod, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	list, err := k.client.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list pods: %w", err)
	}
	return list.Items, nil
}

// node reads the cluster's one node.
func (k *kube) node(ctx context.Context, name string) (*corev1.Node, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	n, err := k.client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, fmt.Errorf("read node %s: %w", name, err)
	}
	return n, nil
}

// answersNow reports whether the API server answers at once.
func (k *kube) answersNow(ctx context.Context, node string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*probeWithin)
	defer cancel()
	_, err := k.node(ctx, node)
	return err == nil
}

// kubeOf connects to the region's cluster, once.
func (f *Fleet) kubeOf(r *region) (*kube, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.kube == nil {
		k, err := connect(f.kubeconfig(r))
		if err != nil {
			return nil, err
		}
		r.kube = k
	}
	return r.kube, nil
}
