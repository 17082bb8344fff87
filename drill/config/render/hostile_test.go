package render

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/seed"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// two is the files of a fleet of two regions.
func two() map[string][]byte {
	return seed.Files(topology.Fleet{
		Name: "two", Regions: []topology.Region{{Name: "us-east"}, {Name: "eu-west"}}, Datasets: []topology.Dataset{{Name: "orders"}}, Web: topology.Web{Replicas: 2},
	})
}

const overlayFile = "overlays/us-east/kustomization.yaml"

// refused builds us-east of files with some put in place, and holds the error against what it has to say.
func refused(t *testing.T, says string, put map[string]string) {
	t.Helper()
	files := two()
	for name, content := range put {
		files[name] = []byte(content)
	}
	_, err := New().Objects(t.Name(), "us-east", files)
	if !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), says) {
		t.Errorf("%v: it has to be refused, saying %q", err, says)
	}
	if err := New().Check(t.Name(), files, []string{"us-east", "eu-west"}); !errors.Is(err, ErrBroken) {
		t.Errorf("%v: the check has to refuse it too", err)
	}
}

// What is rendered is the repository's alone: nothing is fetched, cloned or run.
func TestNothingOfElsewhereIsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{}, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			asked <- struct{}{}
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	url := "http://" + l.Addr().String() + "/a.yaml"
	for name, text := range map[string]string{
		"a URL":                        "resources: [../../base, '" + url + "']",
		"a patch's URL":                "resources: [../../base]\npatches: [{path: '" + url + "'}]",
		"an old patch's URL":           "resources: [../../base]\npatchesStrategicMerge: ['" + url + "']",
		"a JSON patch's URL":           "resources: [../../base]\npatchesJson6902: [{path: '" + url + "', target: {kind: Deployment}}]",
		"a replacement's URL":          "resources: [../../base]\nreplacements: [{path: '" + url + "'}]",
		"a data URL":                   "resources: [../../base]\nconfigMapGenerator: [{name: a, files: ['k=" + url + "']}]",
		"an env URL":                   "resources: [../../base]\nsecretGenerator: [{name: a, envs: ['" + url + "']}]",
		"an old env URL":               "resources: [../../base]\nsecretGenerator: [{name: a, env: '" + url + "'}]",
		"a schema's URL":               "resources: [../../base]\nopenapi: {path: '" + url + "'}",
		"a CRD's URL":                  "resources: [../../base]\ncrds: ['" + url + "']",
		"a configuration's URL":        "resources: [../../base]\nconfigurations: ['" + url + "']",
		"a repository of this machine": "resources: [../../base, 'file:///tmp//base']",
		"a repository by SSH":          "resources: [../../base, 'git@127.0.0.1:a/b']",
		"a repository at GitHub":       "resources: [../../base, GitHub.com/a/b]",
		"a component of GitHub":        "resources: [../../base]\ncomponents: [github.com/a/b]",
		"an old base of GitHub":        "bases: [../../base, 'github.com/a/b?ref=main']",
		"a file of this machine":       "resources: [../../base, /etc/hosts]",
		"a file above":                 "resources: [../../base, ../../../../etc/hosts]",
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, overlayFile+": ", map[string]string{overlayFile: text, "overlays/us-east/GitHub.com/a/b": "x", "overlays/us-east/github.com/a/b": "x"})
			refused(t, "which is no file and no folder of this repository", map[string]string{overlayFile: text})
		})
	}
	for _, field := range []string{"generators", "transformers", "validators"} {
		refused(t, "fleetdrill runs no "+field, map[string]string{
			overlayFile:               "resources: [../../base]\n" + field + ": [t.yaml]",
			"overlays/us-east/t.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npath: '" + url + "'",
		})
	}
	refused(t, "fleetdrill runs no helmCharts", map[string]string{overlayFile: "resources: [../../base]\nhelmCharts: [{name: a, repo: '" + url + "'}]"})
	if len(asked) > 0 {
		t.Errorf("%d requests were sent while revisions were rendered", len(asked))
	}
}

