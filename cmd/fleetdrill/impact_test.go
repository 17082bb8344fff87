package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
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
	fmt.Println("fleet: fault | users predicted | measured of those who asked | lost at most | lost |")
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
			var found sampled
			why := ""
			for try := 1; try <= tries && (found.asked < enough || found.off()); try++ {
				run := filepath.Join(dir, strconv.Itoa(try))
				if which != "again" {
					c.run(t, program, run, try)
				}
				s, is, kept := read(t, run, which == "again")
				if !kept {
					break
				}
				if why = byTheMachine(s); why == "" {
					found.take(t, s, is)
				}
			}
			c.judge(t, found, why)
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

// run carries a case out, with a state folder of its own. Each try has a seed of its own: with the same one the same users ask the
// same at the same times.
func (c impactCase) run(t *testing.T, program, dir string, try int) {
	if c.needs != "" {
		if _, err := server.FindPrograms(t.Context(), ""); err != nil {
			t.Skip("NOT TESTED: ", err)
		}
	}
	if err := os.RemoveAll(dir); err != nil { // what an earlier run left
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "impact.yaml")
	if err := os.WriteFile(file, []byte(c.drill()), 0o600); err != nil {
		t.Fatal(err)
	}
	// Its verdict is no matter: a drill without objectives has only to be carried out.
	cmd := exec.Command(program, "run", file, "--on", "local", "--report", dir, "--seed", strconv.Itoa(try))
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if left, _ := filepath.Glob(filepath.Join(dir, "*.jsonl")); len(left) != 1 {
		t.Fatalf("%d journals, %v\n%s", len(left), err, out)
	}
}

const (
	// tries is how often a case is run at most, and enough how many users it is to be measured by: of two hundred a share has a
	// standard error of at most 3.5 points, so that the bound is nearly three of them. When all have recovered is one draw for all
	// users of a run, to half a second of few: a case that is off is judged by all its tries together.
	tries  = 3
	enough = 200
)

// sampled is what the runs of one case came to.
type sampled struct {
	asked, affected int
	predicted       float64 // users, of those who asked
	most, lost      []string
}

// take adds a run, of whose lost writes none may be above what was predicted of that run.
func (f *sampled) take(t *testing.T, s *drill.State, is runbook.Impact) {
	all := measure.Predictions(s)
	if len(all) != 1 {
		t.Fatalf("%d predictions of a command that was carried out", len(all))
	}
	p := all[0]
	f.asked, f.affected = f.asked+p.Measured.Asked, f.affected+p.Measured.Affected
	f.predicted += is.Share * float64(p.Measured.Asked)
	for _, name := range slices.Sorted(maps.Keys(is.WritesAtRisk)) {
		bound, count := is.WritesAtRisk[name], p.Lost(s, name)
		said, has := "?", "?"
		if bound != nil {
			said = strconv.FormatUint(*bound, 10)
		}
		if count.Known {
			has = strconv.Itoa(count.N)
		}
		f.most, f.lost = append(f.most, name+" "+said), append(f.lost, name+" "+has)
		if bound != nil && count.Known && uint64(count.N) > *bound {
			t.Errorf("%s lost %d writes, predicted were at most %d", name, count.N, *bound)
		}
	}
	if os.Getenv("FLEETDRILL_TEST_IMPACT_POPULATIONS") != "" {
		for _, u := range s.Populations {
			t.Logf("%s: %.1f %%, %.1f %%", u.Spec.Name, is.Users[u.Spec.Name]*100, measure.AffectedBy(s, p.ID, u.Spec.Name).Share*100)
		}
	}
}

// off reports whether what was predicted is too far from what was measured, by all that was taken.
func (f *sampled) off() bool {
	return f.asked > 0 && math.Abs(f.predicted-float64(f.affected)) > mostOff*float64(f.asked)
}

// judge holds what was predicted against what was measured, and writes a row of the table.
func (c impactCase) judge(t *testing.T, f sampled, why string) {
	if f.asked == 0 {
		t.Skip("NOT TESTED: ", cmp.Or(why, "it was not run"))
	}
	predicted, measured := f.predicted/float64(f.asked), float64(f.affected)/float64(f.asked)
	mark := ""
	if f.off() {
		mark = " off"
		t.Errorf("predicted %.1f %%, measured %.1f %% of %d users", predicted*100, measured*100, f.asked)
	}
	fmt.Printf("%s | %.1f %% | %.1f %% of %d | %s | %s |%s\n", c.name(), predicted*100, measured*100, f.asked, strings.Join(f.most, ", "), strings.Join(f.lost, ", "), mark)
}

// byTheMachine says why what a drill measured is not the fleet's doing; "" where it is.
func byTheMachine(s *drill.State) string {
	if len(s.Commands) == 0 {
		return "users were not served steadily before the fault"
	}
	if n := len(measure.Disturbances(s)); n > 0 {
		return "this machine stood still, or starved a region"
	}
	if verdict.TooFewSent(measure.Unsent(s)) {
		return "this machine could not send what users asked"
	}
	for _, e := range s.Timeline {
		if b, is := e.Body.(drill.RegionJudged); is && !b.Up && len(s.Faults) > 0 && e.T > s.Faults[0].From && !touched(s, b.Region) {
			return b.Region + " was called down, and no fault was near it"
		}
	}
	return ""
}

// touched reports whether a fault of the drill is on a region, on a link of it or on what shares its cluster. Whoever loses the hub
// judges nobody until it is back.
func touched(s *drill.State, region string) bool {
	return slices.ContainsFunc(s.Faults, func(f *drill.Fault) bool {
		near := append(slices.Clone(f.Effect.Stops), f.Between...)
		for _, w := range f.Effect.Weakens {
			near = append(near, w.Region)
		}
		return slices.Contains(topology.Falling(s.Fleet, near), region) || len(f.Effect.Cuts)+len(f.Effect.Reshapes) > 0 || slices.ContainsFunc(f.Effect.Stops, s.Fleet.Hub.Is)
	})
}

// read is a drill that was run, and what was predicted of its fault; or is anew, from the state of then.
func read(t *testing.T, dir string, anew bool) (state *drill.State, is runbook.Impact, kept bool) {
	journals, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if len(journals) != 1 {
		return nil, is, false
	}
	loaded, err := journal.Load(journals[0])
	if err != nil {
		t.Fatal(err)
	}
	state = drill.NewState()
	for _, e := range loaded.Events {
		if p, first := e.Body.(drill.ImpactPredicted); first {
			if is = p.Impact; anew {
				is, _ = action.Predict(state, state.Command(p.ID).Command)
			}
		}
		state.Apply(e)
	}
	return state, is, true
}
