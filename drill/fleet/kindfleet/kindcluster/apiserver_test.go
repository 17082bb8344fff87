package kindcluster

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The commands are run by a shell, on a folder that stands for the node's and with a pkill that is ours.
func TestTheManifestIsTakenAndGivenBack(t *testing.T) {
	for _, tt := range []struct {
		name, pkill string
		taken       bool
	}{
		{"an API server that runs", "#!/bin/sh\ntest \"$*\" = '-KILL -x kube-apiserver'\n", true},
		{"none runs: all stays as it was", "#!/bin/sh\nexit 1\n", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, bin := t.TempDir(), t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "manifests"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(manifest(dir), []byte("kind: Pod\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(bin, "pkill"), []byte(tt.pkill), 0o700); err != nil {
				t.Fatal(err)
			}
			sh := func(script string) error {
				cmd := exec.Command("sh", "-c", script)
				cmd.Env = []string{"PATH=" + bin + ":" + os.Getenv("PATH")}
				out, err := cmd.CombinedOutput()
				t.Logf("%s", out)
				return err
			}
			there := func() bool { _, err := os.Stat(manifest(dir)); return err == nil }
			if err := sh(TakeAPI(dir)); (err == nil) != tt.taken || there() == tt.taken {
				t.Errorf("taken: %v, the manifest is there: %t", err, there())
			}
			for range 2 { // the second time there is nothing to give
				if err := sh(GiveAPI(dir)); err != nil || !there() {
					t.Errorf("given back: %v, the manifest is there: %t", err, there())
				}
			}
		})
	}
}
