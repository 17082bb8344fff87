// Package kube is what a region needs of any Kubernetes cluster: its workload
// applied, its readiness explained, its pods and node watched, cordoned and evicted.
// It knows a namespace and a node, and not what the cluster runs on.
package kube

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

	"github.com/fleetdrill/fleetdrill/drill/pause"
)

const (
	// askWithin bounds one request to an API server, which on two busy cores answered
	// within 2 s when it answered at all.
	askWithin = 10 * time.Second
	// applyWithin bounds one object's apply, which the API server admits and stores: three times
	// what it is given to answer a question.
	applyWithin = 30 * time.Second
	// answerWithin is for who asks only whether the server answers at once.
	answerWithin = time.Second
)

// Namespace is where the workload of a region lives that has its cluster to itself.
const Namespace = "fleetdrill"

// Region is one region's share of a cluster.
type Region struct {
	Name      string
	Namespace string // its workload's
	Node      string // that its workload runs on
	// Slot is its place among the cluster's regions, from 0; it decides its ports and
	// addresses inside the cluster.
	Slot int
	// Beside is the cluster's other regions; empty where it has the cluster to itself.
	Beside []string
	// Zones is the region's zones, each a node of its own beside Node, which has the gateway then.
	Zones []Zone
	// Others is further nodes that its workload may run on, by a person's own kind config.
	Others []string
	// Hub says that it is the fleet's management cluster, or shares one as its hub: it keeps no data and serves nobody.
	Hub bool
}

// Shared reports whether other regions live in the cluster.
func (r Region) Shared() bool { return len(r.Beside) > 0 }

// Cluster is the way to one cluster's API server. Its methods may be called from
// several goroutines.
type Cluster struct {
	access  *rest.Config // nil where the clients were there already
	client  kubernetes.Interface
	dynamic dynamic.Interface
	// answers counts what the server answered, so that a watch can tell that a
	// break is over.
	answers *atomic.Uint64
}

// Connect reads a kubeconfig file; its current context counts. It sends nothing.
func Connect(kubeconfig string) (*Cluster, error) {
	quiet()
	cfg, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read kubeconfig: %w", err)
	}
	cfg.QPS = -1 // a laptop's own API server needs no client that holds back
	cfg.UserAgent = "fleetdrill"
	cfg.WarningHandler = rest.NoWarnings{}
	cfg.Proxy = func(*http.Request) (*url.URL, error) { return nil, nil }
	answers := &atomic.Uint64{}
	cfg.Wrap(func(rt http.RoundTripper) http.RoundTripper { return counting{rt, answers} })
	client, err := kubernetes.NewForConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("connect with %s: %w", kubeconfig, err)
	}
	dynamic, err := dynamic.NewForConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("connect with %s: %w", kubeconfig, err)
	}
	return &Cluster{access: cfg, client: client, dynamic: dynamic, answers: answers}, nil
}

// Access is what other clients of the API server are made of.
func Access(c *Cluster) *rest.Config { return rest.CopyConfig(c.access) }

// With is a cluster behind clients that are there already. What they get answered is
// not counted.
func With(client kubernetes.Interface, dynamic dynamic.Interface) *Cluster {
	quiet()
	return &Cluster{client: client, dynamic: dynamic, answers: &atomic.Uint64{}}
}

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

// Pods lists the region's pods.
func (c *Cluster) Pods(ctx context.Context, at Region) ([]corev1.Pod, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	list, err := c.client.CoreV1().Pods(at.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, fmt.Errorf("list pods: %w", err)
	}
	return list.Items, nil
}

// Node reads a node.
func (c *Cluster) Node(ctx context.Context, name string) (*corev1.Node, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	n, err := c.client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, fmt.Errorf("read node %s: %w", name, err)
	}
	return n, nil
}

// Answers reports whether the API server answers at once, and its store behind it.
func (c *Cluster) Answers(ctx context.Context, node string) bool {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	_, err := c.Node(ctx, node)
	return err == nil
}

// AwaitAPI waits until the API server answers; false when the context ended first.
func (c *Cluster) AwaitAPI(ctx context.Context, node string) bool {
	for !c.Answers(ctx, node) {
		if !pause.For(ctx, lookEvery) {
			return false
		}
	}
	return true
}
