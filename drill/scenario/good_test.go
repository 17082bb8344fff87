package scenario

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/quantity"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/scenario/catalog"
	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const ms = time.Millisecond

// shippedFleets is how a message lists the fleets that ship.
var shippedFleets = strict.Enumerate(fleets.Names())

// file writes a file into a folder and returns its path.
func file(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFleetSaysWhatTheFileSays(t *testing.T) {
	got, err := LoadFleet(file(t, t.TempDir(), "mine.yaml", goodFleet))
	if err != nil {
		t.Fatal(err)
	}
	want := topology.Fleet{
		Name: "mine", Text: goodFleet,
		Regions: []topology.Region{
			{Name: "us-east", Place: "Virginia", Jurisdiction: "US"}, {Name: "eu-west", Place: "Ireland", Jurisdiction: "EU"}, {Name: "ap-south"},
		},
		Links: []topology.Link{
			{Between: [2]string{"us-east", "eu-west"}, RTT: 80 * ms, Jitter: 2 * ms, Bandwidth: 200_000_000},
			{Between: [2]string{"us-east", "ap-south"}, RTT: 220 * ms},
			{Between: [2]string{"ap-south", "eu-west"}, RTT: 140 * ms},
		},
		Users: []topology.Population{{
			Name: "americas", Count: 5000, Rate: 40, Writes: 0.25, Timeout: 1500 * ms, Slow: 150 * ms,
			RTT: map[string]time.Duration{"us-east": 15 * ms, "eu-west": 95 * ms, "ap-south": 230 * ms},
		}},
		Datasets: []topology.Dataset{{Name: "orders", Engine: "log", Mode: topology.ModeAsync, Authority: "us-east", Regions: []string{"us-east", "eu-west"}}},
		Routing: topology.Routing{Policy: "nearest", DNSTTL: 2 * time.Second,
			Probe: topology.Probe{Every: 250 * ms, Timeout: 500 * ms, DownAfter: 3, UpAfter: 4}},
		Failover: topology.FailoverPolicy{Decide: "operator", Fence: false, Lease: 2 * time.Second},
		Web:      topology.Web{Replicas: 3, Capacity: 0.5, Queue: topology.DefaultQueue},
		Identity: &topology.Identity{Trust: topology.TrustFederated, TTL: time.Hour, RotateBefore: 20 * time.Minute},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestDefaults(t *testing.T) {
	short := `name: mine
regions: [{name: here}]
users: [{name: us, count: 1, rate: 1/s, writes: 0%, rtt: {here: 0s}}]
datasets: [{name: d, mode: async, authority: here, regions: [here]}]
routing: {probe: {up_after: 9}}
`
	f, err := LoadFleet(file(t, t.TempDir(), "mine.yaml", short))
	if err != nil {
		t.Fatal(err)
	}
	probe := topology.DefaultProbe
	probe.UpAfter = 9
	if want := (topology.Routing{Policy: "nearest", DNSTTL: topology.DefaultDNSTTL, Probe: probe}); !reflect.DeepEqual(f.Routing, want) {
		t.Errorf("routing %+v, want %+v", f.Routing, want)
	}
	if want := (topology.FailoverPolicy{Decide: "auto", Fence: true, Lease: topology.DefaultLease}); f.Failover != want {
		t.Errorf("failover %+v, want %+v", f.Failover, want)
	}
	if want := (topology.Web{Replicas: 2, Queue: topology.DefaultQueue}); f.Web != want {
		t.Errorf("web %+v, want %+v", f.Web, want)
	}
	if f.Users[0].Timeout != topology.DefaultRequestTimeout || f.Datasets[0].Engine != "log" {
		t.Errorf("timeout %s, engine %s", f.Users[0].Timeout, f.Datasets[0].Engine)
	}
}

func TestDrillSaysWhatTheFileSays(t *testing.T) {
	plan, fleet, err := LoadDrill(file(t, t.TempDir(), "my drill.yaml", goodDrill))
	if err != nil {
		t.Fatal(err)
	}
	step := func(at time.Duration, c runbook.Command) runbook.Step {
		c.By = "drill"
		return runbook.Step{At: at, Command: c}
	}
	want := runbook.Plan{
		Name: "my drill", Title: "Lose us-east", Hypothesis: "nobody notices",
		Objectives: runbook.Objectives{RTO: ptr(10 * time.Second), RPO: ptr(time.Second), LostWrites: ptr(100), UsersAffected: ptr(0.6)},
		Steady:     runbook.Steady{For: 5 * time.Second, Success: 0.99},
		Abort:      runbook.Abort{SuccessBelow: 0.05, For: time.Minute},
		Steps: []runbook.Step{
			step(0, runbook.Command{Verb: runbook.VerbKill, Region: "us-east"}),
			step(time.Second, runbook.Command{Verb: runbook.VerbNote, Text: "look at the lag"}),
			step(time.Second, runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitRecovered}),
			step(20*time.Second, runbook.Command{Verb: runbook.VerbRestore, Region: "us-east"}),
			step(30*time.Second, runbook.Command{Verb: runbook.VerbSwitchover, Dataset: "orders", To: "us-east"}),
		},
		End: 45 * time.Second,
	}
	if !reflect.DeepEqual(plan, want) {
		t.Errorf("got\n%+v\nwant\n%+v", plan, want)
	}
	if fleet.Name != "three-regions" || len(fleet.Regions) != 3 {
		t.Errorf("fleet %+v", fleet)
	}
}

func TestWhatADrillRequiresAndWhatEndsIt(t *testing.T) {
	text := strings.Replace(goodDrill, "for: 60s}", "for: 60s, rto: 30s, lost_writes: 500, lag: 900}\nrequire: {lag: under 100 writes, n_minus_1: true, ready: true}", 1)
	plan, _, err := LoadDrill(file(t, t.TempDir(), "d.yaml", text))
	if err != nil {
		t.Fatal(err)
	}
	if want := (&runbook.Require{LagUnder: ptr(100), NMinusOne: true, Ready: true}); !reflect.DeepEqual(plan.Require, want) {
		t.Errorf("require %+v, want %+v", plan.Require, want)
	}
	over := runbook.Objectives{RTO: ptr(30 * time.Second), LostWrites: ptr(500)}
	if want := (runbook.Abort{SuccessBelow: 0.05, For: time.Minute, Over: over, Lag: ptr(900)}); !reflect.DeepEqual(plan.Abort, want) {
		t.Errorf("abort %+v, want %+v", plan.Abort, want)
	}
}

func TestObjectivesNotAskedForAreNil(t *testing.T) {
	plan, _, err := LoadDrill(file(t, t.TempDir(), "d.yaml", strings.Replace(goodDrill, "rto: 10s, rpo: 1s, lost_writes: 100, users_affected: 60%", "lost_writes: 0", 1)))
	if err != nil {
		t.Fatal(err)
	}
	o := plan.Objectives
	if o.RTO != nil || o.RPO != nil || o.UsersAffected != nil || o.LostWrites == nil || *o.LostWrites != 0 {
		t.Errorf("objectives %+v", o)
	}
}

func TestAGoalCanBeALowerBound(t *testing.T) {
	plan, _, err := LoadDrill(file(t, t.TempDir(), "drill.yaml", strings.Replace(goodDrill, "lost_writes: 100", "lost_writes: at least 2", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if o := plan.Objectives; o.LostWrites != nil || o.LostAtLeast == nil || *o.LostAtLeast != 2 {
		t.Errorf("%+v", o)
	}
}

func TestAGoalCanBeOfEachDataset(t *testing.T) {
	plan, _, err := LoadDrill(file(t, t.TempDir(), "drill.yaml", strings.Replace(goodDrill, "lost_writes: 100", "lost_writes: {orders: at least 2}", 1)))
	if err != nil {
		t.Fatal(err)
	}
	o := plan.Objectives
	if want := map[string]runbook.LostGoal{"orders": {N: 2, AtLeast: true}}; o.LostWrites != nil || o.LostAtLeast != nil || !reflect.DeepEqual(o.LostBy, want) {
		t.Errorf("%+v", o)
	}
}

func TestFleetBesideTheDrill(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "fleets"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := file(t, dir, "d.yaml", strings.Replace(goodDrill, "three-regions", "fleets/mine.yaml", 1))
	file(t, filepath.Join(dir, "fleets"), "mine.yaml", goodFleet)
	_, fleet, err := LoadDrill(path)
	if err != nil || fleet.Name != "mine" {
		t.Fatalf("%q, %v", fleet.Name, err)
	}

	// What is wrong there is told with that file's own name and lines.
	broken := file(t, filepath.Join(dir, "fleets"), "mine.yaml", strings.Replace(goodFleet, "rtt: 220ms", "rtt: 220", 1))
	_, _, err = LoadDrill(path)
	want := path + ":3: fleet \"fleets/mine.yaml\" is not right; its own problems follow\n" +
		broken + ":8: rtt \"220\" is no duration; write a number with its unit, like 5s or 250ms"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 2 || problems[1].Line != 8 {
		t.Errorf("problems %+v", problems)
	}
}

func ptr[T any](v T) *T { return &v }

func TestADrillOnAnotherFleet(t *testing.T) {
	two, err := LoadFleet("two-regions")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := LoadDrillOn("lose-the-authority", two); err != nil {
		t.Error(err)
	}
	path := file(t, t.TempDir(), "d.yaml", strings.Replace(goodDrill, "do: restore", "do: note, text: x}\n  - {at: 20s, do: freeze, region: ap-south}\n  - {at: 20s, do: restore", 1))
	if _, err := LoadDrillOn(path, two); err == nil || !strings.Contains(err.Error(), `there is no region "ap-south"`) {
		t.Errorf("a region that only the other fleet has: %v", err)
	}
}

func TestWhatCannotBeLoaded(t *testing.T) {
	dir := t.TempDir()
	tests := []struct {
		name, file string
		is         error
		want       string
	}{
		{"nearly the name of one that ships", "three-regoins", catalog.ErrNotShipped,
			`load fleet: fleet "three-regoins" does not ship; did you mean three-regions? (a file of your own is named by its path, like ./mine.yaml)`},
		{"nothing like it", "x", catalog.ErrNotShipped,
			`load fleet: fleet "x" does not ship; those that do are ` + shippedFleets + ` (a file of your own is named by its path, like ./mine.yaml)`},
		{"no name", "", catalog.ErrNotShipped,
			`load fleet: fleet "" does not ship; those that do are ` + shippedFleets + ` (a file of your own is named by its path, like ./mine.yaml)`},
		{"out of the embedded folder", "..", catalog.ErrNotShipped, ""},
		{"a file that is not there", dir + "/none.yaml", fs.ErrNotExist,
			"load fleet: open " + dir + "/none.yaml: no such file or directory; mind the path, or name one that ships: " + shippedFleets},
		{"a folder", dir + "/", nil, "load fleet: " + dir + "/ is a folder; name the file in it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := LoadFleet(tt.file)
			switch {
			case err == nil:
				t.Fatal("loaded")
			case tt.is != nil && !errors.Is(err, tt.is):
				t.Errorf("%v is not %v", err, tt.is)
			case tt.want != "" && err.Error() != tt.want:
				t.Errorf("got\n%v\nwant\n%s", err, tt.want)
			}
		})
	}
}

func TestNumbers(t *testing.T) {
	fleet := func(bandwidth string) (topology.Fleet, error) {
		s := parse("f.yaml", []byte(strings.Replace(goodFleet, "200Mbps", bandwidth, 1)))
		f := readFleet(s)
		return f, s.err()
	}
	for text, want := range map[string]int64{"1bps": 1, "1.5kbps": 1500, "2 Mbps": 2_000_000, "10Gbps": 10_000_000_000} {
		if f, err := fleet(text); err != nil || f.Links[0].Bandwidth != want {
			t.Errorf("%s is %d, want %d (%v)", text, f.Links[0].Bandwidth, want, err)
		}
	}
	for _, tt := range []struct {
		text string
		want int64
	}{{"64MiB", 64 << 20}, {"1kB", 1000}, {"0.5GiB", 1 << 29}, {"7B", 7}} {
		s := parse("f.yaml", []byte(tt.text))
		if got := s.quantity(s.Root, "weight", quantity.Bytes, "64MiB"); got != tt.want || s.err() != nil {
			t.Errorf("%s is %d, want %d (%v)", tt.text, got, tt.want, s.err())
		}
	}
}

// A long file with a problem in every line tells the first of them.
func TestProblemsAreBounded(t *testing.T) {
	s := parse("f.yaml", []byte(goodFleet+strings.Repeat("x: 1\n", 1000)))
	readFleet(s)
	err := s.err()
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != strict.MaxProblems+1 || lines[strict.MaxProblems] != "and 960 more problems" {
		t.Errorf("%d lines, the last is %q", len(lines), lines[len(lines)-1])
	}
}

func TestTooMuchOfAThing(t *testing.T) {
	var regions, users, steps strings.Builder
	for i := range 300 {
		n := string(rune('a'+i%26)) + string(rune('a'+i/26))
		regions.WriteString("  - {name: " + n + "}\n")
		users.WriteString("  - {name: u" + n + ", count: 1, rate: 1/s, writes: 0%, rtt: {}}\n")
		steps.WriteString("  - {at: 0s, do: note, text: x}\n")
	}
	s := parse("f.yaml", []byte("name: f\nregions:\n"+regions.String()+"users:\n"+users.String()))
	if f := readFleet(s); len(f.Regions) != maxRegions || len(f.Users) != maxThings {
		t.Errorf("%d regions, %d populations", len(f.Regions), len(f.Users))
	}
	s = parse("d.yaml", []byte("steps:\n"+steps.String()))
	if plan, _ := readDrill(s, nil); len(plan.Steps) != maxSteps {
		t.Errorf("%d steps", len(plan.Steps))
	}
	told := 0
	for _, p := range s.Problems {
		if strings.Contains(p.Text, "a drill takes at most 200") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("too many steps was told %d times", told)
	}
}

func TestRegionsThatShareACluster(t *testing.T) {
	f, err := LoadFleet("two-in-one-cluster")
	if err != nil {
		t.Fatal(err)
	}
	apart := 0
	for _, r := range f.RegionNames() {
		if len(f.Domain(r)) == 1 {
			apart++
		}
	}
	if len(f.Regions) != 3 || apart != 1 {
		t.Errorf("%+v: want two regions in one cluster and a third apart", f.Regions)
	}
}
