package render

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"
)

// Contained refuses kustomizations that take anything but files of the repository itself. Kustomize would fetch a URL, and clone another
// repository with this machine's git, while all reconcilers wait for it; and what a revision is would no longer stand in it.
func Contained(files map[string][]byte) error {
	known := map[string]bool{}
	for name := range files {
		for p := name; !known[p]; p = path.Dir(p) {
			known[p] = true
		}
	}
	for _, k := range kustomizations(files) {
		if err := k.contained(known); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrBroken, k.name, err)
		}
	}
	return nil
}

// kustomization is one, as kustomize reads it.
type kustomization struct {
	types.Kustomization
	name string // its file's path
}

// kustomizations is those of a tree, by their paths, but for those that kustomize can't read and refuses itself.
func kustomizations(files map[string][]byte) (out []kustomization) {
	for name, content := range files {
		k := kustomization{name: name}
		if isKustomization(name) && k.Unmarshal(content) == nil {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b kustomization) int { return strings.Compare(a.name, b.name) })
	return out
}

func isKustomization(name string) bool {
	return slices.Contains(konfig.RecognizedKustomizationFileNames(), path.Base(name))
}

// named is what stands in one field of a kustomization.
type named struct {
	field string
	paths []string
}

func (k kustomization) contained(known map[string]bool) error {
	for field, n := range map[string]int{
		"generators": len(k.Generators), "transformers": len(k.Transformers), "validators": len(k.Validators),
		"helmCharts": len(k.HelmCharts) + len(k.HelmChartInflationGenerator),
	} {
		if n > 0 { // they can name what is elsewhere in files of their own
			return fmt.Errorf("fleetdrill runs no %s; commit what they would make", field)
		}
	}
	if len(k.Vars) > 0 {
		return errors.New("vars are deprecated by kustomize, and not taken here; use replacements")
	}
	for _, n := range append(k.read(), k.data()...) {
		for _, p := range n.paths {
			if p != "" && (elsewhere(p) || !known[path.Join(path.Dir(k.name), p)]) {
				return fmt.Errorf("%s has %q, which is no file and no folder of this repository", n.field, p)
			}
		}
	}
	return nil
}

// read is the files and folders that kustomize reads objects, patches and rules of.
func (k kustomization) read() []named {
	out := []named{
		{"resources", k.Resources}, {"bases", k.Bases}, {"components", k.Components}, {"configurations", k.Configurations}, {"crds", k.Crds},
		{"openapi", []string{k.OpenAPI["path"]}},
	}
	for _, p := range slices.Concat(k.Patches, k.PatchesJson6902) {
		out = append(out, named{"patches", []string{p.Path}})
	}
	for _, p := range k.PatchesStrategicMerge {
		if !strings.ContainsAny(string(p), "\n{") { // else it is the patch itself
			out = append(out, named{"patchesStrategicMerge", []string{string(p)}})
		}
	}
	for _, r := range k.Replacements {
		out = append(out, named{"replacements", []string{r.Path}})
	}
	return out
}

// data is the files whose contents are taken as they are.
func (k kustomization) data() (out []named) {
	for _, g := range k.ConfigMapGenerator {
		out = append(out, sources("configMapGenerator", g.KvPairSources))
	}
	for _, g := range k.SecretGenerator {
		out = append(out, sources("secretGenerator", g.KvPairSources))
	}
	return out
}

// sources is the files of which a generator makes an object; each may stand behind the key that it gets.
func sources(field string, s types.KvPairSources) named {
	out := named{field, append(slices.Clone(s.EnvSources), s.EnvSource)}
	for _, f := range s.FileSources {
		if _, p, key := strings.Cut(f, "="); key {
			f = p
		}
		out.paths = append(out.paths, f)
	}
	return out
}

// elsewhere reports whether kustomize takes a path for a URL, or for a repository as git does: with a scheme, a user, or at GitHub.
// It does so before it looks whether there is such a file.
func elsewhere(p string) bool {
	return path.IsAbs(p) || strings.ContainsAny(p, ":@") || strings.HasPrefix(strings.ToLower(p), "github.com/")
}
