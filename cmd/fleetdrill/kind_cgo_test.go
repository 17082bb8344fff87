package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const oneRegionFile = `name: alone
regions:
  - {name: us-east, place: Virginia, jurisdiction: US}
users:
  - {name: americas, count: 100, rate: 5/s, writes: 50%, rtt: {us-east: 15ms}}
datasets:
  - {name: orders, engine: log, mode: async, authority: us-east, regions: [us-east]}
routing: {policy: nearest, dns_ttl: 1s, probe: {every: 500ms, timeout: 2s, down_after: 4, up_after: 3}}
failover: {decide: auto, fence: true}
web: {replicas: 1, capacity: 200/s}
`

// TestKindOfPlainInstall brings a kind region up with the program alone, built as go
// install does on a machine with a C compiler: dynamically linked, and its own agent.
func TestKindOfPlainInstall(t *testing.T) {
	if os.Getenv("FLEETDRILL_TEST_KIND") == "" {
		t.Skip("SKIPPED: FLEETDRILL_TEST_KIND is not set; it makes a real kind cluster and needs Docker (make test-kind)")
	}
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("SKIPPED: no C compiler (cc)")
	}
	dir := t.TempDir()
	plain := filepath.Join(dir, "fleetdrill")
	build := exec.Command("go", "build", "-o", plain, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build with cgo: %v\n%s", err, out)
	}
	file := filepath.Join(dir, "alone.fleet.yaml")
	if err := os.WriteFile(file, []byte(oneRegionFile), 0o600); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "state"), "KUBECONFIG="+filepath.Join(dir, "users-kubeconfig"), "FLEETDRILL_AGENT=")
	run := func(args ...string) string {
		cmd := exec.Command(plain, args...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		t.Logf("fleetdrill %s:\n%s", strings.Join(args, " "), out)
		if err != nil {
			t.Errorf("fleetdrill %s: %v", strings.Join(args, " "), err)
		}
		return string(out)
	}
	defer run("down")
	if out := run("up", "--on", "kind", "-f", file); !strings.Contains(out, "alone is up on kind") {
		t.Error("the region did not come up")
	}
}
