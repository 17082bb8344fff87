package kube

import (
	"context"
	"errors"
	"fmt"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fleetdrill/fleetdrill/drill/pause"
)

// webDeployment is the web tier's name in kindconfigs/manifests/31-web.yaml.
const webDeployment = "web"

// ScaleWeb sets how many web pods the region is to have, by the scale subresource of its Deployment, and returns what
// that reads back. A tier that a fault closed is so no longer.
func (c *Cluster) ScaleWeb(ctx context.Context, at Region, replicas int) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	deployments := c.client.AppsV1().Deployments(at.Namespace)
	to := &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{Name: webDeployment, Namespace: at.Namespace},
		Spec:       autoscalingv1.ScaleSpec{Replicas: int32(replicas)},
	}
	if _, err := deployments.UpdateScale(ctx, webDeployment, to, metav1.UpdateOptions{FieldManager: FieldManager}); err != nil {
		return 0, fmt.Errorf("scale the web tier of %s to %d: %w", at.Name, replicas, err)
	}
	now, err := deployments.GetScale(ctx, webDeployment, metav1.GetOptions{})
	if err != nil {
		return 0, fmt.Errorf("read back: %w", err)
	}
	return int(now.Spec.Replicas), c.ForgetClosed(ctx, at)
}

// AwaitWeb waits until so many web pods of the region are ready, and no other is left.
func (c *Cluster) AwaitWeb(ctx context.Context, at Region, replicas int) error {
	terminal := Terminal{}
	for {
		pods, err := c.Pods(ctx, at)
		if err == nil {
			ready, all := 0, 0
			for i := range pods {
				if p := SeenPod(&pods[i]); p.Role == "web" {
					all++
					if p.Ready {
						ready++
					}
				}
			}
			if ready == replicas && all == replicas {
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
