package metrics

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/journal/sample"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/kindconfigs"
)

// shipped is the drill of the journal that ships, up to when until holds.
func shipped(t *testing.T, until func(*drill.State) bool) *drill.State {
	t.Helper()
	r, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}
	l, err := journal.Read(r)
	if err != nil {
		t.Fatal(err)
	}
	s := drill.NewState()
	for _, e := range l.Events {
		if s.Apply(e); until(s) {
			return s
		}
	}
	t.Fatal("the drill never came to that")
	return nil
}

func ended(s *drill.State) bool { return s.Verdict != "" }

// failing is in the middle of the failover.
func failing(s *drill.State) bool {
	for _, f := range s.Failovers {
		if _, detected := f.Ends[drill.StageDetect]; detected && f.Open() {
			return true
		}
	}
	return false
}

func of(s *drill.State) View { return func(look func(*drill.State)) { look(s) } }

// scrape is what a server of a state answers.
func scrape(t *testing.T, s *drill.State) string {
	t.Helper()
	server, err := Listen("0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}()
	if !strings.HasPrefix(server.Address(), "127.0.0.1:") {
		t.Errorf("a port alone is served at %s", server.Address())
	}
	if s != nil {
		server.Show(of(s))
	}
	answer, err := http.Get("http://" + server.Address() + Path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", answer.Status, body, err)
	}
	return string(body)
}

func TestWhatADrillThatPassedServes(t *testing.T) {
	s := shipped(t, ended)
	page := scrape(t, s)
	for _, line := range []string{
		`fleetdrill_info{drill="lose-the-authority",fleet="three-regions",on="local",version="` + s.Version + `"} 1`,
		`fleetdrill_verdict{verdict="passed"} 1`,
		`fleetdrill_faults_total 1`, `fleetdrill_faults_active 0`,
		`fleetdrill_region_up{region="us-east"} 1`,
		"# TYPE fleetdrill_requests_total counter",
	} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("no line %q in\n%s", line, page)
		}
	}
	if strings.Contains(page, "fleetdrill_failover_stage{") {
		t.Error("a failover that is over is in a stage")
	}
	if !regexp.MustCompile(`fleetdrill_rto_seconds\{dataset="\w+"\} [1-9]`).MatchString(page) {
		t.Errorf("no RTO in\n%s", page)
	}
}

func TestWhatAFailoverServes(t *testing.T) {
	page := scrape(t, shipped(t, failing))
	for _, part := range []string{`fleetdrill_region_up{region="us-east"} 0`, `stage="detect"} `, "fleetdrill_faults_active 1", "fleetdrill_users_affected{population="} {
		if !strings.Contains(page, part) {
			t.Errorf("no %q in\n%s", part, page)
		}
	}
	if !regexp.MustCompile(`fleetdrill_failover_stage\{dataset="\w+",stage="(decide|fence|promote)"\} 1`).MatchString(page) {
		t.Errorf("no stage in\n%s", page)
	}
	for _, part := range []string{"fleetdrill_verdict", "fleetdrill_lost_writes"} {
		if strings.Contains(page, part) {
			t.Errorf("%s is served, which nobody knows yet", part)
		}
	}
}

// What is unknown has no value; and before there is a drill nothing has one.
func TestWhatIsUnknownIsLeftOut(t *testing.T) {
	if page := scrape(t, nil); strings.Contains(page, "fleetdrill_") {
		t.Errorf("before a drill:\n%s", page)
	}
	s := drill.NewState()
	lag := uint64(7)
	for n, b := range []drill.Body{
		drill.DrillStarted{Fleet: topology.Fleet{
			Name: "f", Regions: []topology.Region{{Name: "a"}, {Name: "b"}}, Users: []topology.Population{{Name: "p"}},
			Datasets: []topology.Dataset{{Name: "d", Regions: []string{"a", "b"}}},
		}, On: "local"},
		drill.StoresSampled{Stores: []telemetry.Replica{
			{Dataset: "d", Region: "a", LagWrites: &lag, Stale: true}, {Dataset: "d", Region: "b", LagWrites: &lag},
		}},
	} {
		s.Apply(drill.Event{Seq: uint64(n + 1), Body: b})
	}
	page := scrape(t, s)
	for _, part := range []string{"region_up", "users_", "requests_total", "at_risk", "rto_", "traffic_ratio", "blast_", "latency", `replica_lag_writes{dataset="d",region="a"}`} {
		if strings.Contains(page, "fleetdrill_"+part) {
			t.Errorf("%s has a value in\n%s", part, page)
		}
	}
	if !strings.Contains(page, `fleetdrill_replica_lag_writes{dataset="d",region="b"} 7`) {
		t.Errorf("no lag of b in\n%s", page)
	}
}

// Names and help are as Prometheus wants them.
func TestMetricsPassTheLinter(t *testing.T) {
	for _, s := range []*drill.State{shipped(t, failing), shipped(t, ended)} {
		problems, err := testutil.CollectAndLint(newCollector(of(s)))
		if err != nil || len(problems) > 0 {
			t.Errorf("%v, %v", problems, err)
		}
	}
}

var (
	metricName = regexp.MustCompile(`fleetdrill_\w+`)
	byLabels   = regexp.MustCompile(`by \(([^)]*)\)`)
	legend     = regexp.MustCompile(`\{\{(\w+)\}\}`)
)

// The board asks for metrics and labels that there are, and for each metric.
func TestTheBoardReadsWhatIsServed(t *testing.T) {
	text, err := kindconfigs.Grafana.ReadFile("grafana/fleetdrill-board.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr, LegendFormat string }
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	labels := map[string][]string{}
	for _, f := range families {
		labels[namespace+"_"+f.name] = append(f.labels, "instance") // which Prometheus adds
	}
	asked := map[string]bool{}
	for _, p := range board.Panels {
		if len(p.Targets) == 0 {
			t.Errorf("%s asks for nothing", p.Title)
		}
		for _, target := range p.Targets {
			names := metricName.FindAllString(target.Expr, -1)
			if len(names) != 1 || labels[names[0]] == nil {
				t.Errorf("%s: %q names %q, which is not served", p.Title, target.Expr, names)
				continue
			}
			asked[names[0]] = true
			var used []string
			for _, m := range append(legend.FindAllStringSubmatch(target.LegendFormat, -1), byLabels.FindAllStringSubmatch(target.Expr, -1)...) {
				used = append(used, m[1])
			}
			for _, l := range used {
				if !slices.Contains(labels[names[0]], l) {
					t.Errorf("%s: %s has no label %s", p.Title, names[0], l)
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if !asked[name] {
			t.Errorf("no panel shows %s", name)
		}
	}
}

func TestAddresses(t *testing.T) {
	for named, want := range map[string]string{
		"9464": "127.0.0.1:9464", ":9464": "127.0.0.1:9464", "0.0.0.0:9464": "0.0.0.0:9464", "[::1]:0": "[::1]:0", "box:80": "box:80",
		"": "", "box": "", "box:web": "", "1:2:3": "", "70000": "", "-1": "",
	} {
		got, err := Address(named)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v; want %q", named, got, err, want)
		}
	}
}
