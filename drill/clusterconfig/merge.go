package clusterconfig

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Merge is our config with a person's own laid over it, which Check has found right; "" is ours alone. Their nodes stand
// for ours, of which the first control plane keeps the mappings of ports. Patches of both apply.
func Merge(own string) (map[string]any, error) {
	source, err := ours()
	if err != nil {
		return nil, err
	}
	var merged, theirs map[string]any
	if err := source.Root.Decode(&merged); err != nil {
		return nil, err
	}
	if own == "" {
		return merged, nil
	}
	if err := yaml.Unmarshal([]byte(own), &theirs); err != nil {
		return nil, fmt.Errorf("read the region's kind config: %w", err)
	}
	for name, value := range theirs {
		switch has := merged[name].(type) {
		case map[string]any:
			over, _ := value.(map[string]any)
			for k, v := range over {
				has[k] = v
			}
		case []any:
			over, _ := value.([]any)
			if name == "nodes" {
				keepPorts(over, has)
				merged[name] = over
				break
			}
			merged[name] = append(has, over...)
		default:
			merged[name] = value
		}
	}
	if controlPlanes, _ := Nodes(own); controlPlanes > 1 {
		return merged, elect(merged)
	}
	return merged, nil
}

// BalancerImage is what kind puts in front of several control planes (its v0.33: pkg/cluster/internal/loadbalancer).
const BalancerImage = "docker.io/envoyproxy/envoy:v1.36.2"

// Nodes is how many control planes and workers a person's config has; without one there is one control plane.
func Nodes(own string) (controlPlanes, workers int) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(own), &doc); err != nil || len(doc.Content) == 0 {
		return 1, 0
	}
	all := roles(doc.Content[0])
	return count(all, "control-plane"), count(all, "worker")
}

// NodeImages is the images that a person's config names for its nodes, each once; a node that names none has the fleet's.
func NodeImages(own string) (images []string) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(own), &doc); err != nil || len(doc.Content) == 0 {
		return nil
	}
	for _, n := range elements(at(doc.Content[0], "nodes")) {
		if image := entry(n, "image"); image != nil && !slices.Contains(images, image.Value) {
			images = append(images, image.Value)
		}
	}
	return images
}

// keepPorts puts our mappings of ports before those of the first control plane.
func keepPorts(theirs, ours []any) {
	own, _ := ours[0].(map[string]any)
	mappings, _ := own["extraPortMappings"].([]any)
	for _, n := range theirs {
		node, _ := n.(map[string]any)
		if role := node["role"]; node == nil || role != nil && role != "control-plane" {
			continue
		}
		more, _ := node["extraPortMappings"].([]any)
		node["extraPortMappings"] = append(append([]any{}, mappings...), more...)
		return
	}
}

// elect lets the control planes elect who leads, which our patch turns off where there is one only.
func elect(config map[string]any) error {
	patches, _ := config["kubeadmConfigPatches"].([]any)
	for i, p := range patches {
		text, _ := p.(string)
		var doc map[string]any
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			return err
		}
		changed := false
		for _, program := range []string{"controllerManager", "scheduler"} {
			settings, _ := doc[program].(map[string]any)
			args, _ := settings["extraArgs"].(map[string]any)
			if args[elected] == "false" {
				delete(args, elected)
				changed = true
			}
		}
		if !changed {
			continue
		}
		raw, err := yaml.Marshal(doc)
		if err != nil {
			return err
		}
		patches[i] = string(raw)
	}
	return nil
}
