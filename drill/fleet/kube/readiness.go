package kube

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// Status is how far a pod is, in the words of kstatus.
type Status string

// The statuses. Current is ready; in progress may become so by itself, failed not;
// terminating is being deleted.
const (
	Current     Status = "Current"
	InProgress  Status = "InProgress"
	Failed      Status = "Failed"
	Terminating Status = "Terminating"
)

const (
	// crashesMax is how often a container may end before waiting for it is given up.
	crashesMax = 3
	// stuckMax is how long an image may be missing: longer than a load that races.
	stuckMax = 15 * time.Second
)

// Terminal remembers since when a pod is in a state from which it will not come back by
// itself: a missing image may be on its way, until it has been missing for stuckMax.
type Terminal map[string]time.Time

// Of is the status of a pod and, where it is not Current, why, in Kubernetes' own words.
func (t Terminal) Of(p *corev1.Pod, now time.Time) (Status, string) {
	if p.DeletionTimestamp != nil {
		return Terminating, reason(p)
	}
	for _, c := range p.Status.ContainerStatuses {
		w := c.State.Waiting
		if w == nil {
			delete(t, p.Name)
			continue
		}
		switch w.Reason {
		case "CrashLoopBackOff":
			if c.RestartCount >= crashesMax {
				return Failed, fmt.Sprintf("pod %s ended %d times", p.Name, c.RestartCount+1)
			}
		case "ErrImageNeverPull", "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError":
			since, known := t[p.Name]
			if !known {
				t[p.Name] = now
			} else if now.Sub(since) > stuckMax {
				return Failed, fmt.Sprintf("pod %s is stuck: %s", p.Name, w.Reason)
			}
		}
	}
	if SeenPod(p).Ready {
		return Current, ""
	}
	return InProgress, reason(p)
}

// Failure is why waiting for the pods has become pointless, or "".
func (t Terminal) Failure(pods []corev1.Pod, now time.Time) string {
	for i := range pods {
		if status, why := t.Of(&pods[i], now); status == Failed {
			return why
		}
	}
	return ""
}

// Wanted is how many pods of a role have to be ready.
type Wanted struct {
	Role     string
	Replicas int
}

// Wants is what the region needs to serve; a hub needs its gateway alone.
func (r Region) Wants(webReplicas int) []Wanted {
	if r.Hub {
		return []Wanted{{"gateway", 1}}
	}
	return []Wanted{{"web", webReplicas}, {"gateway", 1}, {"store", 1}}
}

// AwaitPods waits until every pod that is wanted is ready, in a container that started
// at or after the given moment by the node's clock. seen gets how far it is. The error
// says which pods are not ready and why (NotReady).
func (c *Cluster) AwaitPods(ctx context.Context, at Region, wanted []Wanted, started time.Time, seen func(string)) error {
	terminal := Terminal{}
	for {
		pods, err := c.Pods(ctx, at)
		if err == nil {
			ready, all, words := readyByRole(pods, started), true, []string{}
			for _, w := range wanted {
				all = all && ready[w.Role] >= w.Replicas
				words = append(words, fmt.Sprintf("%s %d/%d", w.Role, ready[w.Role], w.Replicas))
			}
			seen(strings.Join(words, ", "))
			if all {
				return nil
			}
			if why := terminal.Failure(pods, time.Now()); why != "" {
				return c.NotReady(ctx, at, errors.New(why))
			}
		}
		if !pause.For(ctx, lookEvery) {
			return c.NotReady(ctx, at, err)
		}
	}
}

func readyByRole(pods []corev1.Pod, started time.Time) map[string]int {
	ready := map[string]int{}
	for i := range pods {
		if p := SeenPod(&pods[i]); p.Ready && !older(&pods[i], started) {
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

// SeenPod is a pod as the events have it. One that is being deleted is not ready.
func SeenPod(p *corev1.Pod) telemetry.Pod {
	seen := telemetry.Pod{Name: p.Name, Role: p.Labels["fleetdrill/role"], Phase: string(p.Status.Phase)}
	if p.DeletionTimestamp != nil {
		seen.Phase = string(Terminating)
		return seen
	}
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodReady {
			seen.Ready = c.Status == corev1.ConditionTrue
		}
	}
	return seen
}

// NoAPIError is in the error of NotReady where the API server does not answer either.
type NoAPIError struct{ Err error }

func (e *NoAPIError) Error() string { return "its API server does not answer: " + e.Err.Error() }
func (e *NoAPIError) Unwrap() error { return e.Err }

// NotReady explains a region that did not become ready: which pods are not, why, and
// what they wrote last. Where the context was cancelled that is the reason.
func (c *Cluster) NotReady(ctx context.Context, at Region, cause error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("wait until region %s serves: %w", at.Name, ctx.Err())
	}
	if cause == nil {
		cause = errors.New("it took too long")
	}
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), askWithin)
	defer cancel()
	pods, err := c.Pods(asking, at)
	if err != nil {
		return fmt.Errorf("region %s is not ready: %w, and %w", at.Name, cause, &NoAPIError{err})
	}
	var notReady []string
	for i := range pods {
		if p := SeenPod(&pods[i]); !p.Ready {
			notReady = append(notReady, p.Name+": "+reason(&pods[i])+c.lastLog(asking, &pods[i]))
		}
	}
	slices.Sort(notReady)
	if len(notReady) == 0 {
		notReady = []string{fmt.Sprintf("all %d pods are ready but the gateway does not answer", len(pods))}
	}
	return fmt.Errorf("region %s is not ready: %w: %s", at.Name, cause, strings.Join(notReady, "; "))
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
func (c *Cluster) lastLog(ctx context.Context, p *corev1.Pod) string {
	lines := int64(3)
	for _, s := range p.Status.ContainerStatuses {
		if s.RestartCount == 0 {
			continue
		}
		stream, err := c.client.CoreV1().Pods(p.Namespace).GetLogs(p.Name, &corev1.PodLogOptions{Container: s.Name, Previous: true, TailLines: &lines}).Stream(ctx)
		if err != nil {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(stream, 4<<10))
		_ = stream.Close()
		if words := strings.Join(strings.Fields(string(text)), " "); err == nil && words != "" {
			return " (last lines: " + words + ")"
		}
	}
	return ""
}
