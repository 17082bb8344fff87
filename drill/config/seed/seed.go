// Package seed makes the first commit of a fleet's repository of its fleet file: a base that all regions share, and an overlay a region.
package seed

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/routing"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Values that a fleet begins with.
const (
	Version = "v1"
	Secret  = config.FirstSecret
)

// Files is the repository of a fleet: base/ and overlays/REGION/, as kustomize reads them.
func Files(f topology.Fleet) map[string][]byte {
	files := map[string]string{
		"README.md":               readme(f),
		"base/kustomization.yaml": baseKustomization,
		"base/web.yaml":           web(f),
		"base/features.yaml":      features,
		"base/network.yaml":       network,
		"base/roles.yaml":         roles(f),
	}
	for _, r := range f.Regions {
		folder := path.Join("overlays", r.Name)
		files[path.Join(folder, "kustomization.yaml")] = overlay(f, r)
		files[path.Join(folder, "features.yaml")] = flagsOf(r)
		files[path.Join(folder, "network.yaml")] = reachOf(f, r)
		files[path.Join(folder, "web.yaml")] = webOf()
	}
	out := map[string][]byte{}
	if len(f.Routing.Weights) > 0 {
		out[routing.File] = routing.Begin(f.Routing.Weights, f.RegionNames())
	}
	for name, content := range files {
		out[name] = []byte(content)
	}
	return out
}

func readme(f topology.Fleet) string {
	return fmt.Sprintf(`# %s

What the regions of this fleet run. Each has what overlays/REGION makes of base (kubectl kustomize overlays/%s shows it);
reconcilers give it to them. A commit on main reaches every region by itself, unless the fleet is in manual mode.
`, f.Name, f.Regions[0].Name)
}

const baseKustomization = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: ` + config.Namespace + `
resources: [web.yaml, features.yaml, network.yaml, roles.yaml]
# By this label reconcilers know what is theirs.
labels:
  - pairs: {` + config.LabelManaged + `: ` + config.ManagedHere + `}
`

// web is the Deployment of the web tier. What a pod needs beside it is not governed: the platform gives it.
func web(f topology.Fleet) string {
	return fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: %s
spec:
  replicas: %d
  selector:
    matchLabels: {fleetdrill/role: web}
  template:
    metadata:
      labels: {fleetdrill/role: web}
    spec:
      containers:
        - name: %s
          image: fleetdrill.local/agent
          env:
            - name: %s
              value: %s
            # Requests per second of one replica; 0 is any number.
            - name: %s
              value: %q
            # The Secret is made in each region by itself: only its name stands in Git.
            - name: %s
              valueFrom:
                secretKeyRef: {name: %s, key: password, optional: true}
`, config.Web, max(f.Web.Replicas, 1), config.Container, config.EnvVersion, Version, config.EnvCapacity, capacity(f), config.EnvCredentials, Secret)
}

func capacity(f topology.Fleet) string { return strconv.FormatFloat(f.Web.PerReplica(), 'f', -1, 64) }

const features = `apiVersion: v1
kind: ConfigMap
metadata:
  name: ` + config.Features + `
data:
  # Whether regions refuse their users' writes.
  ` + config.FlagReadOnly + `: "false"
`

// network lets nothing leave a region but to those that its overlay names.
const network = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ` + config.DenyAll + `
spec:
  podSelector: {}
  policyTypes: [Egress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ` + config.Regions + `
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: []
`

// roles lets the web tier write each dataset.
func roles(f topology.Fleet) string {
	var docs []string
	for _, d := range f.Datasets {
		docs = append(docs, fmt.Sprintf(`apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: %[1]s
rules:
  - apiGroups: [%[2]s]
    resources: [datasets]
    resourceNames: [%[3]s]
    verbs: [create]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: %[1]s
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: %[1]s}
subjects:
  - {kind: ServiceAccount, name: web, namespace: %[4]s}
`, config.Writer+d.Name, config.Group, d.Name, config.Namespace))
	}
	return strings.Join(docs, "---\n")
}

func overlay(f topology.Fleet, r topology.Region) string {
	return fmt.Sprintf(`apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../../base]
patches:
  - path: features.yaml
  - path: network.yaml
  - path: web.yaml
replicas:
  - name: %s
    count: %d
`, config.Web, f.WebReplicas(r.Name))
}

func flagsOf(r topology.Region) string {
	return fmt.Sprintf(`# What is different in %s alone.
apiVersion: v1
kind: ConfigMap
metadata:
  name: %s
data: {}
`, r.Name, config.Features)
}

// webOf is a patch that changes nothing yet: where a version or a capacity of one region goes.
func webOf() string {
	return fmt.Sprintf(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: %s
spec:
  template:
    spec:
      containers:
        - name: %s
          env: []
`, config.Web, config.Container)
}

// reachOf names the other regions, as the namespaces that are labelled with them.
func reachOf(f topology.Fleet, r topology.Region) string {
	var b strings.Builder
	fmt.Fprintf(&b, `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: %s
spec:
`, config.Regions)
	if len(f.Regions) == 1 {
		b.WriteString("  egress: []\n")
		return b.String()
	}
	b.WriteString("  egress:\n    - to:\n")
	for _, other := range f.Regions {
		if other.Name != r.Name {
			fmt.Fprintf(&b, "        - namespaceSelector: {matchLabels: {%s: %s}}\n", config.LabelRegion, other.Name)
		}
	}
	return b.String()
}
