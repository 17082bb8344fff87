// Package remark says of a fleet that is right what its author may not have meant.
package remark

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/clusterconfig"
	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Of is what a fleet that is right costs all the same, and its author may not have meant:
// regions that keep no replica of a dataset, whose users' reads go further or are refused,
// control planes that need an image more, and configuration that nobody brings to regions.
func Of(f topology.Fleet) []string {
	var notes []string
	for _, d := range f.Datasets {
		if !slices.ContainsFunc(f.Users, func(p topology.Population) bool { return slices.Contains(f.DatasetsOf(p), d.Name) }) {
			continue // nobody reads it
		}
		var without []string // "REGION (+ROUND TRIP to REGION)"
		for _, region := range f.Regions {
			if slices.Contains(d.Regions, region.Name) {
				continue
			}
			if err := d.Residency(region.Name, region.Jurisdiction); err != nil {
				notes = append(notes, fmt.Sprintf("%s: reads and writes of its users there are refused", err))
				continue
			}
			near, rtt := nearestHolder(f, d, region.Name)
			without = append(without, fmt.Sprintf("%s (+%s to %s)", region.Name, strict.Written(rtt), near))
		}
		if n := len(without); n > 0 {
			last := strings.Join(without[max(0, n-2):], " and ")
			list := strings.Join(append(without[:max(0, n-2)], last), ", ")
			keeps := "keep"
			if n == 1 {
				keeps = "keeps"
			}
			notes = append(notes, fmt.Sprintf("%s %s no replica of %s: reads of users there go on to the nearest region that does; each takes that round trip more, and its answer counts as egress",
				list, keeps, d.Name))
		}
	}
	for _, r := range f.Regions {
		if controlPlanes, _ := clusterconfig.Nodes(r.Kind); controlPlanes > 1 {
			notes = append(notes, fmt.Sprintf("%s has %d control planes: on kind, a load balancer in front of them is pulled beside the node image (%s), and the region takes the memory of %d nodes",
				r.Name, controlPlanes, clusterconfig.BalancerImage, nodesOf(r)))
		}
	}
	return notes
}

func nodesOf(r topology.Region) int {
	controlPlanes, workers := clusterconfig.Nodes(r.Kind)
	return controlPlanes + workers
}

// nearestHolder is the region with a replica of a dataset that is nearest to another region,
// and the round trip between them; equals in the dataset's order.
func nearestHolder(f topology.Fleet, d topology.Dataset, region string) (string, time.Duration) {
	rtts := f.RTTs(region)
	near := slices.MinFunc(d.Regions, func(a, b string) int { return cmp.Compare(rtts[a], rtts[b]) })
	return near, rtts[near]
}
