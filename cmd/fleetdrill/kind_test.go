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

// The fleet and drill of TestKindDrill. Its probes are patient: while one cluster
// boots on a small machine the others answer late, and that is not what is tested.
const (
	kindFleetFile = `name: ci
regions:
  - {name: us-east, place: Virginia, jurisdiction: US}
  - {name: eu-west, place: Ireland, jurisdiction: EU}
links:
  - {between: [us-east, eu-west], rtt: 80ms, jitter: 2ms, bandwidth: 200Mbps}
users:
  - {name: americas, count: 500, rate: 10/s, writes: 50%, rtt: {us-east: 15ms, eu-west: 95ms}}
  - {name: europe, count: 500, rate: 10/s, writes: 50%, rtt: {us-east: 95ms, eu-west: 15ms}}
datasets:
  - {name: orders, engine: log, mode: async, authority: us-east, regions: [us-east, eu-west]}
routing: {policy: nearest, dns_ttl: 1s, probe: {every: 500ms, timeout: 2s, down_after: 4, up_after: 3}}
failover: {decide: auto, fence: true}
web: {replicas: 2, capacity: 200/s}
`
	kindDrillFile = `title: Lose us-east on real clusters, and get it back
fleet: ci.fleet.yaml
objectives: {rto: 30s, rpo: 10s}
steady: {for: 5s, success: 90%}
steps:
  - {at: 0s, do: kill, region: us-east}
  - {at: 0s, do: wait, for: recovered}
  - {at: 1s, do: restore, region: us-east}
  - {at: 1s, do: wait, for: steady}
  - {at: 15s, do: freeze, region: eu-west}
  - {at: 15s, do: wait, for: recovered}
  - {at: 16s, do: restore, region: eu-west}
  - {at: 16s, do: wait, for: steady}
end: 17s
`
)

// TestKindDrill runs a drill on real kind clusters, from the command line, and
// then looks for anything left.
func TestKindDrill(t *testing.T) {
	if os.Getenv("FLEETDRILL_TEST_KIND") == "" {
		t.Skip("SKIPPED: FLEETDRILL_TEST_KIND is not set; it makes real kind clusters and needs Docker (make test-kind)")
	}
	dir := t.TempDir()
	env := append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "state"), "KUBECONFIG="+filepath.Join(dir, "users-kubeconfig"))
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	fleetText := kindFleetFile
	if os.Getenv("FLEETDRILL_POSTGRES_IMAGE") == "" {
		t.Log("SKIPPED the PostgreSQL dataset: FLEETDRILL_POSTGRES_IMAGE names no image")
	} else {
		const log = "  - {name: orders, engine: log, mode: async, authority: us-east, regions: [us-east, eu-west]}\n"
		fleetText = strings.Replace(fleetText, log, log+strings.NewReplacer("orders", "accounts", "engine: log", "engine: postgres").Replace(log), 1)
	}
	write("ci.fleet.yaml", fleetText)
	drillFile := write("ci.drill.yaml", kindDrillFile)
	before := ours(t)
	began := time.Now()
	cmd := exec.Command(program, "run", drillFile, "--on", "kind", "--report", filepath.Join(dir, "out"))
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
	if r.Verdict != "passed" || len(r.Faults) != 2 {
		t.Errorf("report: %+v", r)
	}
	for _, f := range r.Faults {
		if f.Proof == "" || f.At == nil || f.Proved == nil || *f.Proved < *f.At {
			t.Errorf("fault without proof: %+v", f)
		}
	}
	if len(r.Failovers) == 0 || r.Failovers[0].RTO == nil || *r.Failovers[0].RTO <= 0 {
		t.Errorf("no RTO was measured: %+v", r.Failovers)
	}
	for _, f := range r.Failovers {
		if f.RTO == nil {
			t.Errorf("a failover has not ended: %+v", f)
		}
	}
	if datasets := strings.Count(fleetText, "engine:"); len(r.Rejoins) < datasets {
		t.Errorf("%d rejoins of %d datasets: %+v", len(r.Rejoins), datasets, r.Rejoins)
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
		Cause  string              `json:"cause"`
		From   string              `json:"from"`
		To     string              `json:"to"`
		RTO    *float64            `json:"rto_s"`
		Stages map[string]*float64 `json:"stages"`
		Lost   *int                `json:"lost_writes"`

		ByInstrument bool `json:"by_instrument"`
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
