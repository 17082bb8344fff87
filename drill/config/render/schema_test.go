package render

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/kyaml/openapi"

	"github.com/fleetdrill/fleetdrill/drill/config/seed"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var update = flag.Bool("update", false, "write schema.json anew")

// said is the parts of a schema by which objects are merged.
func said(in map[string]any) map[string]any {
	out := map[string]any{}
	for key, v := range in {
		switch key {
		case "$ref", "type", "x-kubernetes-group-version-kind", "x-kubernetes-list-map-keys", "x-kubernetes-patch-merge-key", "x-kubernetes-patch-strategy":
			out[key] = v
		case "additionalProperties", "items":
			if of, is := v.(map[string]any); is {
				out[key] = said(of)
			}
		case "properties":
			all := map[string]any{}
			for name, p := range v.(map[string]any) {
				all[name] = said(p.(map[string]any))
			}
			out[key] = all
		}
	}
	return out
}

// refs is the definitions that a schema names.
func refs(v any) (out []string) {
	of, _ := v.(map[string]any)
	for key, v := range of {
		if text, is := v.(string); is && key == "$ref" {
			out = append(out, strings.TrimPrefix(text, "#/definitions/"))
			continue
		}
		out = append(out, refs(v)...)
	}
	return out
}

// cut is what all of kustomize's schema says of kinds, and of what they name.
func cut(t *testing.T) []byte {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	if err := use(ofAll); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(openapi.Schema())
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Definitions map[string]map[string]any `json:"definitions"`
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	var next []string
	for name, d := range all.Definitions {
		of, _ := d["x-kubernetes-group-version-kind"].([]any)
		for _, v := range of {
			m := v.(map[string]any)
			group, _ := m["group"].(string)
			if slices.Contains(kinds, strings.TrimPrefix(group+"/", "/")+m["version"].(string)+" "+m["kind"].(string)) {
				next = append(next, name)
			}
		}
	}
	if len(next) != len(kinds) {
		t.Fatalf("kustomize knows %v of %v", next, kinds)
	}
	out := map[string]any{}
	for len(next) > 0 {
		name := next[0]
		next = next[1:]
		if out[name] == nil {
			d := said(all.Definitions[name])
			out[name] = d
			next = append(next, refs(d)...)
		}
	}
	raw, err = json.Marshal(map[string]any{"definitions": out})
	if err != nil {
		t.Fatal(err)
	}
	return append(raw, '\n')
}

// The schema of the few kinds is what kustomize's own says of them.
func TestTheSchemaIsKustomizes(t *testing.T) {
	want := cut(t)
	if *update {
		if err := os.WriteFile("schema.json", want, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(schema, want) {
		t.Error("schema.json is not what kustomize has; write it anew with -update")
	}
}

// What is rendered by the few kinds' schema is what is rendered by all of it, lists that are merged by their keys too.
func TestBothSchemasRenderTheSame(t *testing.T) {
	files := seed.Files(topology.Fleet{
		Name: "lab", Regions: []topology.Region{{Name: "a"}, {Name: "b"}, {Name: "c"}}, Web: topology.Web{Replicas: 2}, Datasets: []topology.Dataset{{Name: "orders"}},
	})
	if schemaFor(files) != ofKinds {
		t.Fatal("what a repository begins with needs all of the schema")
	}
	files["overlays/a/web.yaml"] = []byte(strings.Replace(string(files["overlays/a/web.yaml"]), "env: []", "env:\n            - {name: FLEETDRILL_WEB_VERSION, value: v9}\n            - {name: OWN, value: x}\n          ports: [{containerPort: 80, protocol: TCP}]\n      tolerations: [{key: a}]", 1))
	if schemaFor(files) != ofKinds {
		t.Fatal("a patch of a Deployment needs all of the schema")
	}
	var made [2][]map[string]any
	for i, of := range []schemaOf{ofKinds, ofAll} {
		disk, err := onDisk(files)
		if err != nil {
			t.Fatal(err)
		}
		for _, region := range []string{"a", "b", "c"} {
			m, err := kustomize(disk, "/"+Overlay(region), of)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range m.Resources() {
				object, err := r.Map()
				if err != nil {
					t.Fatal(err)
				}
				made[i] = append(made[i], object)
			}
		}
	}
	if !reflect.DeepEqual(made[0], made[1]) {
		t.Errorf("by the few kinds:\n%v\nby all:\n%v", made[0], made[1])
	}
	if text, _ := json.Marshal(made[0]); !strings.Contains(string(text), "v9") || !strings.Contains(string(text), "FLEETDRILL_CREDENTIALS") && !strings.Contains(string(text), "secretKeyRef") {
		t.Errorf("the patch was not merged: %s", text)
	}
}

// Files of another kind, or that leave it open, are rendered by all of the schema.
func TestOtherKindsNeedAllOfTheSchema(t *testing.T) {
	base := "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
	for name, of := range map[string]struct {
		kustomization, object string
		want                  schemaOf
	}{
		"a ConfigMap":                {"resources: [o.yaml]", "apiVersion: v1\nkind: ConfigMap\n", ofKinds},
		"quoted":                     {"resources: [o.yaml]", "\"kind\": \"ConfigMap\"\n'apiVersion': v1\n", ofKinds},
		"two documents":              {"resources: [o.yaml]", "apiVersion: v1\nkind: ConfigMap\n---\napiVersion: apps/v1\nkind: Deployment\n", ofKinds},
		"a Service beside":           {"resources: [o.yaml]", "apiVersion: v1\nkind: ConfigMap\n---\napiVersion: v1\nkind: Service\n", ofAll},
		"a patch of a StatefulSet":   {"patches: [{path: o.yaml}]", "apiVersion: apps/v1\nkind: StatefulSet\n", ofAll},
		"flow style":                 {"resources: [o.yaml]", "{apiVersion: v1, kind: ConfigMap}\n", ofAll},
		"another line of that shape": {"resources: [o.yaml]", "apiVersion: v1\nkind: ConfigMap\nkind: Service\n", ofAll},
		"a patch that stands in it":  {"resources: [o.yaml]\npatches: [{patch: '[]', target: {kind: ConfigMap}}]", "apiVersion: v1\nkind: ConfigMap\n", ofAll},
		"a generator":                {"configMapGenerator: [{name: a}]", "", ofAll},
		"a schema of its own":        {"openapi: {path: o.yaml}", "apiVersion: v1\nkind: ConfigMap\n", ofAll},
	} {
		files := map[string][]byte{"base/kustomization.yaml": []byte(base + of.kustomization + "\n"), "base/o.yaml": []byte(of.object)}
		if got := schemaFor(files); got != of.want {
			t.Errorf("%s: %d, want %d", name, got, of.want)
		}
	}
}
