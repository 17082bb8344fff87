package kindfleet

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
)

// settle is how long changes are collected before a region is reported anew: one
// rollout step changes a pod several times within it.
const settle = 100 * time.Millisecond

// watch follows one region's node and pods through informers.
type watch struct {
	cancel context.CancelFunc
	ended  chan struct{}
}

// watchRegion starts to follow the region, or starts anew.
func (f *Fleet) watchRegion(r *region) {
	k, err := f.kubeOf(r)
	if err != nil {
		f.cfg.Report(drill.TaskFailed{Task: "watch region " + r.name, Error: err.Error(), Next: "the region is judged by probes alone"})
		return
	}
	f.mu.Lock()
	closed := f.closed
	if !closed {
		f.watches.Add(1)
	}
	f.mu.Unlock()
	if closed {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &watch{cancel: cancel, ended: make(chan struct{})}
	r.stopWatch()
	r.mu.Lock()
	r.watch = w
	r.mu.Unlock()
	go func() {
		defer f.watches.Done()
		defer close(w.ended)
		f.follow(ctx, r, k)
	}()
}

// stopWatch ends the region's watch, if there is one, and waits for it.
func (r *region) stopWatch() {
	r.mu.Lock()
	w := r.watch
	r.watch = nil
	r.mu.Unlock()
	if w != nil {
		w.cancel()
		<-w.ended
	}
}

// stopWatching ends all watches and waits for them; none is started afterwards.
func (f *Fleet) stopWatching() {
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	for _, r := range f.regions {
		r.stopWatch()
	}
	f.watches.Wait()
}

// follow reports the region whenever what its API server says of it changes, until
// the context ends.
func (f *Fleet) follow(ctx context.Context, r *region, k *kube) {
	// An informer that finds no server tries again after up to half a minute, so it
	// is started only once the server is there.
	for !k.answersNow(ctx, r.node) {
		if !pause(ctx, lookEvery/2) {
			return
		}
	}
	factory := informers.NewSharedInformerFactoryWithOptions(k.client, 0, informers.WithNamespace(namespace))
	nodes, pods := factory.Core().V1().Nodes(), factory.Core().V1().Pods()
	changed := make(chan struct{}, 1)
	notify := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	breaks := &breaks{answers: k.answered}
	for _, informer := range []cache.SharedIndexInformer{nodes.Informer(), pods.Informer()} {
		_ = informer.SetWatchErrorHandler(func(_ *cache.Reflector, err error) {
			f.watchBroke(ctx, r, breaks, err)
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
		case <-ctx.Done():
			return
		}
		if !pause(ctx, settle) {
			return
		}
		seen := f.seen(r, nodes.Lister(), pods.Lister())
		// A cluster that was killed still has its last word in the cache.
		if seen.Node == "" || r.faulted() == drill.FaultKill || reflect.DeepEqual(seen, last) {
			continue
		}
		last = seen
		f.cfg.Report(seen)
	}
}

// seen is the region as its informers have it; Node is "" while they have nothing.
func (f *Fleet) seen(r *region, nodes corelisters.NodeLister, pods corelisters.PodLister) drill.RegionSeen {
	seen := drill.RegionSeen{Region: r.name, Pods: []drill.Pod{}, WebWanted: webReplicas(f.cfg.Fleet.Web)}
	if node, err := nodes.Get(r.node); err == nil {
		seen.Node, seen.Unschedulable = node.Name, node.Spec.Unschedulable
		for _, c := range node.Status.Conditions {
			if c.Type == corev1.NodeReady {
				seen.NodeReady = c.Status == corev1.ConditionTrue
			}
		}
	}
	all, err := pods.Pods(namespace).List(labels.Everything())
	if err != nil {
		return seen
	}
	for _, p := range all {
		pod := seenPod(p)
		seen.Pods = append(seen.Pods, pod)
		if pod.Role == "web" && pod.Ready {
			seen.WebReady++
		}
	}
	slices.SortFunc(seen.Pods, func(a, b drill.Pod) int { return cmp.Compare(a.Name, b.Name) })
	return seen
}

// seenDead reports a region whose container was seen to have ended: whatever its
// API server said last, no process of it is left.
func (f *Fleet) seenDead(r *region) {
	f.cfg.Report(drill.RegionSeen{Region: r.name, Node: r.node, Pods: []drill.Pod{}, WebWanted: webReplicas(f.cfg.Fleet.Web)})
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

// watchBroke reports a watch that lost its server, once a break, and not at all
// where a fault of ours explains it. The informer goes on trying by itself.
func (f *Fleet) watchBroke(ctx context.Context, r *region, b *breaks, err error) {
	ends := errors.Is(err, io.EOF) || apierrors.IsResourceExpired(err) || apierrors.IsGone(err) // as watches do, now and then
	if ends || ctx.Err() != nil || r.faulted() != "" || !b.begins() {
		return
	}
	f.cfg.Report(drill.TaskFailed{
		Task: "watch region " + r.name, Error: err.Error(),
		Next: "tried again by itself; look with \"" + f.kubectl(r) + " get nodes\"",
	})
}
