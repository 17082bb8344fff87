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
	if !strings.HasPrefix(by, "kubectl --kubeconfig k.yaml --namespace fleetdrill-east exec -it store-0 -- psql --pset=pager=off --set=HISTFILE=/dev/null host=@fleetdrill-") ||
		!strings.Contains(by, "passfile='/data/orders/pg/pgpass'") {
		t.Errorf("by kubectl: %s", by)
	}

	// The node's shell is stood in for by this one's, and ctr by a script that says what it was asked: of
	// the two containers of that name the second runs.
	dir := t.TempDir()
	script := `#!/bin/sh
case "$3 $4" in
"containers ls") echo "$6" >` + filepath.Join(dir, "asked") + `; printf 'one\ntwo\n' ;;
"tasks ls") printf 'one 11 STOPPED\ntwo 12 RUNNING\n' ;;
*) for a in "$@"; do echo "<$a>"; done ;;
esac
`
	if err := os.WriteFile(filepath.Join(dir, "ctr"), []byte(script), 0o755); err != nil {
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
	got := strings.Join(strings.Fields(string(out)), " ")
	if !strings.HasPrefix(got, "<-n> <k8s.io> <tasks> <exec> <--tty> <--exec-id> <psql-") || !strings.Contains(got, "> <two> <psql> <--pset=pager=off> <--set=HISTFILE=/dev/null> <host=@fleetdrill-") {
		t.Errorf("ctr is asked for %s", got)
	}
	asked, _ := os.ReadFile(filepath.Join(dir, "asked"))
	if !strings.Contains(string(asked), `namespace"=="fleetdrill-east"`) || !strings.Contains(string(asked), `pod.name"=="store-0"`) {
		t.Errorf("the pod is looked for by %s", asked)
	}
}
