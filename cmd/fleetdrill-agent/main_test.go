package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// maxSize is the largest agent that a region is to load, in bytes.
const maxSize = 15_000_000

// The modules that the agent is made of beside our own and the standard library.
// Another one is a decision: it is made here. gopsutil (with numcpus and sysconf below it) finds the processes of a
// database that is to hang, on Linux and macOS; go-spiffe verifies who calls.
var mayContain = []string{"go.etcd.io/bbolt", "github.com/jackc/", "github.com/miekg/dns", "github.com/shirou/gopsutil/v4/", "github.com/spiffe/go-spiffe/v2/", "github.com/tklauser/", "golang.org/x/"}

func TestAgentIsWithoutKindAndScreen(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	const module = "github.com/fleetdrill/fleetdrill/"
	ours := []string{"cmd/fleetdrill-agent", "drill/build", "drill/agent", "drill/agent/answer", "drill/agent/apiserver", "drill/agent/objects", "drill/config", "drill/agent/discovery", "drill/agent/front", "drill/identity", "drill/identity/workload", "drill/agent/peers", "drill/agent/web", "drill/agent/zone", "drill/agent/process", "drill/agent/inprocess", "drill/agent/wire", "drill/clean", "drill/instrument", "drill/pause", "drill/role", "drill/store", "drill/store/", "drill/topology"}
	packages := strings.Fields(string(out))
	if len(packages) < 10 {
		t.Fatalf("go list names only %q", packages)
	}
	for _, p := range packages {
		room, is := strings.CutPrefix(p, module)
		if is && !slices.ContainsFunc(ours, func(a string) bool { return room == a || strings.HasSuffix(a, "/") && strings.HasPrefix(room, a) }) {
			t.Errorf("the agent contains our %s", room)
		}
		if !is && !slices.ContainsFunc(mayContain, func(a string) bool { return strings.HasPrefix(p, a) }) {
			t.Errorf("the agent contains %s", p)
		}
	}
}

// TestAgentIsSmallAndStatic builds the agent as the Makefile does.
func TestAgentIsSmallAndStatic(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short; it builds the agent")
	}
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("SKIPPED: make is not installed")
	}
	dir := t.TempDir()
	build := exec.Command("make", "agent", "BIN="+dir)
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("make agent: %v\n%s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(dir, "fleetdrill-agent*"))
	if err != nil || len(files) == 0 || runtime.GOOS != "linux" && len(files) < 2 {
		t.Fatalf("make agent built %q, %v", files, err)
	}
	for _, path := range files {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", filepath.Base(path), info.Size())
		if info.Size() > maxSize {
			t.Errorf("%s has %d bytes, above %d", filepath.Base(path), info.Size(), maxSize)
		}
		f, err := elf.Open(path)
		if err != nil {
			if runtime.GOOS == "linux" {
				t.Error(err)
			}
			continue // this machine's own, which is not for an image
		}
		defer f.Close()
		for _, p := range f.Progs {
			if p.Type == elf.PT_INTERP {
				t.Errorf("%s is dynamically linked", filepath.Base(path))
			}
		}
	}
	out, err := exec.Command(filepath.Join(dir, "fleetdrill-agent"), "--version").Output()
	if words := strings.Fields(string(out)); err != nil || len(words) != 2 || words[1] == "dev" {
		t.Errorf("--version: %q, %v; want the build that the Makefile links in", out, err)
	}
}
