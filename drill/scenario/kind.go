package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/clusterconfig"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// readKind reads a region's own kind config: a file beside the fleet's, or one that ships.
func readKind(r *fleetReader, n *yaml.Node, g *topology.Region) {
	if n == nil {
		return
	}
	name, ok := r.Scalar(n, "kind", "./my-region.yaml or small")
	if !ok {
		return
	}
	of := clusterconfig.Region{Name: g.Name, Cluster: cmp.Or(g.Cluster, g.Name), Zones: g.ZoneNames(), Line: fmt.Sprintf("%s:%d", filepath.Base(r.File), n.Line)}
	var err error
	var wrong Problems
	if g.Kind, err = r.kinds.Load(name, filepath.Dir(r.File), of); errors.As(err, &wrong) {
		r.also = append(r.also, wrong...)
	} else if err != nil {
		r.Bad(n, "%s", err)
	}
}