// A small file can't take the machine's memory, nor a long one its time.
func TestFilesThatGrowAreRefused(t *testing.T) {
	const patch = "overlays/us-east/features.yaml"
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
	for i := range 9 {
		bomb += fmt.Sprintf("a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 8), i)
	}
	var long strings.Builder
	long.WriteString("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: features}\ndata:\n")
	for i := range mostNodes / 2 {
		fmt.Fprintf(&long, "  k%d: v\n", i)
	}
	refused(t, patch+": line", map[string]string{patch: bomb})
	refused(t, patch+": line 4: &a contains itself", map[string]string{patch: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: features}\ndata: &a {x: *a}\n"})
	refused(t, patch+": line", map[string]string{patch: long.String()})
	refused(t, overlayFile+": line", map[string]string{overlayFile: "resources: [../../base]\nx:\n  " + strings.ReplaceAll(bomb, "\n", "\n  ")})
	refused(t, overlayFile+": line", map[string]string{overlayFile: "resources: [../../base]\npatches:\n  - patch: |-\n      " + strings.ReplaceAll(bomb, "\n", "\n      ")})
	refused(t, patch+" has 1025 KiB", map[string]string{patch: "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: features}\ndata: {a: " + strings.Repeat("x", mostBytes+1024) + "}\n"})
	refused(t, "line", map[string]string{overlayFile: "resources: [../../base, ../../bomb.txt]", "bomb.txt": bomb})
}

// What nobody reads may be as it is, and so may what kustomize takes as it stands; aliases are no harm by themselves.
func TestFilesThatAreNotReadMayBeLong(t *testing.T) {
	files := two()
	files["package-lock.yaml"] = []byte(strings.Repeat("- a\n", mostNodes*2))
	files["overlays/us-east/dashboard.json"] = []byte("[" + strings.Repeat("1,", mostNodes*2) + "1]")
	files[overlayFile] = append(files[overlayFile], "configMapGenerator: [{name: dashboard, files: [d=dashboard.json]}]\nlabels: [{pairs: &p {app.kubernetes.io/managed-by: fleetdrill-config}}, {pairs: *p}]\n"...)
	if _, err := New().Objects("long", "us-east", files); err != nil {
		t.Error(err)
	}
}

// What is deprecated means what it did, and nothing is written past the screen.
func TestDeprecatedFieldsAreTakenInSilence(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := os.Stderr
	os.Stderr = w
	t.Cleanup(func() { os.Stderr = stderr })
	files := two()
	files[overlayFile] = []byte(`bases: [../../base]
commonLabels: {team: a}
imageTags: [{name: fleetdrill.local/agent, newTag: v9}]
patchesStrategicMerge:
  - network.yaml
  - |-
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: features}
    data: {beta: "on"}
patchesJson6902:
  - target: {kind: Deployment, name: web}
    patch: '[{"op": "replace", "path": "/spec/replicas", "value": 5}]'
`)
	objects, err := New().Objects("old", "us-east", files)
	if err != nil {
		t.Fatal(err)
	}
	m, err := config.MeaningOf(objects)
	if err != nil || m.Replicas == nil || *m.Replicas != 5 || m.Flags["beta"] != "on" || !m.Reaches("eu-west") {
		t.Errorf("it means %+v: %v", m, err)
	}
	for _, o := range objects {
		if config.At(o, "metadata", "labels", "team") != "a" {
			t.Errorf("%v lacks the label", o)
		}
		if o["kind"] == "Deployment" && config.At(o, "spec", "selector", "matchLabels", "team") != "a" {
			t.Error("the selector lacks the label")
		}
		if text := fmt.Sprint(o); o["kind"] == "Deployment" && !strings.Contains(text, "fleetdrill.local/agent:v9") {
			t.Errorf("the image has another tag: %s", text)
		}
	}
	os.Stderr = stderr
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if said, err := io.ReadAll(r); err != nil || len(said) > 0 {
		t.Errorf("%q stands on the screen: %v", said, err)
	}
	refused(t, "vars are deprecated", map[string]string{overlayFile: "resources: [../../base]\nvars: [{name: a, objref: {kind: Deployment, name: web, apiVersion: apps/v1}}]\n"})
}

// A version is passed to processes, and shown: it is a tag.
func TestAVersionIsATag(t *testing.T) {
	for _, v := range []string{`v1\n   0.000s  forged`, `v1\0`, `v 1`, strings.Repeat("v", 200)} {
		web := "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: agent, env: [{name: FLEETDRILL_VERSION, value: \"" + v + "\"}]}]}}}\n"
		files := two()
		files["overlays/us-east/web.yaml"] = []byte(web)
		if _, err := New().Objects(v, "us-east", files); !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), "write it as the tag of an image") {
			t.Errorf("%q: %v", v, err)
		}
	}
}
