package kindfleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/build"
)

// replacedWithin is how long pods of another build may answer until those of a new
// image have taken their place: ten times what a roll-out took on two busy cores.
const replacedWithin = time.Minute

// lookEvery is how often the pods of a region that is awaited are listed.
const lookEvery = time.Second

// awaitAnswer waits until the region's gateway answers, from a web replica that
// started at or after the given moment by the engine's clock, which is the pods' too.
func (f *Fleet) awaitAnswer(ctx context.Context, r *region, started time.Time) (wire.Health, error) {
	ctx, cancel := context.WithTimeout(ctx, f.cfg.ReadyWithin)
	defer cancel()
	address, err := f.Address(ctx, r.name)
	if err != nil {
		return wire.Health{}, err
	}
	began, looked, patience := time.Now(), time.Now(), patience{}
	var last error // what the last probe found that had its time
	for {
		bounded, stop := context.WithTimeout(ctx, probeWithin)
		health, err := probe(bounded, address, r.name)
		stop()
		if err == nil {
			// A fleet that is joined answers by its old pods for a while.
			err = build.Same(f.cfg.Build, health.Build)
			if err != nil && time.Since(began) > replacedWithin {
				return wire.Health{}, err
			}
		}
		if err == nil && !health.Started.Before(started) {
			return health, nil
		}
		if err == nil {
			err = fmt.Errorf("replica %s answers and is from before (%s)", health.Replica, health.Started.Format(time.TimeOnly))
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		if time.Since(looked) > 2*time.Second {
			looked = time.Now()
			if err := f.hopeless(ctx, r, patience); err != nil {
				return wire.Health{}, err
			}
		}
		if !pause(ctx, probeEvery) {
			return wire.Health{}, f.notReady(ctx, r, last)
		}
	}
}

// hopeless says why a region that is awaited will not come: its node takes no pods,
// or they do not start. An API server that does not answer yet is no reason, and is
// not waited for, since the region is being probed meanwhile.
func (f *Fleet) hopeless(ctx context.Context, r *region, patience patience) error {
	k, err := f.kubeOf(r)
	if err != nil {
		return err
	}
	brief, cancel := context.WithTimeout(ctx, probeWithin)
	defer cancel()
	node, err := k.node(brief, r.node)
	if err != nil {
		return nil
	}
	if node.Spec.Unschedulable {
		return &cordonedError{r.node}
	}
	pods, err := k.pods(brief)
	if err != nil {
		return nil
	}
	if why := patience.lost(pods); why != "" {
		return f.notReady(ctx, r, errors.New(why))
	}
	return nil
}

// awaitPods waits until every pod that is wanted is ready, in a container that
// started at or after the given moment. Seen is told how far it is.
func (f *Fleet) awaitPods(ctx context.Context, r *region, started time.Time, seen func(string)) error {
	ctx, cancel := context.WithTimeout(ctx, f.cfg.ReadyWithin)
	defer cancel()
	wanted := []struct {
		role string
		n    int
	}{{"web", webReplicas(f.cfg.Fleet.Web)}, {"gateway", 1}, {"store", 1}}
	patience := patience{}
	for {
		pods, err := f.podsOf(ctx, r)
		if err == nil {
			ready, all, words := readyByRole(pods, started), true, []string{}
			for _, w := range wanted {
				all = all && ready[w.role] >= w.n
				words = append(words, fmt.Sprintf("%s %d/%d", w.role, ready[w.role], w.n))
			}
			seen(strings.Join(words, ", "))
			if all {
				return nil
			}
			if why := patience.lost(pods); why != "" {
				return f.notReady(ctx, r, errors.New(why))
			}
		}
		if !pause(ctx, lookEvery/2) {
			return f.notReady(ctx, r, err)
		}
	}
}

func (f *Fleet) podsOf(ctx context.Context, r *region) ([]corev1.Pod, error) {
	k, err := f.kubeOf(r)
	if err != nil {
		return nil, err
	}
	return k.pods(ctx)
}

func readyByRole(pods []corev1.Pod, started time.Time) map[string]int {
	ready := map[string]int{}
	for i := range pods {
		if p := seenPod(&pods[i]); p.Ready && !older(&pods[i], started) {
			ready[p.Role]++
		}
	}
	return ready
}

// older reports whether the pod's state is from before a moment: after a restart of
// the node its API server goes on saying Ready until the kubelet has looked.
// Kubernetes counts whole seconds.
func older(p *corev1.Pod, moment time.Time) bool {
	for _, c := range p.Status.ContainerStatuses {
		if run := c.State.Running; run != nil && run.StartedAt.Time.Before(moment.Truncate(time.Second)) {
			return true
		}
	}
	return false
}

// seenPod is a pod as the events have it. One that is being deleted is not ready.
func seenPod(p *corev1.Pod) drill.Pod {
	seen := drill.Pod{Name: p.Name, Role: p.Labels["fleetdrill/role"], Phase: string(p.Status.Phase)}
	if p.DeletionTimestamp != nil {
		seen.Phase = "Terminating"
		return seen
	}
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			seen.Ready = c.Status == corev1.ConditionTrue
		}
	}
	return seen
}

