package kube

import (
	"cmp"
	"context"
	"errors"
	"io"
	"reflect"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// settle is how long changes are collected before a region is reported anew: one
// rollout step changes a pod several times within it.
const settle = 100 * time.Millisecond

// Watch follows one region's node and pods through informers, until Stop.
type Watch struct {
	cancel context.CancelFunc
	ended  chan struct{}
	again  chan struct{}
}

// Again has the watch look again, where something that it asks has changed. A nil watch has ended.
func (w *Watch) Again() {
	if w == nil {
		return
	}
	select {
	case w.again <- struct{}{}:
	default:
	}
}

// WatchConfig is what a watch is made of.
type WatchConfig struct {
	Region Region
	// WebWanted is how many web pods the region is to have now.
	WebWanted func() int
	// Seen gets the region whenever what its API server says of it has changed.
	Seen func(drill.RegionSeen)
	// Ignore reports whether the server's word counts for nothing now: a cluster that was
	// killed still has its last one in the cache.
	Ignore func() bool
	// Gone reports whether a zone of the region is known to be gone: the server finds that out later, and says until
	// then that its pods are ready. May be nil.
	Gone func(zone string) bool
	// Broke gets the error by which a watch lost its server, once a break. The informer
	// goes on trying by itself.
	Broke func(error)
}

// Watch starts to follow a region.
func (c *Cluster) Watch(cfg WatchConfig) *Watch {
	ctx, cancel := context.WithCancel(context.Background())
	w := &Watch{cancel: cancel, ended: make(chan struct{}), again: make(chan struct{}, 1)}
	go func() {
		defer close(w.ended)
		c.follow(ctx, cfg, w.again)
	}()
	return w
}

// Stop ends the watch and waits for it. A nil watch has ended.
func (w *Watch) Stop() {
	if w != nil {
		w.cancel()
		<-w.ended
	}
}

func (c *Cluster) follow(ctx context.Context, cfg WatchConfig, again <-chan struct{}) {
	// An informer that finds no server tries again after up to half a minute, so it
	// is started only once the server is there.
	if !c.AwaitAPI(ctx, cfg.Region.Node) {
		return
	}
	factory := informers.NewSharedInformerFactoryWithOptions(c.client, 0, informers.WithNamespace(cfg.Region.Namespace))
	nodes, pods := factory.Core().V1().Nodes(), factory.Core().V1().Pods()
	changed := make(chan struct{}, 1)
	notify := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	breaks := &breaks{answers: c.answers.Load}
	for _, informer := range []cache.SharedIndexInformer{nodes.Informer(), pods.Informer()} {
		_ = informer.SetWatchErrorHandler(func(_ *cache.Reflector, err error) {
			if ctx.Err() == nil && !usualEnd(err) && breaks.begins() {
				cfg.Broke(err)
			}
		})
		_, _ = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    func(any) { notify() },
			UpdateFunc: func(any, any) { notify() },
			DeleteFunc: func(any) { notify() },
		})
	}
	factory.StartWithContext(ctx)
	defer factory.Shutdown()
	var last drill.RegionSeen
	for {
		select {
		case <-changed:
		case <-again:
		case <-ctx.Done():
			return
		}
		if !pause.For(ctx, settle) {
			return
		}
		seen := cfg.look(nodes.Lister(), pods.Lister())
		if seen.Node == "" || cfg.Ignore() || reflect.DeepEqual(seen, last) {
			continue
		}
		last = seen
		cfg.Seen(seen)
	}
}

// look is the region as its informers have it; Node is "" while they have nothing.
func (cfg WatchConfig) look(nodes corelisters.NodeLister, pods corelisters.PodLister) drill.RegionSeen {
	seen := drill.RegionSeen{Region: cfg.Region.Name, Pods: []telemetry.Pod{}, WebWanted: cfg.WebWanted()}
	if node, err := nodes.Get(cfg.Region.Node); err == nil {
		seen.Node, seen.Unschedulable = node.Name, Cordoned(node, cfg.Region)
		seen.NodeReady = isReady(node)
	}
	at := map[string]telemetry.Zone{} // by node
	for _, z := range cfg.Region.Zones {
		seenZone := telemetry.Zone{Name: z.Name, Node: z.Node}
		if node, err := nodes.Get(z.Node); err == nil {
			seenZone.Ready = isReady(node) && (cfg.Gone == nil || !cfg.Gone(z.Name))
		}
		at[z.Node] = seenZone
		seen.Zones = append(seen.Zones, seenZone)
	}
	all, err := pods.Pods(cfg.Region.Namespace).List(labels.Everything())
	if err != nil {
		return seen
	}
	for _, p := range all {
		pod := SeenPod(p)
		if z, zoned := at[p.Spec.NodeName]; zoned {
			pod.Zone, pod.Ready = z.Name, pod.Ready && z.Ready
		}
		seen.Pods = append(seen.Pods, pod)
		if pod.Role == "web" && pod.Ready {
			seen.WebReady++
		}
	}
	slices.SortFunc(seen.Pods, func(a, b telemetry.Pod) int { return cmp.Compare(a.Name, b.Name) })
	return seen
}

// isReady is what a node says of itself.
func isReady(node *corev1.Node) bool {
	return slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}

// breaks remembers whether the break that a watch is in was reported.
type breaks struct {
	mu      sync.Mutex
	broken  bool
	at      uint64
	answers func() uint64
}

// begins reports whether an error is the first since the server last answered.
func (b *breaks) begins() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.answers()
	first := !b.broken || now != b.at
	b.broken, b.at = true, now
	return first
}

// usualEnd reports whether a watch ended as watches do, now and then.
func usualEnd(err error) bool {
	return errors.Is(err, io.EOF) || apierrors.IsResourceExpired(err) || apierrors.IsGone(err)
}
