package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// rtoBeside is how much longer than on a local fleet a move may take on kind clusters.
const rtoBeside = 500 * time.Millisecond

// TestKindRow loses the authority of three real clusters, which are brought up once, again
// and again. FLEETDRILL_KIND_DRILLS is how often (make test-kind-ten: ten). Each drill
// passes, with one failover, about as fast as on a local fleet that is drilled before.
func TestKindRow(t *testing.T) {
	drills, err := strconv.Atoi(os.Getenv("FLEETDRILL_KIND_DRILLS"))
	if err != nil || os.Getenv("FLEETDRILL_TEST_KIND") == "" {
		t.Skip("SKIPPED: FLEETDRILL_TEST_KIND and FLEETDRILL_KIND_DRILLS are not both set; it makes three real kind clusters and needs Docker (make test-kind)")
	}
	dir := t.TempDir()
	env := append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "state"), "KUBECONFIG="+filepath.Join(dir, "users-kubeconfig"))
	fleetdrill := func(args ...string) (string, error) {
		cmd := exec.Command(program, args...)
		cmd.Env = env
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	lose := func(on string, seed int) (reportFile, error) {
		to := filepath.Join(dir, fmt.Sprintf("%s-%d", on, seed))
		out, err := fleetdrill("run", "lose-the-authority", "--on", on, "--seed", strconv.Itoa(seed), "--report", to)
		if err != nil {
			t.Logf("%s", out)
		}
		if _, missing := os.Stat(filepath.Join(to, "report.json")); missing != nil {
			t.Fatalf("run on %s: %v", on, err)
		}
		return readReport(t, to), err
	}
	local, err := lose("local", 1)
	beside, failovers := rtoOf(local)
	if err != nil || failovers != 1 {
		t.Fatalf("on a local fleet: %v, %+v", err, local.Failovers)
	}
	atMost := beside + rtoBeside.Seconds()
	t.Logf("MEASURED local fleet: RTO %.2f s", beside)

	before := ours(t)
	t.Cleanup(func() {
		if out, err := fleetdrill("down"); err != nil {
			t.Errorf("down: %v\n%s", err, out)
		}
		if after := ours(t); after != before {
			t.Errorf("left behind:\n%s\nwas there before:\n%s", after, before)
		}
	})
	began := time.Now()
	if out, err := fleetdrill("up", "--on", "kind", "-f", "three-regions"); err != nil {
		t.Fatalf("up: %v\n%s", err, out)
	}
	t.Logf("MEASURED three regions up: %.1f s", time.Since(began).Seconds())
	var rtos []float64
	for i := range drills {
		r, err := lose("kind", i+1)
		rto, failovers := rtoOf(r)
		if err != nil || r.Verdict != "passed" || failovers != 1 {
			t.Errorf("drill %d: %v, %s, failovers %+v", i+1, err, r.Verdict, r.Failovers)
			continue
		}
		rtos = append(rtos, rto)
		t.Logf("MEASURED drill %d: %s, 1 failover, RTO %.2f s, %d of %d acknowledged writes lost", i+1, r.Verdict, rto, count(r.Writes.Lost), count(r.Writes.Acknowledged))
		if rto > atMost {
			t.Errorf("drill %d: RTO %.2f s, on a local fleet %.2f s", i+1, rto, beside)
		}
	}
	if len(rtos) > 0 {
		t.Logf("MEASURED %d of %d passed with one failover, RTO %.2f to %.2f s", len(rtos), drills, slices.Min(rtos), slices.Max(rtos))
	}
}

// rtoOf is the RTO of the last failover, and how many there were; a switchover, which
// somebody asked for, is none.
func rtoOf(r reportFile) (seconds float64, failovers int) {
	for _, f := range r.Failovers {
		if f.Cause == "switchover" {
			continue
		}
		failovers++
		if f.RTO != nil {
			seconds = *f.RTO
		}
	}
	return seconds, failovers
}

// count is -1 for what was not measured.
func count(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}