// patience remembers since when a pod is in a state from which it will not come
// back by itself.
type patience map[string]time.Time

const (
	// crashesMax is how often a container may end before waiting for it is given up.
	crashesMax = 3
	// stuckMax is how long an image may be missing: longer than a load that races.
	stuckMax = 15 * time.Second
)

// lost says why waiting has become pointless, or "".
func (p patience) lost(pods []corev1.Pod) string {
	for i := range pods {
		for _, c := range pods[i].Status.ContainerStatuses {
			w := c.State.Waiting
			if w == nil {
				delete(p, pods[i].Name)
				continue
			}
			switch w.Reason {
			case "CrashLoopBackOff":
				if c.RestartCount >= crashesMax {
					return fmt.Sprintf("pod %s ended %d times", pods[i].Name, c.RestartCount+1)
				}
			case "ErrImageNeverPull", "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError":
				since, known := p[pods[i].Name]
				if !known {
					p[pods[i].Name] = time.Now()
				} else if time.Since(since) > stuckMax {
					return fmt.Sprintf("pod %s is stuck: %s", pods[i].Name, w.Reason)
				}
			}
		}
	}
	return ""
}

// notReady explains a region that did not become ready: which pods are not, why,
// and what they said last.
func (f *Fleet) notReady(ctx context.Context, r *region, cause error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("wait until region %s serves: %w", r.name, ctx.Err())
	}
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), askWithin)
	defer cancel()
	next := f.kubectl(r) + " -n " + namespace + " describe pods"
	k, err := f.kubeOf(r)
	var pods []corev1.Pod
	if err == nil {
		pods, err = k.pods(asking)
	}
	if err != nil {
		return fmt.Errorf("region %s is not ready: %w, and its API server does not answer: %w; look with \"docker logs %s\"", r.name, orUnknown(cause), err, r.node)
	}
	var sick []string
	for i := range pods {
		if p := seenPod(&pods[i]); !p.Ready {
			sick = append(sick, p.Name+": "+reason(&pods[i])+lastLog(asking, k, &pods[i]))
		}
	}
	slices.Sort(sick)
	if len(sick) == 0 {
		sick = []string{fmt.Sprintf("all %d pods are ready but the gateway does not answer", len(pods))}
	}
	return fmt.Errorf("region %s is not ready: %w: %s; look with \"%s\"", r.name, orUnknown(cause), strings.Join(sick, "; "), next)
}

func orUnknown(cause error) error {
	if cause == nil {
		return errors.New("it took too long")
	}
	return cause
}

// reason is why a pod is not ready, in Kubernetes' own words.
func reason(p *corev1.Pod) string {
	for _, c := range p.Status.ContainerStatuses {
		switch {
		case c.State.Waiting != nil && c.State.Waiting.Message != "":
			return c.State.Waiting.Reason + ": " + c.State.Waiting.Message
		case c.State.Waiting != nil:
			return c.State.Waiting.Reason
		case c.State.Terminated != nil:
			return fmt.Sprintf("%s, exit code %d", c.State.Terminated.Reason, c.State.Terminated.ExitCode)
		}
	}
	for _, c := range p.Status.Conditions {
		if c.Status == corev1.ConditionFalse && c.Message != "" {
			return c.Reason + ": " + c.Message
		}
	}
	return string(p.Status.Phase)
}

// lastLog is the last lines of a container that keeps ending, or "".
func lastLog(ctx context.Context, k *kube, p *corev1.Pod) string {
	lines := int64(3)
	for _, c := range p.Status.ContainerStatuses {
		if c.RestartCount == 0 {
			continue
		}
		stream, err := k.client.CoreV1().Pods(p.Namespace).GetLogs(p.Name, &corev1.PodLogOptions{Container: c.Name, Previous: true, TailLines: &lines}).Stream(ctx)
		if err != nil {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(stream, 4<<10))
		_ = stream.Close()
		if words := strings.Join(strings.Fields(string(text)), " "); err == nil && words != "" {
			return " (said last: " + words + ")"
		}
	}
	return ""
}
