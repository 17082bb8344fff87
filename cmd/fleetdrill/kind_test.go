package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKindDrill runs a shipped drill on real kind clusters, from the command
// line, and then looks for anything left.
func TestKindDrill(t *testing.T) {
	if os.Getenv("FLEETDRILL_TEST_KIND") == "" {
		t.Skip("SKIPPED: FLEETDRILL_TEST_KIND is not set; it makes real kind clusters and needs Docker (make test-kind)")
	}
	dir := t.TempDir()
	env := append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "state"), "KUBECONFIG="+filepath.Join(dir, "users-kubeconfig"))
	before := ours(t)
	began := time.Now()
	cmd := exec.Command(program, "run", "lose-the-authority", "--on", "kind", "--report", filepath.Join(dir, "out"))
	cmd.Env = env
	out, err := cmd.CombinedOutput()
	t.Logf("%s\n%s", time.Since(began).Round(time.Second), out)
	if err != nil {
		down := exec.Command(program, "down")
		down.Env = env
		left, downErr := down.CombinedOutput()
		t.Fatalf("run: %v; down: %s (%v)", err, left, downErr)
	}
	r := readReport(t, filepath.Join(dir, "out"))
	if r.Verdict != "passed" || len(r.Faults) == 0 || r.Faults[0].Proof == "" {
		t.Errorf("report: %+v", r)
	}
	if len(r.Failovers) == 0 || r.Failovers[0].RTO == nil || *r.Failovers[0].RTO <= 0 {
		t.Errorf("no RTO was measured: %+v", r.Failovers)
	}
	if len(r.Rejoins) == 0 {
		t.Error("the killed region did not rejoin")
	}
	if after := ours(t); after != before {
		t.Errorf("left behind:\n%s\nwas there before:\n%s", after, before)
	}
	if _, err := os.Stat(filepath.Join(dir, "users-kubeconfig")); err == nil {
		t.Error("the user's kubeconfig was written")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "state", "fleetdrill", "fleets", "*")); len(left) > 0 {
		t.Errorf("files left: %v", left)
	}
}

// report is what the tests read of report.json.
type reportFile struct {
	Verdict string `json:"verdict"`
	Faults  []struct {
		Kind   string   `json:"kind"`
		At     *float64 `json:"at_s"`
		Proved *float64 `json:"proved_s"`
		Proof  string   `json:"proof"`
	} `json:"faults"`
	Failovers []struct {
		From   string              `json:"from"`
		To     string              `json:"to"`
		RTO    *float64            `json:"rto_s"`
		Stages map[string]*float64 `json:"stages"`
		Lost   *int                `json:"lost_writes"`
	} `json:"failovers"`
	Rejoins []struct {
		Region   string `json:"region"`
		Diverged *int   `json:"diverged_writes"`
	} `json:"rejoins"`
	Writes struct {
		Acknowledged *int `json:"acknowledged"`
		Lost         *int `json:"lost"`
	} `json:"writes"`
}

func readReport(t *testing.T, dir string) reportFile {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r reportFile
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return r
}

// ours lists the containers and volumes that the engine has, sorted by name.
func ours(t *testing.T) string {
	t.Helper()
	var all []string
	for _, args := range [][]string{{"ps", "-a", "--format", "container {{.Names}}"}, {"volume", "ls", "--format", "volume {{.Name}}"}} {
		out, err := exec.Command("docker", args...).Output()
		if err != nil {
			t.Fatalf("docker %v: %v", args, err)
		}
		all = append(all, strings.Fields(strings.ReplaceAll(string(out), " ", ":"))...)
	}
	return strings.Join(all, "\n")
}
