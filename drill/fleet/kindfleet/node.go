package kindfleet

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
)

// clusterLabel is the label by which kind knows its nodes.
const clusterLabel = "io.x-k8s.kind.cluster"

// ours reports whether the container is the node that is on record. Where no id
// could be recorded (fleetdrill died while kind was making the node), it has to
// carry the cluster's label and to be no older than the record.
func ours(c host.Container, cluster, id string, recorded time.Time) bool {
	// skew is how far the engine's clock may be off in a virtual machine that slept.
	const skew = time.Minute
	if c.Config.Labels[clusterLabel] != cluster {
		return false
	}
	if id != "" {
		return c.ID == id
	}
	return c.Created.After(recorded.Add(-skew))
}
