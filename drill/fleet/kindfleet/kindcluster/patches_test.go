package kindcluster

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// kubeadm takes a patch by its file's name, and applies it to the container of that name.
func TestPatchesAreWritten(t *testing.T) {
	script, err := patchesScript()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "patches")
	if out, err := exec.Command("sh", "-c", strings.ReplaceAll(script, patchesDir, dir)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, name := range []string{"etcd", "kube-apiserver", "kube-scheduler"} {
		raw, err := os.ReadFile(filepath.Join(dir, name+"+strategic.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var pod struct {
			Spec struct {
				Containers []struct {
					Name           string
					ReadinessProbe struct{ PeriodSeconds int }
				}
			}
		}
		if err := yaml.Unmarshal(raw, &pod); err != nil {
			t.Fatal(err)
		}
		if c := pod.Spec.Containers; len(c) != 1 || c[0].Name != name || c[0].ReadinessProbe.PeriodSeconds != 30 {
			t.Errorf("%s: %+v", name, c)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 3 {
		t.Errorf("%d files", len(left))
	}
}
