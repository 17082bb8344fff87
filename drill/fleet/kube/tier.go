package kube

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fleetdrill/fleetdrill/drill/pause"
)

const (
	// closedTier is the annotation of a Deployment that a fault scaled to none: how many pods it had.
	closedTier = "fleetdrill.local/closed-with-replicas"
	// closeWithin bounds how long pods may take to be gone that were killed.
	closeWithin = 30 * time.Second
	webPods     = "fleetdrill/role=web"
)

// CloseTier scales a region's web tier to none and kills its pods, and returns how many those were once all are gone.
func (c *Cluster) CloseTier(ctx context.Context, at Region) (killed int, err error) {
	ctx, cancel := context.WithTimeout(ctx, closeWithin)
	defer cancel()
	web, err := c.client.AppsV1().Deployments(at.Namespace).Get(ctx, webDeployment, metav1.GetOptions{})
	if err != nil {
		return 0, fmt.Errorf("read the web tier: %w", err)
	}
	had := strconv.Itoa(webPodsOf(web))
	if before, closed := web.Annotations[closedTier]; closed && had == "0" {
		had = before
	}
	if err := c.scaleTier(ctx, at, 0, strconv.Quote(had)); err != nil {
		return 0, err
	}
	none := int64(0)
	list := metav1.ListOptions{LabelSelector: webPods}
	pods, err := c.client.CoreV1().Pods(at.Namespace).List(ctx, list)
	if err != nil {
		return 0, fmt.Errorf("list the web pods: %w", err)
	}
	killed = len(pods.Items)
	for {
		if err := c.client.CoreV1().Pods(at.Namespace).DeleteCollection(ctx, metav1.DeleteOptions{GracePeriodSeconds: &none}, list); err != nil {
			return 0, fmt.Errorf("kill the web pods: %w", err)
		}
		closed, err := c.tierClosed(ctx, at)
		if err != nil {
			return 0, err
		}
		if closed {
			return killed, c.storeReady(ctx, at)
		}
		if !pause.For(ctx, evictEvery) {
			return 0, fmt.Errorf("its web pods are not gone after %s", closeWithin)
		}
	}
}

// tierClosed reports whether no web pod is there and none will be made. The second is what the ReplicaSets say: until their
// controller has seen that they are to have none, it makes new pods for those that were killed.
func (c *Cluster) tierClosed(ctx context.Context, at Region) (bool, error) {
	list := metav1.ListOptions{LabelSelector: webPods}
	sets, err := c.client.AppsV1().ReplicaSets(at.Namespace).List(ctx, list)
	if err != nil {
		return false, fmt.Errorf("list the web tier's ReplicaSets: %w", err)
	}
	for i := range sets.Items {
		s := &sets.Items[i]
		if s.Spec.Replicas == nil || *s.Spec.Replicas != 0 || s.Status.ObservedGeneration < s.Generation || s.Status.Replicas != 0 {
			return false, nil
		}
	}
	pods, err := c.client.CoreV1().Pods(at.Namespace).List(ctx, list) // after them, since they make pods
	if err != nil {
		return false, fmt.Errorf("list the web pods: %w", err)
	}
	return len(pods.Items) == 0, nil
}

// storeReady refuses a region whose store is not ready.
func (c *Cluster) storeReady(ctx context.Context, at Region) error {
	pods, err := c.Pods(ctx, at)
	if err != nil {
		return err
	}
	for i := range pods {
		if seen := SeenPod(&pods[i]); seen.Role == "store" && seen.Ready {
			return nil
		}
	}
	return errors.New("its store's pod is not ready either")
}

// OpenTier scales a web tier that CloseTier closed to what it had, and returns that; 0 where nobody closed it. One that was
// scaled since keeps what it was scaled to.
func (c *Cluster) OpenTier(ctx context.Context, at Region) (opened int, err error) {
	ctx, cancel := context.WithTimeout(ctx, closeWithin)
	defer cancel()
	web, err := c.client.AppsV1().Deployments(at.Namespace).Get(ctx, webDeployment, metav1.GetOptions{})
	for err != nil && pause.For(ctx, lookEvery) { // a server that boots
		web, err = c.client.AppsV1().Deployments(at.Namespace).Get(ctx, webDeployment, metav1.GetOptions{})
	}
	if err != nil {
		return 0, fmt.Errorf("read the web tier: %w", err)
	}
	had, closed := web.Annotations[closedTier]
	if !closed {
		return 0, nil
	}
	if opened, err = strconv.Atoi(had); err != nil {
		return 0, fmt.Errorf("annotation %s of the web tier is %q: %w", closedTier, had, err)
	}
	if now := webPodsOf(web); now > 0 {
		opened = now
	}
	return opened, c.scaleTier(ctx, at, opened, "null")
}

// webPodsOf is how many pods a Deployment is to have: 1 where it does not say, as Kubernetes has it.
func webPodsOf(web *appsv1.Deployment) int {
	if web.Spec.Replicas == nil {
		return 1
	}
	return int(*web.Spec.Replicas)
}

// ForgetClosed drops what CloseTier noted of a web tier: somebody has said since how many pods it is to have, none too. A
// region that has no web tier yet has nothing to forget.
func (c *Cluster) ForgetClosed(ctx context.Context, at Region) error {
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:null}}}`, closedTier)
	_, err := c.client.AppsV1().Deployments(at.Namespace).Patch(ctx, webDeployment, types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: FieldManager})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("forget that the web tier was closed: %w", err)
	}
	return nil
}

// scaleTier sets how many web pods there are to be, and what the annotation is, as JSON.
func (c *Cluster) scaleTier(ctx context.Context, at Region, replicas int, annotation string) error {
	patch := fmt.Sprintf(`{"metadata":{"annotations":{%q:%s}},"spec":{"replicas":%d}}`, closedTier, annotation, replicas)
	_, err := c.client.AppsV1().Deployments(at.Namespace).Patch(ctx, webDeployment, types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: FieldManager})
	if err != nil {
		return fmt.Errorf("scale the web tier to %d: %w", replicas, err)
	}
	return nil
}
