package clusterconfig

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/kindconfigs"
)

// oursFile is our own config, as problems name it.
const oursFile = "kindconfigs/kind/region.yaml"

// ours is our own config, parsed with its lines.
var ours = sync.OnceValues(func() (*strict.Source, error) {
	raw, err := kindconfigs.Clusters.ReadFile("kind/region.yaml")
	if err != nil {
		return nil, err
	}
	s := strict.Parse(oursFile, raw)
	return s, s.Err()
})

// at finds what stands at a path of mappings' keys; nil where nothing does.
func at(n *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		if n = entry(n, name); n == nil {
			return nil
		}
	}
	return n
}

// entry is the value of a mapping's key; nil where there is none.
func entry(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// elements is a list's elements.
func elements(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.SequenceNode {
		return nil
	}
	return n.Content
}

// within parses the YAML that a text in a file is, with the lines that it has in that file.
func within(text *yaml.Node) (*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text.Value), &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) != 1 {
		return nil, fmt.Errorf("nothing is in it")
	}
	before := text.Line
	if text.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		before--
	}
	move(doc.Content[0], before)
	return doc.Content[0], nil
}

func move(n *yaml.Node, by int) {
	n.Line += by
	for _, c := range n.Content {
		move(c, by)
	}
}

// patchOf is our patch of a kind of kubeadm's documents; nil where we have none.
func patchOf(root *yaml.Node, kind string) *yaml.Node {
	for _, text := range elements(at(root, "kubeadmConfigPatches")) {
		if doc, err := within(text); err == nil && at(doc, "kind") != nil && at(doc, "kind").Value == kind {
			return doc
		}
	}
	return nil
}

// argument is an argument of a control plane's program, or of a kubelet.
type argument struct {
	value *yaml.Node
	line  int
}

// arguments reads extraArgs in both of kubeadm's ways: a mapping, or a list of names and values (v1beta4). It is false
// where n is neither.
func arguments(n *yaml.Node) (map[string]argument, bool) {
	all := map[string]argument{}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			all[n.Content[i].Value] = argument{n.Content[i+1], n.Content[i].Line}
		}
	case yaml.SequenceNode:
		for _, e := range n.Content {
			name, value := entry(e, "name"), entry(e, "value")
			if name == nil || value == nil {
				return nil, false
			}
			all[name.Value] = argument{value, value.Line}
		}
	default:
		return nil, false
	}
	return all, true
}

// isArguments reports whether a key holds arguments, which kind merges one by one.
func isArguments(name string) bool { return name == "extraArgs" || name == "kubeletExtraArgs" }

// elected is the argument that we turn off where there is one control plane, and that several need.
const elected = "leader-elect"

// containerdSettings is the settings of a patch of containerd's TOML, by their table and name, with their lines.
func containerdSettings(text *yaml.Node) map[string]argument {
	all, table := map[string]argument{}, ""
	line := text.Line
	if text.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		line--
	}
	for row := range strings.SplitSeq(text.Value, "\n") {
		line++
		row = strings.TrimSpace(row)
		if strings.HasPrefix(row, "[") {
			table = strings.Trim(row, "[] ")
			continue
		}
		if name, value, is := strings.Cut(row, "="); is && !strings.HasPrefix(row, "#") {
			value, _, _ = strings.Cut(value, " #")
			all[table+" "+strings.TrimSpace(name)] = argument{&yaml.Node{Kind: yaml.ScalarNode, Value: strings.Trim(strings.TrimSpace(value), `"'`)}, line}
		}
	}
	return all
}

// roles is the roles of a config's nodes; one control plane where it has none, as kind has it.
func roles(root *yaml.Node) (all []string) {
	for _, n := range elements(at(root, "nodes")) {
		role := "control-plane"
		if r := entry(n, "role"); r != nil {
			role = r.Value
		}
		all = append(all, role)
	}
	if len(all) == 0 {
		return []string{"control-plane"}
	}
	return all
}

// count is how many nodes have a role.
func count(roles []string, role string) int {
	return len(slices.DeleteFunc(slices.Clone(roles), func(r string) bool { return r != role }))
}
