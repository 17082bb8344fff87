package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal"
)

const broughtUp = `title: Measure a bring-up
fleet: fleet.yaml
steady: {for: 1s, success: 50%}
steps:
  - {at: 0s, do: note, text: up}
end: 100ms
`

// TestMeasureBringUp prints how long a fleet takes from the command to its warm-up, where its platform gives regions what they run and
// where the first reconciliation does, in turn, and the ratio of the two.
func TestMeasureBringUp(t *testing.T) {
	if os.Getenv("FLEETDRILL_BENCH") == "" {
		t.Skip("SKIPPED: FLEETDRILL_BENCH is not set; it measures for a minute (make bench)")
	}
	took := map[string][]time.Duration{}
	for n := range 14 {
		how := []string{"platform", "pull"}[n%2]
		dir := t.TempDir()
		spec := fmt.Sprintf(cpuFleet, 10)
		if how == "pull" {
			spec += "config: {mode: pull}\n"
		}
		for name, text := range map[string]string{"fleet.yaml": spec, "up.yaml": broughtUp} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(dir, "j.jsonl")
		cmd := exec.Command(program, "run", filepath.Join(dir, "up.yaml"), "--on", "local", "--journal", path)
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "state"))
		began := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() > exitFailed {
			t.Fatalf("%v\n%s", err, out)
		}
		loaded, err := journal.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		s := drill.NewState()
		for _, e := range loaded.Events {
			if s.Apply(e); s.Phase == drill.PhaseSteady {
				took[how] = append(took[how], e.At.Sub(began))
				break
			}
		}
	}
	median := func(how string) time.Duration {
		all := took[how]
		if len(all) == 0 {
			t.Fatalf("no fleet came up by %s", how)
		}
		slices.Sort(all)
		t.Logf("by %-8s %v", how, all)
		return all[len(all)/2]
	}
	platform, pull := median("platform"), median("pull")
	t.Logf("median: by the platform %s, by the first reconciliation %s, ratio %.2f", platform.Round(time.Millisecond), pull.Round(time.Millisecond), pull.Seconds()/platform.Seconds())
}
