package image

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/clusterconfig"
	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
)

// OfNodes has the engine get the images that clusters are made of and that it has not: the nodes', and what the clusters' own
// kind configs ask for beside it. They are got before anything is made and before kind would, whose own pull can't be
// interrupted and prints little. typed is as OfStore's.
func OfNodes(ctx context.Context, e *host.Runtime, typed func(line string), nodes string, configs []string) error {
	const choose = "name one that the engine has with --node-image or FLEETDRILL_NODE_IMAGE"
	if err := get(ctx, e, typed, "node image", nodes, choose); err != nil {
		return err
	}
	for _, own := range configs {
		for _, image := range clusterconfig.NodeImages(own) {
			if err := get(ctx, e, typed, "node image", image, "load it into "+e.Name+", or leave image: out of the region's kind config"); err != nil {
				return err
			}
		}
		if controlPlanes, _ := clusterconfig.Nodes(own); controlPlanes > 1 {
			if err := get(ctx, e, typed, balancer, clusterconfig.BalancerImage, balancerNext(e)); err != nil {
				return fmt.Errorf("%d control planes need a load balancer: %w", controlPlanes, err)
			}
		}
	}
	return nil
}

const balancer = "load balancer image"

// balancerNext is what to do without the load balancer's image: kind takes no other.
func balancerNext(e *host.Runtime) string {
	return fmt.Sprintf("pull it where there is a registry and bring it here (%s save, %[1]s load), or give the region a kind config of one control plane", e.Name)
}

// LookForBalancer finds out whether the engine has the image that a kind config of several control planes needs. It is nil where no engine
// answers.
func LookForBalancer(ctx context.Context) []host.Finding {
	e, err := host.Detect(ctx)
	if err != nil {
		return nil
	}
	return []host.Finding{lookForBalancer(ctx, e)}
}

func lookForBalancer(ctx context.Context, e *host.Runtime) host.Finding {
	f := host.Finding{
		Name: balancer, Optional: true, Found: clusterconfig.BalancerImage,
		Needed: "kind configs of several control planes (kind: ha-control-plane); all others need nothing",
	}
	if there, err := has(ctx, e, clusterconfig.BalancerImage); err != nil || !there {
		f.Found += " is not there"
		f.Fix = fmt.Sprintf("%s pull %s, or %s", e.Name, clusterconfig.BalancerImage, balancerNext(e))
		return f
	}
	f.OK = true
	return f
}

// has reports whether the engine has an image.
func has(ctx context.Context, e *host.Runtime, image string) (bool, error) {
	_, err := e.Run(ctx, host.LookWithin, "image", "inspect", image)
	if err != nil && host.Refused(err, "no such image", "not found", "not known", "no such object") {
		return false, nil
	}
	return err == nil, err
}

// get has the engine get an image that it has not. what is the image, next what to do if that fails. typed is as OfStore's.
func get(ctx context.Context, e *host.Runtime, typed func(line string), what, image, next string) error {
	if there, err := has(ctx, e, image); err != nil {
		return fmt.Errorf("look for %s %s: %w", what, image, err)
	} else if there {
		return nil
	}
	typed(e.Name + " pull " + image)
	if _, err := e.Run(ctx, pullWithin, "pull", image); err != nil {
		return fmt.Errorf("get %s %s: %w; %s", what, image, err, next)
	}
	return nil
}

// pullWithin is long: a node's image has about 350 MB.
const pullWithin = 15 * time.Minute
