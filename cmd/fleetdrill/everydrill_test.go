package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/past"
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
)

// comparedHere is the comparison that runs beside the drills: the shortest.
const comparedHere = "shared-vs-per-environment"

// TestEveryDrillPasses runs every drill that ships and one comparison on local fleets, as many at
// once as -parallel says, each with a state folder of its own. Their reports and journals go to
// FLEETDRILL_TEST_DRILLS, where the journals are played back afterwards.
//
// A drill that says of itself that this machine disturbed it tested nothing. It runs once more, with
// nothing beside it, and has to pass then. One that failed is not asked again.
func TestEveryDrillPasses(t *testing.T) {
	reports := os.Getenv("FLEETDRILL_TEST_DRILLS")
	if reports == "" {
		t.Skip("NOT TESTED: every shipped drill on a local fleet; make test-drills does")
	}
	if err := os.MkdirAll(reports, 0o755); err != nil {
		t.Fatal(err)
	}
	shipped, err := scenario.List()
	if err != nil || len(shipped.Drills) == 0 {
		t.Fatalf("%d drills ship: %v", len(shipped.Drills), err)
	}
	runs := []shippedRun{{name: "compared", args: []string{"compare", comparedHere, "--no-screen"}}}
	for _, d := range shipped.Drills {
		runs = append(runs, shippedRun{name: d.Plan.Name, args: []string{"run", d.Plan.Name}})
	}
	var mu sync.Mutex
	var again []shippedRun
	t.Run("beside others", func(t *testing.T) {
		for _, r := range runs {
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				if r.passes(t, filepath.Join(reports, r.name)) {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				again = append(again, r)
			})
		}
	})
	for _, r := range again {
		t.Run("alone/"+r.name, func(t *testing.T) {
			if !r.passes(t, filepath.Join(reports, r.name+"-alone")) {
				t.Error("this machine disturbed it again, with nothing beside it")
			}
		})
	}
	t.Logf("%d runs, of which %d were disturbed and ran again", len(runs), len(again))
}

// shippedRun is the arguments that run a drill or a comparison.
type shippedRun struct {
	name string
	args []string
}

// passes runs it and reports false where this machine disturbed it. It fails the test where it did
// not pass for another reason.
func (r shippedRun) passes(t *testing.T, reports string) bool {
	if err := os.Mkdir(reports, 0o755); err != nil { // its journals are this run's alone
		t.Fatal(err)
	}
	out, err := onLocal(t, append(r.args, "--report", reports)...)
	t.Logf("%s", out)
	if err == nil {
		return true
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == exitFailed {
		what, failure := disturbedIn(reports)
		if failure != nil {
			t.Fatalf("%v, and its report: %v", err, failure)
		}
		if what != "" {
			t.Logf("NOT TESTED beside others: %s", what)
			return false
		}
	}
	t.Errorf("%s: %v", strings.Join(r.args, " "), err)
	return true
}

// onLocal runs the built program on local fleets, with a state folder of its own, so that any number
// may run beside it.
func onLocal(t *testing.T, args ...string) ([]byte, error) {
	t.Helper()
	// Not the test's own folder, whose name may be longer than the path of a socket.
	state, err := os.MkdirTemp("", "drill-")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, append(args, "--on", "local")...)
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+state)
	cmd.WaitDelay = 10 * time.Second // a region that outlives the program holds its output open
	out, err := cmd.CombinedOutput()
	if left := os.RemoveAll(state); left != nil {
		t.Errorf("remove the state: %v", left)
	}
	return out, err
}

// disturbedIn says of runs that this machine disturbed why they are inconclusive; "" where it disturbed none, or one of
// them failed.
func disturbedIn(folder string) (string, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil || len(paths) == 0 {
		return "", fmt.Errorf("no journals in %s: %w", folder, err)
	}
	var whys []string
	for _, path := range paths {
		l, err := journal.Load(path)
		if err != nil {
			return "", err
		}
		s := past.StateOf(l)
		switch {
		case s.Verdict == drill.Passed:
		case s.Verdict == drill.Inconclusive && (verdict.TooFewSent(measure.Unsent(s)) || slices.ContainsFunc(measure.Disturbances(s), decides)):
			whys = append(whys, s.Why)
		default:
			return "", nil
		}
	}
	return strings.Join(whys, "; "), nil
}

// decides reports whether a disturbance keeps a drill from a verdict; that of a rejoin does not.
func decides(d measure.Disturbed) bool { return d.Rejoin == nil }
