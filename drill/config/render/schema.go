package render

import (
	_ "embed"
	"path"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/openapi"
)

// schema is what kustomize's own schema of Kubernetes says of the kinds that a fleet's repository begins with: how their lists are merged.
// All of that schema takes longer to read than to render a fleet of three regions, and a fleet that comes up waits for it.
//
//go:embed schema.json
var schema []byte

// kinds is what it has, each as "apiVersion kind".
var kinds = []string{
	"apps/v1 Deployment", "networking.k8s.io/v1 NetworkPolicy", "rbac.authorization.k8s.io/v1 Role", "rbac.authorization.k8s.io/v1 RoleBinding", "v1 ConfigMap",
}

// known is which of the two schemas kustomize has: it keeps one for the whole program. building guards it.
var known schemaOf

type schemaOf int

const (
	ofNothing schemaOf = iota
	ofKinds
	ofAll
)

// use has kustomize go by a schema. The caller holds building.
func use(of schemaOf) error {
	if known == of {
		return nil
	}
	known = ofNothing
	openapi.ResetOpenAPI()
	if of == ofKinds {
		openapi.SuppressBuiltInSchemaUse()
		if err := openapi.AddSchema(schema); err != nil {
			return err
		}
	}
	known = of
	return nil
}

// Prepare reads the schema of those kinds, which a repository's first revision needs.
func Prepare() {
	building.Lock()
	defer building.Unlock()
	if known == ofNothing {
		_ = use(ofKinds) // who renders finds the same error
	}
}

// schemaFor is what files need: of the few kinds where they have no other, and in a form in which that can be seen without reading YAML.
func schemaFor(files map[string][]byte) schemaOf {
	for _, k := range kustomizations(files) {
		if len(k.OpenAPI)+len(k.Crds)+len(k.Configurations)+len(k.Components)+len(k.Replacements)+len(k.ConfigMapGenerator)+len(k.SecretGenerator) > 0 {
			return ofAll
		}
		if strings.Join(k.inline(), "") != "" {
			return ofAll
		}
		for _, n := range k.read() {
			for _, p := range n.paths {
				if raw, is := files[path.Join(path.Dir(k.name), p)]; is && !plain(raw) { // else it is a folder, with a kustomization
					return ofAll
				}
			}
		}
	}
	return ofKinds
}

var (
	documents = regexp.MustCompile(`(?m)^---.*$`)
	heads     = regexp.MustCompile(`(?m)^["']?(apiVersion|kind)["']?[ \t]*:[ \t]*(.*?)[ \t\r]*$`)
)

// plain reports whether each document of a file says in a line each that it is of one of the kinds.
func plain(raw []byte) bool {
	for _, doc := range documents.Split(string(raw), -1) {
		said := map[string]string{}
		for _, m := range heads.FindAllStringSubmatch(doc, -1) {
			if _, twice := said[m[1]]; twice {
				return false
			}
			said[m[1]] = strings.Trim(m[2], `"'`)
		}
		if !slices.Contains(kinds, said["apiVersion"]+" "+said["kind"]) {
			return false
		}
	}
	return true
}
