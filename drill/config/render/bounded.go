package render

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"

	"go.yaml.in/yaml/v3"
)

// What files may come to once each alias stands for what it names. Kustomize holds all of that at once, and compares the keys of a mapping
// with one another: a small file can else have it take all of the machine's memory, and a long one minutes.
const (
	mostNodes   = 10_000  // scalars, lists and mappings of a file
	mostOfATree = 100_000 // and of all of them
)

// Bounded refuses files for kustomize to read that come to more than configuration does, or that have an alias for what contains it.
// What else there is in a repository does not matter.
func Bounded(files map[string][]byte) error {
	left := mostOfATree
	count := func(name string, raw []byte) error {
		n, err := nodes(raw, min(mostNodes, left))
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrBroken, name, err)
		}
		left -= n
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(files)) { // before one is read
		if isKustomization(name) {
			if err := count(name, files[name]); err != nil {
				return err
			}
		}
	}
	counted := map[string]bool{}
	for _, k := range kustomizations(files) {
		for _, patch := range k.inline() {
			if err := count(k.name, []byte(patch)); err != nil {
				return err
			}
		}
		for _, n := range k.read() {
			for _, p := range n.paths {
				name := path.Join(path.Dir(k.name), p)
				if counted[name] {
					continue
				}
				counted[name] = true
				if err := count(name, files[name]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// inline is the patches that stand in a kustomization itself.
func (k kustomization) inline() (out []string) {
	for _, p := range slices.Concat(k.Patches, k.PatchesJson6902) {
		out = append(out, p.Patch)
	}
	for _, p := range k.PatchesStrategicMerge {
		out = append(out, string(p))
	}
	return out
}

// nodes counts what stands in a file, at most so many. A file ends where it is no YAML: there kustomize ends too.
func nodes(raw []byte, most int) (n int, err error) {
	for docs := yaml.NewDecoder(bytes.NewReader(raw)); ; {
		var doc yaml.Node
		if docs.Decode(&doc) != nil {
			return n, nil
		}
		c := counter{most: most, seen: map[*yaml.Node]int{}}
		of, err := c.count(&doc)
		if err != nil {
			return 0, err
		}
		if n += of; n > most {
			return 0, tooMuch(&doc)
		}
	}
}

func tooMuch(at *yaml.Node) error {
	return fmt.Errorf("line %d: there are more than %d keys and values, aliases resolved, or %d in all files: no region's configuration needs that many", at.Line, mostNodes, mostOfATree)
}

// counter counts nodes of a document.
type counter struct {
	most int
	seen map[*yaml.Node]int // what each that has a name comes to; open while it is counted
}

const open = -1

func (c counter) count(n *yaml.Node) (int, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Anchor != "" {
		switch known, is := c.seen[n]; {
		case known == open:
			return 0, fmt.Errorf("line %d: &%s contains itself", n.Line, n.Anchor)
		case is:
			return known, nil
		}
		c.seen[n] = open
	}
	total := 1
	for _, below := range n.Content {
		of, err := c.count(below)
		if err != nil {
			return 0, err
		}
		if total += of; total > c.most {
			return 0, tooMuch(n)
		}
	}
	if n.Anchor != "" {
		c.seen[n] = total
	}
	return total, nil
}
