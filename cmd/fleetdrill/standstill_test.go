//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/report"
)

// stoppedFor is longer than a lease and a probe's timeouts: without a watch over itself the program takes every region for
// down.
const stoppedFor = 4 * time.Second

// TestImpactOfAStandstill stops the program, and not the fleet, as ctrl-z does, just after its fault: the drill says so,
// and is neither passed nor failed.
func TestImpactOfAStandstill(t *testing.T) {
	program := os.Getenv("FLEETDRILL_BIN")
	if os.Getenv("FLEETDRILL_TEST_IMPACT") == "" || program == "" {
		t.Skip("NOT TESTED: a standstill of the program on a real local fleet; make test-impact does")
	}
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "drill.yaml")
	if err := os.WriteFile(file, []byte(impactCase{fleet: "two-regions", fault: "do: kill, region: eu-west", undo: "do: restore, region: eu-west", after: 8 * time.Second}.drill()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "run", file, "--on", "local", "--report", dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	for lines := bufio.NewScanner(io.TeeReader(out, &told)); lines.Scan(); {
		if !strings.Contains(lines.Text(), "kill eu-west, asked by drill") {
			continue
		}
		if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		time.Sleep(stoppedFor)
		if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitFailed {
		t.Errorf("the drill ended with %v", err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r report.Report
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatal(err)
	}
	longest := report.Standstill{}
	for _, s := range r.Standstills {
		if s.Region == nil && s.For > longest.For {
			longest = s
		}
	}
	if r.Verdict != "inconclusive" || longest.For < stoppedFor.Seconds() || !longest.Disturbed {
		t.Errorf("%s, the longest standstill is %+v", r.Verdict, longest)
	}
	if !strings.Contains(told.String(), "fleetdrill stood still for 4") {
		t.Error("the timeline does not say it")
	}
	if t.Failed() {
		t.Log(told.String())
	}
}
