package clusterconfig

import (
	"path"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
)

// gatewayPorts is how many NodePorts from the one in our config on are gateways': one for each region of a shared cluster.
const gatewayPorts = 50

// nodes reads the nodes, and holds their number against the region's zones.
func (c config) nodes(n *yaml.Node) {
	workers := 0
	c.List(n, "nodes", "[{role: control-plane}, {role: worker}]", func(n *yaml.Node) {
		role, zone := "control-plane", ""
		if r := entry(n, "role"); r != nil {
			role = r.Value
		}
		if role == "worker" {
			if workers < len(c.of.Zones) {
				zone = c.of.Zones[workers]
			}
			workers++
		}
		c.node(n, zone)
	})
	all := roles(c.Root)
	if n.Kind == yaml.SequenceNode && len(n.Content) > 0 && !slices.Contains(all, "control-plane") {
		c.Bad(n, "no node is a control plane; add {role: control-plane}")
	}
	if zones := len(c.of.Zones); zones > 0 && workers != zones {
		c.Bad(n, "nodes has %d of role worker; %s has %d zones (%s), and each is one worker: write %d, or leave zones out", workers, c.of.Name, zones, c.of.Line, zones)
	}
}

func (c config) node(n *yaml.Node, zone string) {
	c.Mapping(n, "a node", []strict.Key{
		{Name: "role", Read: c.oneOf("role", "control-plane", "worker")},
		{Name: "image", Read: c.text("image")},
		{Name: "labels", Read: func(n *yaml.Node) { c.labels(n, zone) }},
		{Name: "extraMounts", Read: func(n *yaml.Node) {
			c.List(n, "extraMounts", "[{hostPath: /var/data, containerPath: /data}]", c.mount)
		}},
		{Name: "extraPortMappings", Read: func(n *yaml.Node) {
			c.List(n, "extraPortMappings", "[{containerPort: 30500, hostPort: 0}]", c.portMapping)
		}},
		{Name: "kubeadmConfigPatches", Read: c.kubeadmPatches},
		{Name: "kubeadmConfigPatchesJSON6902", Read: c.jsonPatches},
	})
}

// labels of a zone's node may not say that it is in another one.
func (c config) labels(n *yaml.Node, zone string) {
	c.entries("labels", "value", c.text("a label"))(n)
	for name, need := range map[string]string{zoneLabel: zone, regionLabel: c.of.Name} {
		if has := entry(n, name); has != nil && zone != "" && has.Value != need {
			c.Bad(has, "label %s is %s; fleetdrill needs %q, as it is a zone of %s (%s)", name, strict.Quote(has), need, c.of.Name, c.of.Line)
		}
	}
}

// The labels of Kubernetes that say where a node is.
const (
	zoneLabel   = "topology.kubernetes.io/zone"
	regionLabel = "topology.kubernetes.io/region"
)

func (c config) mount(n *yaml.Node) {
	c.Mapping(n, "a mount", []strict.Key{
		{Name: "containerPath", Read: c.containerPath, Must: "containerPath: /data"},
		{Name: "hostPath", Read: c.text("hostPath"), Must: "hostPath: /var/data"},
		{Name: "readOnly", Read: func(n *yaml.Node) { c.Boolean(n, "readOnly") }},
		{Name: "selinuxRelabel", Read: func(n *yaml.Node) { c.Boolean(n, "selinuxRelabel") }},
		{Name: "propagation", Read: c.oneOf("propagation", "None", "HostToContainer", "Bidirectional")},
	})
}

// containerPath is where a mount is in its node, whose own root it can't take the place of.
func (c config) containerPath(n *yaml.Node) {
	if at, ok := c.Scalar(n, "containerPath", "/data"); ok && (!path.IsAbs(at) || path.Clean(at) == "/") {
		c.Bad(n, "containerPath is %s; write the whole path of a folder in the node, like /data", strict.Quote(n))
	}
}

func (c config) portMapping(n *yaml.Node) {
	c.Mapping(n, "a port mapping", []strict.Key{
		{Name: "containerPort", Read: func(n *yaml.Node) {
			need := gatewayPort(c.ours.Root)
			var first int
			if port := c.Integer(n, "containerPort", 1, 65535); need.Decode(&first) == nil && port >= first && port < first+gatewayPorts {
				c.Bad(n, "containerPort is %d; fleetdrill needs %d to %d for the regions' gateways (%s:%d)", port, first, first+gatewayPorts-1, oursFile, need.Line)
			}
		}, Must: "containerPort: 30500"},
		{Name: "hostPort", Read: func(n *yaml.Node) { c.claim(n, c.Integer(n, "hostPort", 0, 65535)) }},
		{Name: "listenAddress", Read: c.text("listenAddress")},
		{Name: "protocol", Read: c.oneOf("protocol", "TCP", "UDP", "SCTP")},
	})
}

// gatewayPort is the port of the first region's gateway in our config.
func gatewayPort(root *yaml.Node) *yaml.Node {
	return at(elements(at(elements(at(root, "nodes"))[0], "extraPortMappings"))[0], "containerPort")
}
