package kube

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// psql runs in the store's pod of the region that is meant, by kubectl or by way of the node.
func TestPsqlInThePod(t *testing.T) {
	at := Region{Name: "east", Namespace: "fleetdrill-east"}
	by := strings.Join(PsqlByKubectl("kubectl", "k.yaml", at, "orders"), " ")
	if !strings.HasPrefix(by, "kubectl --kubeconfig k.yaml --namespace fleetdrill-east exec -it store-0 -- psql host=@fleetdrill-") ||
		!strings.Contains(by, "passfile='/data/orders/pg/pgpass'") {
		t.Errorf("by kubectl: %s", by)
	}

	// The node's shell is stood in for by this one's, and crictl by a script that says what it was asked.
	dir := t.TempDir()
	script := "#!/bin/sh\nif [ \"$1\" = ps ]; then echo \"$@\" >" + filepath.Join(dir, "asked") + "; printf 'one\\ntwo\\n'; else for a in \"$@\"; do echo \"<$a>\"; done; fi\n"
	if err := os.WriteFile(filepath.Join(dir, "crictl"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	words := PsqlByNode("docker", "node-1", at, "orders")
	if got := strings.Join(words[:6], " "); got != "docker exec -it node-1 sh -c" {
		t.Fatalf("by the node: %s", got)
	}
	run := exec.Command(words[4], words[5:]...)
	run.Env = []string{"PATH=" + dir + ":/usr/bin:/bin"}
	out, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(got) != 5 || got[0] != "<exec>" || got[1] != "<-it>" || got[2] != "<one>" || got[3] != "<psql>" || !strings.HasPrefix(got[4], "<host=@fleetdrill-") {
		t.Errorf("crictl is asked for %q", got)
	}
	asked, _ := os.ReadFile(filepath.Join(dir, "asked"))
	if !strings.Contains(string(asked), "io.kubernetes.pod.namespace=fleetdrill-east") || !strings.Contains(string(asked), "io.kubernetes.pod.name=store-0") {
		t.Errorf("the pod is looked for by %s", asked)
	}
}
