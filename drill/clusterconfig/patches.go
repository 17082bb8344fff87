package clusterconfig

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml"
	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/strict"
)

// kubeadmPatches reads patches of kubeadm's documents, and holds each against ours of the same kind.
func (c config) kubeadmPatches(n *yaml.Node) {
	c.List(n, "kubeadmConfigPatches", "a text for each patch, with its kind in it", func(text *yaml.Node) {
		if _, ok := c.Scalar(text, "a patch", "a text with a kind in it"); !ok {
			return
		}
		doc, err := within(text)
		switch {
		case err != nil:
			c.Bad(text, "a patch is no YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
		case entry(doc, "kind") == nil:
			c.Bad(text, "a patch has no kind; begin it with kind: ClusterConfiguration, InitConfiguration, JoinConfiguration or KubeletConfiguration")
		default:
			kind := entry(doc, "kind").Value
			if need := patchOf(c.ours.Root, kind); need != nil {
				c.against([]string{kind}, doc, need)
			}
		}
	})
}

// against holds what a patch sets against what ours sets at the same place.
func (c config) against(path []string, has, need *yaml.Node) {
	if has.Kind == yaml.MappingNode && need.Kind == yaml.MappingNode && !isArguments(path[len(path)-1]) {
		for i := 0; i+1 < len(need.Content); i += 2 {
			name := need.Content[i].Value
			if own := entry(has, name); own != nil {
				c.against(append(slices.Clone(path), name), own, need.Content[i+1])
			}
		}
		return
	}
	where := strings.Join(path, ".")
	if isArguments(path[len(path)-1]) {
		set, ok := arguments(has)
		if !ok {
			c.needs(has, where, need)
			return
		}
		needed, _ := arguments(need)
		for name, arg := range set {
			if ours, both := needed[name]; both {
				c.argument(where+"."+name, name, arg.value, ours.value)
			}
		}
		return
	}
	if has.Kind != yaml.ScalarNode || need.Kind != yaml.ScalarNode || has.Value != need.Value {
		c.needs(has, where, need)
	}
}

// argument holds one argument against ours. Elections are off where there is one control plane only.
func (c config) argument(where, name string, has, need *yaml.Node) {
	if has.Value != need.Value && (name != elected || !c.several) {
		c.needs(has, where, need)
	}
}

// jsonPatches reads patches of RFC 6902, which kind applies after all others.
func (c config) jsonPatches(n *yaml.Node) {
	c.List(n, "kubeadmConfigPatchesJSON6902", "[{group: kubeadm.k8s.io, version: v1beta4, kind: ClusterConfiguration, patch: …}]", func(n *yaml.Node) {
		var kind, patch *yaml.Node
		c.Mapping(n, "a JSON patch", []strict.Key{
			{Name: "group", Read: c.text("group"), Must: "group: kubeadm.k8s.io"},
			{Name: "version", Read: c.text("version"), Must: "version: v1beta4"},
			{Name: "kind", Read: func(n *yaml.Node) { kind = n; c.text("kind")(n) }, Must: "kind: ClusterConfiguration"},
			{Name: "patch", Read: func(n *yaml.Node) { patch = n; c.text("patch")(n) }, Must: "patch, a list of op, path and value"},
		})
		if kind == nil || patch == nil || patch.Kind != yaml.ScalarNode {
			return
		}
		ops, err := within(patch)
		if err != nil || ops.Kind != yaml.SequenceNode {
			c.Bad(patch, "a JSON patch is a list of op, path and value; like [{op: add, path: /apiServer/certSANs, value: [a]}]")
			return
		}
		for _, op := range ops.Content {
			c.jsonOp(op, kind.Value)
		}
	})
}

// jsonOp holds one operation against our patch of the same kind.
func (c config) jsonOp(op *yaml.Node, kind string) {
	verb, path := entry(op, "op"), entry(op, "path")
	if verb == nil || path == nil || !strings.HasPrefix(path.Value, "/") {
		c.Bad(op, "an operation of a JSON patch has op and path; like {op: add, path: /apiServer/certSANs, value: [a]}")
		return
	}
	need := patchOf(c.ours.Root, kind)
	if need == nil || verb.Value == "test" {
		return
	}
	value := entry(op, "value")
	where := kind + strings.ReplaceAll(path.Value, "/", ".")
	parts := strings.Split(path.Value[1:], "/")
	for i, part := range parts {
		if i > 0 && isArguments(parts[i-1]) && (part == "-" || isNumber(part)) {
			c.jsonArgument(op, where, part, value, need)
			return
		}
		if need = entry(need, strings.NewReplacer("~1", "/", "~0", "~").Replace(part)); need == nil {
			return
		}
	}
	if value == nil || verb.Value == "remove" || value.Kind != yaml.ScalarNode || value.Value != need.Value {
		c.Bad(op, "%s of %s undoes what fleetdrill needs there (%s:%d)", verb.Value, where, oursFile, need.Line)
	}
}

// jsonArgument holds an operation on a list of arguments against ours: one that is added by its name, one that is replaced
// by its place, which nobody can know.
func (c config) jsonArgument(op *yaml.Node, where, place string, value, need *yaml.Node) {
	name := entry(value, "name")
	if place == "-" && name != nil {
		needed, _ := arguments(need)
		if ours, both := needed[name.Value]; both && entry(value, "value") != nil {
			c.argument(where+"."+name.Value, name.Value, entry(value, "value"), ours.value)
		}
		return
	}
	c.Bad(op, "%s sets an argument by its place, where one of fleetdrill's may be (%s:%d); add it with a path that ends in /-, and its name", where, oursFile, need.Line)
}

func isNumber(text string) bool {
	_, err := strconv.Atoi(text)
	return err == nil
}

// containerdPatches reads patches of containerd's config, in TOML.
func (c config) containerdPatches(n *yaml.Node) {
	c.List(n, "containerdConfigPatches", "a text for each patch, in TOML", func(text *yaml.Node) {
		if _, ok := c.Scalar(text, "a patch", "a text in TOML"); !ok {
			return
		}
		if _, err := toml.Load(text.Value); err != nil { // as kind reads it, minutes later
			c.Bad(text, "a patch of containerd is no TOML: %v", err)
			return
		}
		set := containerdSettings(text)
		for _, own := range elements(at(c.ours.Root, "containerdConfigPatches")) {
			for name, need := range containerdSettings(own) {
				if has, both := set[name]; both && has.value.Value != need.value.Value {
					c.Add(has.line, "%s is %q; fleetdrill needs %q (%s:%d)", name, has.value.Value, need.value.Value, oursFile, need.line)
				}
			}
		}
	})
}
