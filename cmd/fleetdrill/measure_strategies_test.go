package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/report"
)

// strategiesFleet has a dataset of each mode, all led from Virginia. Its regions are
// of one jurisdiction, so that pinned data has somewhere to go.
const strategiesFleet = `name: strategies
regions:
  - {name: us-east, place: Virginia, jurisdiction: EARTH}
  - {name: eu-west, place: Ireland, jurisdiction: EARTH}
  - {name: ap-south, place: Mumbai, jurisdiction: EARTH}
links:
  - {between: [us-east, eu-west], rtt: 80ms, jitter: 2ms, bandwidth: 200Mbps}
  - {between: [us-east, ap-south], rtt: 220ms, jitter: 4ms, bandwidth: 200Mbps}
  - {between: [eu-west, ap-south], rtt: 140ms, jitter: 3ms, bandwidth: 200Mbps}
users:
  - {name: americas, count: 5000, rate: 80/s, writes: 80%, rtt: {us-east: 30ms, eu-west: 95ms, ap-south: 230ms}}
  - {name: europe, count: 3000, rate: 80/s, writes: 80%, rtt: {us-east: 90ms, eu-west: 12ms, ap-south: 150ms}}
  - {name: asia, count: 1000, rate: 40/s, writes: 80%, rtt: {us-east: 240ms, eu-west: 155ms, ap-south: 18ms}}
datasets:
  - {name: async, engine: ENGINE, mode: async, authority: us-east, regions: [us-east, eu-west, ap-south]}
  - {name: sync, engine: ENGINE, mode: sync, with: eu-west, authority: us-east, regions: [us-east, eu-west, ap-south]}
  - {name: quorum, engine: ENGINE, mode: quorum, authority: us-east, regions: [us-east, eu-west, ap-south]}
  - {name: pinned, engine: ENGINE, mode: pinned, jurisdiction: EARTH, authority: us-east, regions: [us-east, eu-west, ap-south]}
`

const strategiesDrill = `title: Measure each strategy
fleet: ./fleet.yaml
steady: {for: 5s, success: 90%}
steps:
  - {at: 0s, do: kill, region: us-east}
  - {at: 0s, do: wait, for: recovered}
  - {at: 3s, do: restore, region: us-east}
  - {at: 3s, do: wait, for: steady}
end: 4s
`

const seedingFleet = `name: seeding
regions: [{name: us-east, place: Virginia}, {name: eu-west, place: Ireland}]
links: [{between: [us-east, eu-west], rtt: 80ms, bandwidth: 200Mbps}]
users: [{name: americas, count: 100, rate: 20/s, writes: 25%, rtt: {us-east: 30ms, eu-west: 95ms}}]
datasets: [{name: orders, engine: ENGINE, mode: async, authority: us-east, regions: [us-east, eu-west], weight: WEIGHT}]
`

const seedingDrill = `title: Measure a replica that is copied whole, and one that rejoins
fleet: ./fleet.yaml
steady: {for: 3s, success: 90%}
steps:
  - {at: 0s, do: wait, for: steady} # the first copy is whole
  - {at: 0s, do: reseed, dataset: orders, region: eu-west}
  - {at: 1s, do: wait, for: steady}
  - {at: 2s, do: kill, region: us-east}
  - {at: 2s, do: wait, for: recovered}
  - {at: 4s, do: restore, region: us-east}
  - {at: 4s, do: wait, for: steady}
end: 5s
`

// measured runs a drill on a local fleet, as a whole command, and reads its report.
func measured(t *testing.T, fleet, drill string, seed int) report.Report {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"fleet.yaml": fleet, "drill.yaml": drill} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "run", filepath.Join(dir, "drill.yaml"), "--on", "local", "--report", dir, "--seed", strconv.Itoa(seed))
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "state"))
	if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() > exitFailed {
		t.Fatalf("seed %d: %v\n%s", seed, err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, report.FileName))
	if err != nil {
		t.Fatal(err)
	}
	var r report.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// measuredEngines are the engines that are measured; FLEETDRILL_TEST_ENGINE is one alone.
func measuredEngines(t *testing.T) []string {
	if os.Getenv("FLEETDRILL_BENCH") == "" {
		t.Skip("SKIPPED: FLEETDRILL_BENCH is not set; it measures for a quarter of an hour (make bench)")
	}
	if only := os.Getenv("FLEETDRILL_TEST_ENGINE"); only != "" {
		return []string{only}
	}
	return []string{"log", "postgres"}
}

