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
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

const measuredDrill = `title: Measure a failover
fleet: three-regions
steady: {for: 3s, success: 95%}
steps:
  - {at: 0s, do: kill, region: us-east}
  - {at: 1s, do: wait, for: recovered}
end: 1500ms
`

// TestMeasureLocal prints what the note's table wants of a local fleet, as
// medians of five whole commands, each with a seed of its own: when the next write
// is due after a promotion is a part of the RTO.
func TestMeasureLocal(t *testing.T) {
	if os.Getenv("FLEETDRILL_BENCH") == "" {
		t.Skip("SKIPPED: FLEETDRILL_BENCH is not set; it measures for two minutes (make bench)")
	}
	dir := t.TempDir()
	drillFile := filepath.Join(dir, "measure.yaml")
	if err := os.WriteFile(drillFile, []byte(measuredDrill), 0o600); err != nil {
		t.Fatal(err)
	}
	figures := map[string][]time.Duration{}
	note := func(name string, d time.Duration) { figures[name] = append(figures[name], d) }
	for i := range 5 {
		path := filepath.Join(dir, time.Now().Format("150405.000")+".jsonl")
		cmd := exec.Command(program, "run", drillFile, "--on", "local", "--journal", path, "--seed", fmt.Sprint(i+1))
		cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "state"))
		began := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() > exitFailed {
			t.Fatalf("run %d: %v\n%s", i, err, out)
		}
		loaded, err := journal.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		var taken time.Duration
		s := drill.NewState()
		for _, e := range loaded.Events {
			s.Apply(e)
			switch b := e.Body.(type) {
			case drill.AuthorityTook:
				started := e.At.Add(-e.T)
				note("exec to first acknowledged write", started.Add(b.At).Sub(began))
			case drill.CommandTaken:
				if b.Command.Verb == runbook.VerbKill {
					taken = e.T
				}
			case drill.FaultProved:
				note("kill asked for to fault proved", e.T-taken)
			}
		}
		for _, f := range s.Failovers {
			rto, known := f.RTO()
			if !known {
				t.Fatalf("run %d: no RTO", i)
			}
			detect, _ := f.Took(drill.StageDetect)
			fence, _ := f.Took(drill.StageFence)
			note("RTO", rto)
			note("RTO beyond detection and lease", rto-detect-fence)
		}
	}
	for _, name := range []string{"exec to first acknowledged write", "kill asked for to fault proved", "RTO", "RTO beyond detection and lease"} {
		all := figures[name]
		if len(all) == 0 {
			t.Errorf("%s was not measured", name)
			continue
		}
		slices.Sort(all)
		t.Logf("%-34s median %s (%s to %s, n=%d)", name, all[len(all)/2].Round(time.Millisecond),
			all[0].Round(time.Millisecond), all[len(all)-1].Round(time.Millisecond), len(all))
	}
}
