package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const fullDiskDrill = `title: A disk that runs full under the authority
fleet: three-regions
steady: {for: 2s, success: 90%}
steps:
  - {at: 0s, do: note, text: it may run full now}
end: 20s
`

// TestAFullDisk fills the disk under the authority's store, which leaves room for small writes:
// it is said by name, another region leads, nothing that was acknowledged is lost, and the
// region rejoins once there is room.
func TestAFullDisk(t *testing.T) {
	if os.Getenv("FLEETDRILL_TEST_SOAK") != "1" {
		t.Skip("SKIPPED: FLEETDRILL_TEST_SOAK is not 1; it runs a whole drill on a disk of its own (make test-soak)")
	}
	dir := t.TempDir()
	disk, state, said := filepath.Join(dir, "disk"), filepath.Join(dir, "state"), filepath.Join(dir, "said")
	regions := filepath.Join(state, "fleets", "three-regions", "regions")
	for _, d := range []string{disk, regions} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("SKIPPED: no disk of a few MB can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Errorf("somebody still uses the disk: %v", err)
		}
	})
	file := filepath.Join(dir, "full.drill.yaml")
	if err := errors.Join(os.Symlink(disk, filepath.Join(regions, "us-east")), os.WriteFile(file, []byte(fullDiskDrill), 0o600)); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(said)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(program, "run", file, "--on", "local", "--state-dir", state, "--report", filepath.Join(dir, "out"))
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	says := func(what string) bool {
		text, err := os.ReadFile(said)
		return err == nil && strings.Contains(string(text), what)
	}
	awaits(t, "the drill runs", 30*time.Second, func() bool { return says("it may run full now") })
	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	if !holds(15*time.Second, func() bool { return says("us-east is back and copies what it missed of orders") }) {
		t.Error("no other region leads")
	}
	if !says("no space left on device") {
		t.Error("it does not say what is wrong with the disk")
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // which says by its exit code that the drill was inconclusive
	text, _ := os.ReadFile(said)
	if cmd.ProcessState.ExitCode() != exitFailed || !says("us-east has caught up with orders") {
		t.Errorf("run: %v\n%s", cmd.ProcessState, text)
	}
	// What took the leader was the machine's disk, and nothing that the drill did: it proves nothing of what it asks.
	if !says("INCONCLUSIVE") || !says("no write of orders reached the disk of us-east for ") {
		t.Error("a drill whose machine had no room on its disk is not called inconclusive for that")
	}
	r := readReport(t, filepath.Join(dir, "out"))
	first := len(r.Failovers) > 0 && r.Failovers[0].From == "us-east" && r.Failovers[0].ByInstrument
	if !first || r.Writes.Lost == nil || *r.Writes.Lost != 0 {
		t.Errorf("failovers %+v, %d writes lost", r.Failovers, count(r.Writes.Lost))
	}
}

// fill writes a file until its disk has no room for a page.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, os.Getpagesize())
	for err == nil {
		_, err = f.Write(page)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}