// spread is some figures: the median, and from least to most.
type spread []float64

func (s *spread) add(v *float64) {
	if v != nil {
		*s = append(*s, *v)
	}
}

func (s spread) say(unit string, digits int) string {
	if len(s) == 0 {
		return "not measured"
	}
	slices.Sort(s)
	n := func(v float64) string { return strconv.FormatFloat(v, 'f', digits, 64) }
	return fmt.Sprintf("%s %s (%s to %s, n=%d)", n(s[len(s)/2]), unit, n(s[0]), n(s[len(s)-1]), len(s))
}

// TestMeasureStrategies kills the authority of a dataset of each mode at some 160
// writes a second, FLEETDRILL_BENCH_RUNS times (10), and prints what each cost.
func TestMeasureStrategies(t *testing.T) {
	engines := measuredEngines(t)
	runs := 10
	if n, err := strconv.Atoi(os.Getenv("FLEETDRILL_BENCH_RUNS")); err == nil {
		runs = n
	}
	for _, engine := range engines {
		figures := map[string]*spread{}
		lost := map[string][]int{}
		note := func(dataset, what string, v *float64) {
			key := dataset + "\t" + what
			if figures[key] == nil {
				figures[key] = &spread{}
			}
			figures[key].add(v)
		}
		for seed := 1; seed <= runs; seed++ {
			r := measured(t, strings.ReplaceAll(strategiesFleet, "ENGINE", engine), strategiesDrill, seed)
			for name, d := range r.Datasets {
				for population, l := range d.Populations {
					note(name, "write of "+population+", p50\tms", l.P50)
					note(name, "write of "+population+", p99\tms", l.P99)
				}
				if d.Writes.Lost == nil {
					t.Fatalf("seed %d: the ledger of %s was not checked", seed, name)
				}
				lost[name] = append(lost[name], *d.Writes.Lost)
			}
			for _, f := range r.Failovers {
				note(f.Dataset, "RTO\ts", f.RTO)
				for stage, took := range map[string]*float64{"detect": f.Stages.Detect, "decide": f.Stages.Decide, "fence": f.Stages.Fence,
					"promote": f.Stages.Promote, "reroute": f.Stages.Reroute} {
					note(f.Dataset, "RTO: "+stage+"\ts", took)
				}
			}
			for _, j := range r.Rejoins {
				note(j.Dataset, "rejoin after a kill\ts", j.Took)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(figures)) {
			parts := strings.Split(key, "\t")
			digits := 3
			if parts[2] == "ms" {
				digits = 0
			}
			t.Logf("%-8s %-7s %-24s %s", engine, parts[0], parts[1], figures[key].say(parts[2], digits))
		}
		for _, name := range slices.Sorted(maps.Keys(lost)) {
			t.Logf("%-8s %-7s acknowledged writes lost  %v", engine, name, lost[name])
			if name == "sync" || name == "quorum" {
				for _, n := range lost[name] {
					if n != 0 {
						t.Errorf("%s: %s lost %d acknowledged writes", engine, name, n)
					}
				}
			}
		}
	}
}

// TestMeasureSeeding prints what it takes, over 200 Mbit/s, to copy a replica whole and
// to take a killed authority back.
func TestMeasureSeeding(t *testing.T) {
	for _, engine := range measuredEngines(t) {
		for _, weight := range []string{"1MiB", "256MiB"} {
			r := measured(t, strings.NewReplacer("ENGINE", engine, "WEIGHT", weight).Replace(seedingFleet), seedingDrill, 1)
			if len(r.Rejoins) != 2 {
				t.Errorf("%s, %s: %d returns were measured, want the reseed and the rejoin: %+v", engine, weight, len(r.Rejoins), r.Rejoins)
			}
			for _, j := range r.Rejoins {
				what := "copied whole"
				if j.Region == "us-east" {
					what = "rejoined"
				}
				if j.Took == nil {
					t.Errorf("%s, %s: %s was not %s at the end", engine, weight, j.Region, what)
					continue
				}
				t.Logf("%-8s %-7s %-12s in %.2f s, %d bytes, %d diverged writes", engine, weight, what, *j.Took, *j.Bytes, *j.Diverged)
			}
		}
	}
}
