// Package clusterconfig reads a person's own kind config strictly, holds it against the one that every region's cluster is
// made by (kindconfigs/kind/region.yaml), and merges the two. Whatever would undo what fleetdrill needs is a problem that
// names both lines. The fields are kind's v1alpha4; a test holds them to kind's own types.
package clusterconfig

import (
	"net/netip"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/scenario/catalog"
	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/kindconfigs"
)

// Region is what a config is for: a region, or the first of several that share its cluster.
type Region struct {
	Name    string
	Cluster string   // unique in the fleet
	Zones   []string // names
	Line    string   // where the fleet file has it: "fleet.yaml:4"
}

// Reader reads the configs of a fleet's regions. The zero value is ready.
type Reader struct {
	ports map[int]claim // of this host, that a cluster publishes
}

type claim struct{ cluster, line string }

// files is the kind configs that ship.
var files = catalog.Sort{Noun: "kind config", Files: kindconfigs.Clusters, Dir: "kind"}

// Load is the text of a region's config: of one that ships, by its name, or of a file, whose path begins at dir. What is
// wrong in it is a strict.Problems.
func (r *Reader) Load(name, dir string, of Region) (string, error) {
	found, err := files.Find(name, dir)
	if err != nil {
		return "", err
	}
	if err := r.Check(found.Name, found.Data, of); err != nil {
		return "", err
	}
	return string(found.Data), nil
}

// Check reads a config for a region. What is wrong with it is a strict.Problems.
func (r *Reader) Check(file string, data []byte, of Region) error {
	c := config{Source: strict.Parse(file, data), of: of, reader: r}
	if c.Empty {
		c.Add(0, "is empty; see \"fleetdrill show small\" for an example")
	}
	var err error
	if c.ours, err = ours(); err != nil {
		return err
	}
	if c.Root != nil {
		c.several = count(roles(c.Root), "control-plane") > 1
		c.read()
	}
	return c.Err()
}

// config is one config being read.
type config struct {
	*strict.Source
	of      Region
	reader  *Reader
	ours    *strict.Source
	several bool // control planes
}

func (c config) read() {
	c.Mapping(c.Root, "a kind config", []strict.Key{
		{Name: "kind", Read: c.exactly("kind", "Cluster"), Must: "kind: Cluster"},
		{Name: "apiVersion", Read: c.exactly("apiVersion", apiVersion), Must: "apiVersion: " + apiVersion},
		{Name: "name", Read: func(n *yaml.Node) {
			c.Bad(n, "name is %s; fleetdrill names the cluster itself, after the fleet and the region (%s); leave it out", strict.Quote(n), c.of.Line)
		}},
		{Name: "nodes", Read: c.nodes},
		{Name: "networking", Read: c.networking},
		{Name: "featureGates", Read: c.entries("featureGates", "true", func(n *yaml.Node) { c.Boolean(n, "a feature gate") })},
		{Name: "runtimeConfig", Read: c.entries("runtimeConfig", `"true"`, c.text("a runtimeConfig"))},
		{Name: "kubeadmConfigPatches", Read: c.kubeadmPatches},
		{Name: "kubeadmConfigPatchesJSON6902", Read: c.jsonPatches},
		{Name: "containerdConfigPatches", Read: c.containerdPatches},
		{Name: "containerdConfigPatchesJSON6902", Read: c.texts("containerdConfigPatchesJSON6902")},
	})
}

const apiVersion = "kind.x-k8s.io/v1alpha4"

// exactly reads a value that can only be one.
func (c config) exactly(name, value string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || n.Value != value {
			c.Bad(n, "%s is %s; write %s", name, strict.Quote(n), value)
		}
	}
}

// text reads a value as it is.
func (c config) text(what string) func(*yaml.Node) {
	return func(n *yaml.Node) { c.Scalar(n, what, "a word") }
}

// texts reads a list of texts.
func (c config) texts(what string) func(*yaml.Node) {
	return func(n *yaml.Node) { c.List(n, what, "[a, b]", c.text("an entry of "+what)) }
}

// entries reads a mapping whose keys are anybody's.
func (c config) entries(what, example string, each func(*yaml.Node)) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			c.Bad(n, "%s is written as names and values; like {Name: %s}", what, example)
			return
		}
		for i := 1; i < len(n.Content); i += 2 {
			each(n.Content[i])
		}
	}
}

func (c config) oneOf(what string, known ...string) func(*yaml.Node) {
	return func(n *yaml.Node) { c.OneOf(n, what, known, "there are") }
}

// needs says that a config has something else than what we need, which is at a line of ours.
func (c config) needs(n *yaml.Node, what string, need *yaml.Node) {
	c.Bad(n, "%s is %s; fleetdrill needs %s (%s:%d)", what, strict.Quote(n), strict.Quote(need), oursFile, need.Line)
}

func (c config) networking(n *yaml.Node) {
	own := at(c.ours.Root, "networking")
	line := strconv.Itoa(own.Line - 1)
	same := func(name string) func(*yaml.Node) {
		return func(n *yaml.Node) {
			if need := at(own, name); n.Kind != yaml.ScalarNode || n.Value != need.Value {
				c.needs(n, "networking."+name, need)
			}
		}
	}
	c.Mapping(n, "networking", []strict.Key{
		{Name: "ipFamily", Read: same("ipFamily")},
		{Name: "apiServerPort", Read: func(n *yaml.Node) { c.claim(n, c.Integer(n, "apiServerPort", 0, 65535)) }},
		{Name: "apiServerAddress", Read: func(n *yaml.Node) {
			if a, err := netip.ParseAddr(n.Value); err != nil || !a.Is4() || !a.IsLoopback() {
				c.needs(n, "networking.apiServerAddress", at(own, "apiServerAddress"))
			}
		}},
		{Name: "podSubnet", Read: c.text("podSubnet")},
		{Name: "serviceSubnet", Read: same("serviceSubnet")},
		{Name: "disableDefaultCNI", Read: func(n *yaml.Node) {
			if c.Boolean(n, "disableDefaultCNI") {
				c.Bad(n, "disableDefaultCNI is true; fleetdrill needs kind's own network for its pods (%s:%s); leave it out", oursFile, line)
			}
		}},
		{Name: "kubeProxyMode", Read: func(n *yaml.Node) {
			if n.Value == "none" {
				c.Bad(n, "kubeProxyMode is none; fleetdrill reaches its pods by services (%s:%s); leave it out", oursFile, line)
				return
			}
			c.oneOf("kubeProxyMode", "iptables", "ipvs", "nftables")(n)
		}},
		{Name: "dnsSearch", Read: c.texts("dnsSearch")},
	})
}

// claim takes a port of this host for the cluster; 0 is any that is free.
func (c config) claim(n *yaml.Node, port int) {
	if port <= 0 {
		return
	}
	if c.reader.ports == nil {
		c.reader.ports = map[int]claim{}
	}
	line := c.File + ":" + strconv.Itoa(n.Line)
	if by, taken := c.reader.ports[port]; taken && by.cluster != c.of.Cluster {
		c.Bad(n, "port %d of this host is taken by %s (%s); write 0 for one that is free, or give %s a config of its own", port, by.cluster, by.line, c.of.Name)
		return
	}
	c.reader.ports[port] = claim{c.of.Cluster, line}
}
