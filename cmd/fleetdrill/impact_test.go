package main

import (
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
)

// mostOff is how far a predicted share of users may be from the measured one.
const mostOff = 0.10

// TestImpact holds what is predicted of single faults against what was measured of the same
// command, on real local fleets by way of the program and its report alone.
// FLEETDRILL_TEST_IMPACT is "few", "all", or "again": that predicts anew from the journals of runs which were kept in
// $FLEETDRILL_TEST_IMPACT_KEEP, without a fleet, and holds it against what those measured.
func TestImpact(t *testing.T) {
	which, program, keep := os.Getenv("FLEETDRILL_TEST_IMPACT"), os.Getenv("FLEETDRILL_BIN"), os.Getenv("FLEETDRILL_TEST_IMPACT_KEEP")
	if which == "" || program == "" {
		t.Skip("NOT TESTED: predictions against real local fleets; make test-impact does")
	}
	fmt.Println("fleet: fault | users predicted | measured | lost at most | lost")
	// A case can be run alone: -run 'TestImpact/heavy-data:_do:_freeze'.
	for _, c := range impactCases(t) {
		if which == "few" && !c.few {
			continue
		}
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel() // as many as -parallel says
			dir := filepath.Join(keep, strings.Map(plain, c.name()))
			if keep == "" {
				dir = t.TempDir()
			}
			if which != "again" {
				c.run(t, program, dir)
			}
			c.judge(t, dir, which == "again")
		})
	}
}

// plain leaves what a folder's name is made of.
func plain(r rune) rune {
	if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' {
		return r
	}
	return '_'
}

// run carries a case out, with a state folder of its own.
func (c impactCase) run(t *testing.T, program, dir string) {
	if c.needs != "" {
		if _, err := server.FindPrograms(t.Context(), ""); err != nil {
			t.Skip("NOT TESTED: ", err)
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "impact.yaml")
	if err := os.WriteFile(file, []byte(c.drill()), 0o600); err != nil {
		t.Fatal(err)
	}
	// Its verdict is no matter: a drill without objectives has only to be carried out.
	cmd := exec.Command(program, "run", file, "--on", "local", "--report", dir)
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil && testing.Verbose() {
		t.Logf("%v\n%s", err, out)
	}
}

// judge holds what was predicted against what was measured.
func (c impactCase) judge(t *testing.T, dir string, anew bool) {
	journals, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if len(journals) == 0 && anew {
		t.Skip("NOT TESTED: no journal of it was kept")
	}
	if len(journals) != 1 {
		t.Fatalf("%d journals", len(journals))
	}
	loaded, err := journal.Load(journals[0])
	if err != nil {
		t.Fatal(err)
	}
	state := drill.NewState()
	predicted := map[int]runbook.Impact{}
	for _, e := range loaded.Events {
		if p, is := e.Body.(drill.ImpactPredicted); is {
			predicted[p.ID] = p.Impact
			if anew {
				predicted[p.ID], _ = action.Predict(state, state.Command(p.ID).Command)
			}
		}
		state.Apply(e)
	}
	all := measure.Predictions(state)
	if len(all) != 1 {
		t.Fatalf("%d predictions", len(all))
	}
	c.compare(t, state, all[0], predicted[all[0].ID])
}

func (c impactCase) compare(t *testing.T, s *drill.State, p measure.Prediction, is runbook.Impact) {
	if !p.Measured.Known {
		t.Fatalf("nobody asked")
	}
	most, lost := "", ""
	for _, name := range slices.Sorted(maps.Keys(is.WritesAtRisk)) {
		bound, count := is.WritesAtRisk[name], p.Lost(s, name)
		if bound == nil {
			most += name + " ? "
		} else {
			most += fmt.Sprintf("%s %d ", name, *bound)
		}
		if count.Known {
			lost += fmt.Sprintf("%s %d ", name, count.N)
		}
		if bound != nil && count.Known && uint64(count.N) > *bound {
			t.Errorf("%s lost %d writes, predicted were at most %d", name, count.N, *bound)
		}
	}
	mark := ""
	if math.Abs(is.Share-p.Measured.Share) > mostOff {
		mark = " OFF"
		t.Errorf("predicted %.1f %%, measured %.1f %%", is.Share*100, p.Measured.Share*100)
	}
	fmt.Printf("%s | %.1f %% | %.1f %% | %s | %s |%s\n", c.name(), is.Share*100, p.Measured.Share*100, most, lost, mark)
	if os.Getenv("FLEETDRILL_TEST_IMPACT_POPULATIONS") != "" {
		for _, u := range s.Populations {
			fmt.Printf("    %s: %.1f %% | %.1f %%\n", u.Spec.Name, is.Users[u.Spec.Name]*100, measure.AffectedBy(s, p.ID, u.Spec.Name).Share*100)
		}
	}
}
