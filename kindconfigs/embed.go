// Package kindconfigs holds what a fleet is made from, embedded: the config of
// a region's kind cluster, the manifests of the workload inside it, the fleet
// files that ship, and the board that shows a drill in Grafana. It has no logic:
// every file here is valid by itself and can be read, linted and applied by hand.
package kindconfigs

import "embed"

// Clusters holds kind/region.yaml, the kind config of one region's cluster, and
// kind/patches/*.yaml, kubeadm's patches of its control plane.
//
//go:embed kind/*.yaml kind/patches/*.yaml
var Clusters embed.FS

// Manifests holds manifests/*.yaml, the workload of one region, in the order in
// which it is applied.
//
//go:embed manifests/*.yaml
var Manifests embed.FS

// Grafana holds grafana/*.json, the boards that read what `--metrics` serves.
//
//go:embed grafana/*.json
var Grafana embed.FS
