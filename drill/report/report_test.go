package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/report/file"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got\n%s", path, got)
	}
}

func encoded(t *testing.T, events []drill.Event) []byte {
	t.Helper()
	r, err := FromEvents(events)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := r.Encode(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestGolden(t *testing.T) {
	golden(t, "report.json", encoded(t, judged(lostAuthority())))
	// The same drill, its journal cut off while nobody leads: most is unknown.
	golden(t, "cut.json", encoded(t, lostAuthority()[:16]))
}

// What the report of the same journal said before numbers were computed once: each key is
// there still, with the same value but where that was wrong.
func TestTheReportKeepsItsNames(t *testing.T) {
	deliberate := map[string]string{
		".gravity.orders.egress_usd_modelled":        "the links' bytes are priced, not the followers' growth: one price with that of the borders",
		".gravity.orders.write_p50_ms":               "p50 and p99 are one population's: the slowest",
		".failovers.1.stages.reroute_s":              "the stages of a switchover add up",
		".datasets.orders.write_latency.asia.p99_ms": "80 writes have no p99",
	}
	var was, is any
	before, err := os.ReadFile(filepath.Join("testdata", "report-before.json"))
	if err != nil {
		t.Fatal(err)
	}
	for raw, to := range map[string]*any{string(before): &was, string(encoded(t, judged(lostAuthority()))): &is} {
		if err := json.Unmarshal([]byte(raw), to); err != nil {
			t.Fatal(err)
		}
	}
	var compare func(path string, was, is any)
	compare = func(path string, was, is any) {
		switch was := was.(type) {
		case map[string]any:
			now, _ := is.(map[string]any)
			for key, value := range was {
				if _, there := now[key]; !there {
					t.Errorf("%s.%s is gone", path, key)
					continue
				}
				compare(path+"."+key, value, now[key])
			}
		case []any:
			now, _ := is.([]any)
			for i, value := range was {
				if i < len(now) {
					compare(fmt.Sprintf("%s.%d", path, i), value, now[i])
				} else {
					t.Errorf("%s has %d elements, it had %d", path, len(now), len(was))
				}
			}
		default:
			if _, meant := deliberate[path]; !meant && !reflect.DeepEqual(was, is) {
				t.Errorf("%s is %v, it was %v", path, is, was)
			}
		}
	}
	compare("", was, is)
}

func TestSummaryGolden(t *testing.T) {
	for name, events := range map[string][]drill.Event{"summary.txt": judged(lostAuthority()), "cut.txt": lostAuthority()[:16]} {
		r, err := FromEvents(events)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := Summary(&out, r); err != nil {
			t.Fatal(err)
		}
		golden(t, name, out.Bytes())
	}
}

// schema is the report's keys, in their order. Names of things stand as NAME.
var schema = []string{
	"drill", "hypothesis", "fleet", "on", "verdict", "started", "duration_s", "version", "seed",
	"objectives", "objectives.name", "objectives.target", "objectives.measured", "objectives.met", "objectives.at_least", "refusals",
	"steady", "steady.before", "steady.before.success", "steady.after", "steady.after.success",
	"incidents", "incidents.command_id", "incidents.at_s", "incidents.settled_s", "incidents.happened", "incidents.cost",
	"faults", "faults.kind", "faults.region", "faults.between", "faults.at_s", "faults.proved_s", "faults.proof",
	"failovers", "failovers.dataset", "failovers.engine", "failovers.mode", "failovers.from", "failovers.to", "failovers.cause",
	"failovers.epoch", "failovers.rto_s", "failovers.stages", "failovers.stages.detect_s", "failovers.stages.decide_s",
	"failovers.stages.prepare_s", "failovers.stages.fence_s", "failovers.stages.catch_up_s", "failovers.stages.promote_s", "failovers.stages.reroute_s",
	"failovers.acknowledged", "failovers.lost_writes", "failovers.lost_ids", "failovers.lost_open", "failovers.rpo_s", "failovers.restored", "failovers.by_instrument",
	"rejoins", "rejoins.dataset", "rejoins.region", "rejoins.diverged_writes", "rejoins.exported", "rejoins.bytes", "rejoins.took_s", "rejoins.at_most_s",
	"writes", "writes.acknowledged", "writes.unacknowledged", "writes.lost", "writes.present_unacknowledged",
	"traffic", "traffic.requests", "traffic.failed", "traffic.failures", "traffic.failures.NAME", "traffic.recovered_s", "traffic.recovered_at_least_s", "traffic.users", "traffic.users.NAME",
	"traffic.users.NAME.requests", "traffic.users.NAME.failed", "traffic.users.NAME.failures", "traffic.users.NAME.failures.NAME", "traffic.users.NAME.p50_ms", "traffic.users.NAME.p99_ms",
	"traffic.users.NAME.served_by", "traffic.users.NAME.served_by.NAME", "traffic.users.NAME.moved", "traffic.users.NAME.served_again_s", "traffic.users.NAME.served_again_at_least_s", "traffic.users.NAME.reads", "traffic.users.NAME.reads.from", "traffic.users.NAME.reads.answered", "traffic.users.NAME.reads.stale", "traffic.users.NAME.reads.stale_by_ms", "traffic.users.NAME.reads.own", "traffic.users.NAME.reads.own_found", "traffic.users.NAME.reads.p50_ms", "traffic.users.NAME.reads.p99_ms", "traffic.users.NAME.reads.max_ms",
	"blast_radius", "blast_radius.users", "blast_radius.asked", "blast_radius.affected", "blast_radius.share", "blast_radius.predicted_share", "blast_radius.open", "blast_radius.with",
	"predictions", "predictions.command_id", "predictions.command", "predictions.share", "predictions.share.predicted", "predictions.share.measured",
	"predictions.asked", "predictions.affected", "predictions.open", "predictions.with", "predictions.populations", "predictions.populations.NAME",
	"predictions.populations.NAME.predicted", "predictions.populations.NAME.measured", "predictions.datasets",
	"gravity", "gravity.NAME", "gravity.NAME.bytes", "gravity.NAME.replicated_bytes", "gravity.NAME.egress_bytes", "gravity.NAME.egress_usd_modelled",
	"gravity.NAME.write_p50_ms", "gravity.NAME.write_p99_ms", "gravity.NAME.standing", "gravity.NAME.at_1_tib_modelled",
	"datasets", "datasets.NAME", "datasets.NAME.engine", "datasets.NAME.mode", "datasets.NAME.with", "datasets.NAME.modes",
	"datasets.NAME.waits", "datasets.NAME.split_brains",
	"datasets.NAME.writes", "datasets.NAME.writes.acknowledged", "datasets.NAME.writes.unacknowledged", "datasets.NAME.writes.lost",
	"datasets.NAME.writes.present_unacknowledged",
	"datasets.NAME.write_latency", "datasets.NAME.write_latency.NAME", "datasets.NAME.write_latency.NAME.acknowledged",
	"datasets.NAME.write_latency.NAME.failed", "datasets.NAME.write_latency.NAME.p50_ms", "datasets.NAME.write_latency.NAME.p99_ms",
	"datasets.NAME.write_latency.NAME.max_ms",
	"datasets.NAME.replicas", "datasets.NAME.replicas.NAME", "datasets.NAME.replicas.NAME.role", "datasets.NAME.replicas.NAME.bytes",
	"datasets.NAME.replicas.NAME.owed_bytes", "datasets.NAME.replicas.NAME.answers", "datasets.NAME.borders", "discovery",
	"notes", "notes.at_s", "notes.by", "notes.text", "notes.kind", "notes.owner", "notes.severity", "notes.after_s", "notes.machine_s", "own_writes",
	"standstills", "not_sent", "not_sent.requests", "not_sent.share", "not_sent.why", "not_sent.left_out", "visitors",
	"web", "web.attempts", "web.retries", "web.amplification", "web.scalings", "web.compute_moves", "web.compute_moves.region", "web.compute_moves.by", "web.compute_moves.took_s", "web.compute_moves.data", "came_back", "curves", "remarks",
}

func TestKeysAndTheirOrder(t *testing.T) {
	named := map[string]bool{"traffic.failures": true, "traffic.users.NAME.failures": true, "traffic.users": true, "traffic.users.NAME.served_by": true, "gravity": true, "predictions.populations": true,
		"datasets": true, "datasets.NAME.write_latency": true, "datasets.NAME.replicas": true}
	var keys []string
	seen := map[string]bool{}
	dec := json.NewDecoder(bytes.NewReader(encoded(t, judged(lostAuthority()))))
	token := func() json.Token {
		tok, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		return tok
	}
	var value func(path string)
	value = func(path string) {
		switch token() {
		case json.Delim('{'):
			for dec.More() {
				key := token().(string)
				if named[path] {
					key = "NAME"
				}
				at := strings.TrimPrefix(path+"."+key, ".")
				if !seen[at] {
					seen[at] = true
					keys = append(keys, at)
				}
				value(at)
			}
			token()
		case json.Delim('['):
			for dec.More() {
				value(path)
			}
			token()
		}
	}
	value("")
	if !reflect.DeepEqual(keys, schema) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(keys, "\n"), strings.Join(schema, "\n"))
	}
}

// However short a journal is, the report has every key that its lists' elements
// don't bring, nothing that was not measured is a number, and nothing fails.
func TestEveryPrefixReports(t *testing.T) {
	events := judged(lostAuthority())
	for n := 1; n <= len(events); n++ {
		out := encoded(t, events[:n])
		var r map[string]any
		if err := json.Unmarshal(out, &r); err != nil {
			t.Fatalf("%d events: %v", n, err)
		}
		for _, key := range schema {
			if _, there := r[key]; !there && !strings.Contains(key, ".") {
				t.Errorf("%d events: no key %s", n, key)
			}
		}
		for _, list := range []string{"objectives", "refusals", "incidents", "faults", "failovers", "rejoins", "predictions", "notes", "standstills", "visitors"} {
			if r[list] == nil {
				t.Errorf("%d events: %s is null, not empty", n, list)
			}
		}
		ended := n > len(events)-4
		if (r["verdict"] == "inconclusive") == ended {
			t.Errorf("%d events: verdict %v", n, r["verdict"])
		}
	}
	var first Report
	if err := json.Unmarshal(encoded(t, events[:1]), &first); err != nil {
		t.Fatal(err)
	}
	first.Drill, first.Objectives = nil, nil
	want := Report{
		Fleet: "three-regions", On: "local", Verdict: "inconclusive", Started: "2026-11-22T09:30:00Z", Version: "test", Seed: 1,
		Incidents: []Incident{}, Faults: []Fault{}, Failovers: []Failover{}, Rejoins: []Rejoin{}, Notes: []Note{}, Written: []Written{}, Refusals: []Refusal{}, Predictions: []Prediction{},
		Standstills: []Standstill{}, NotSent: NotSent{Why: map[string]int{}}, Visitors: []Visitor{}, Web: Web{Scalings: []Scaling{}, Moves: []ComputeMove{}}, Discovery: []Discovery{}, Curves: []Curve{}, Remarks: []string{},
		Traffic:     Traffic{Users: map[string]User{"americas": {Reads: Reads{From: "nearest"}}, "asia": {Reads: Reads{From: "nearest"}}}},
		BlastRadius: BlastRadius{Users: 6000, With: []Beside{}},
		Gravity:     map[string]GravityMeter{"orders": {}},
		Datasets: map[string]Dataset{"orders": {Engine: "log", Mode: "async", Modes: []ModeChange{}, Waits: []Wait{}, SplitBrains: []SplitBrain{},
			Populations: map[string]WriteLatency{}, Replicas: map[string]Replica{}, Borders: []Border{}}},
	}
	if !reflect.DeepEqual(first, want) {
		t.Errorf("of the first event alone:\n%+v\nwant\n%+v", first, want)
	}
}

func TestFromEventsRefuses(t *testing.T) {
	for name, events := range map[string][]drill.Event{"nothing": nil, "no start": lostAuthority()[1:]} {
		if _, err := FromEvents(events); !errors.Is(err, ErrNoDrill) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGravity(t *testing.T) {
	whole := lostAuthority()
	report := func(events []drill.Event) GravityMeter {
		t.Helper()
		r, err := FromEvents(events)
		if err != nil {
			t.Fatal(err)
		}
		return r.Gravity["orders"]
	}
	last := func(kind string) int {
		for i := len(whole) - 1; ; i-- {
			if whole[i].Body.Kind() == kind {
				return i
			}
		}
	}
	const east, west = 1900 + 300 + 800, 600 + 400 + 100 + 1150 + 200
	if g := report(whole); *g.Replicated != east+west || *g.Bytes != 4200 {
		t.Errorf("%d replicated, %d held; want %d and 4200", *g.Replicated, *g.Bytes, east+west)
	}
	// What is priced is what the links counted, framing and all.
	const sentEast, sentWest = 2000 + 1800, 1500 + 1300
	if g, want := report(whole), 0.02*(sentEast+sentWest)/(1<<30); *g.Sent != sentEast+sentWest || math.Abs(*g.Egress-want) > 1e-12 {
		t.Errorf("egress of %d bytes %g, want %g", *g.Sent, *g.Egress, want)
	}
	// Before it is current, what a returning replica was seen to copy counts.
	if g := report(whole[:last("rejoin.done")]); *g.Replicated != 1900+300+600+400+100+700 {
		t.Errorf("%d replicated before the rejoin was done", *g.Replicated)
	}
	// An authority that does not answer holds an unknown number of bytes.
	if g := report(whole[:16]); g.Bytes != nil || *g.Replicated != 1900+300 {
		t.Errorf("while nobody leads: %v held, %d replicated", g.Bytes, *g.Replicated)
	}

	start := whole[0].Body.(drill.DrillStarted)
	start.Fleet.Regions = append([]topology.Region{}, start.Fleet.Regions...)
	start.Fleet.Regions[1].Place = "Atlantis"
	whole[0].Body = start
	if g := report(whole); g.Egress != nil || *g.Replicated != east+west {
		t.Errorf("with a place that has no price: egress %v, %d replicated", *g.Egress, *g.Replicated)
	}
	start.Fleet.Regions[1].Place = "MUMBAI"
	if got, want := *report(whole).Egress, (0.02*sentEast+0.086*sentWest)/(1<<30); math.Abs(got-want) > 1e-12 {
		t.Errorf("egress %g, want %g", got, want)
	}
}

func TestTwoDatasetsAreNotMixedUp(t *testing.T) {
	events := lostAuthority()
	start := events[0].Body.(drill.DrillStarted)
	start.Fleet.Datasets = append(start.Fleet.Datasets, topology.Dataset{Name: "carts", Authority: "eu-west", Regions: []string{"eu-west"}})
	events[0].Body = start
	r, err := FromEvents(events)
	if err != nil {
		t.Fatal(err)
	}
	if r.Writes != (Writes{}) {
		t.Errorf("writes are told though carts was never checked: %+v", r.Writes)
	}
	g := r.Gravity["carts"]
	if g.Sent == nil || *g.Sent != 0 || *g.Egress != 0 {
		t.Errorf("the links counted bytes of orders for carts: %+v", g)
	}
	if g.Sent, g.Egress = nil, nil; g != (GravityMeter{}) {
		t.Errorf("carts: %+v", g)
	}
	if g := r.Gravity["orders"]; *g.WriteP50 != 33 || *g.WriteP99 != 1500 || g.Bytes == nil {
		t.Errorf("orders: %+v", g)
	}
	if d := r.Datasets["carts"]; len(d.Populations) != 0 || d.Writes != (Writes{}) {
		t.Errorf("carts: %+v", d)
	}
	if d := r.Datasets["orders"]; *d.Writes.Lost != 2 || len(d.Populations) != 2 {
		t.Errorf("orders: %+v", d)
	}
}

func TestByHand(t *testing.T) {
	events := lostAuthority()
	start := events[0].Body.(drill.DrillStarted)
	start.Plan = nil
	events[0].Body = start
	r, err := FromEvents(events)
	if err != nil {
		t.Fatal(err)
	}
	if r.Drill != nil || len(r.Objectives) != 0 || len(r.Failovers) != 2 {
		t.Errorf("%v, %d objectives, %d failovers", r.Drill, len(r.Objectives), len(r.Failovers))
	}
	var out bytes.Buffer
	if err := Summary(&out, r); err != nil || !strings.Contains(out.String(), "free drill") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// A promotion that an operator asked for, and one that found nobody.
func TestOtherCauses(t *testing.T) {
	d := &diary{events: lostAuthority()[:1], began: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)}
	d.at(time.Second, drill.FailoverStaged{ID: 1, Dataset: "orders", From: "us-east", Cause: "operator", Stage: drill.StageFault, End: time.Second})
	r, err := FromEvents(d.events)
	if err != nil {
		t.Fatal(err)
	}
	want := Failover{Dataset: "orders", Engine: "log", Mode: "async", From: "us-east", Cause: "operator"}
	if len(r.Failovers) != 1 || !reflect.DeepEqual(r.Failovers[0], want) {
		t.Errorf("got %+v, want %+v", r.Failovers, want)
	}
}

func TestWriteJSON(t *testing.T) {
	r, err := FromEvents(judged(lostAuthority()))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "new", "folder")
	for range 2 { // the second one replaces the first
		if err := file.Write(dir, FileName, r.Encode); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err != nil || !bytes.Equal(got, encoded(t, judged(lostAuthority()))) {
		t.Errorf("%v\n%s", err, got)
	}
	files, _ := os.ReadDir(dir)
	if len(files) != 1 {
		t.Errorf("%d files are left, want report.json alone", len(files))
	}
	blocked := filepath.Join(dir, "report.json") // a file where a folder should be
	if err := file.Write(blocked, FileName, r.Encode); err == nil || !strings.Contains(err.Error(), filepath.Join(blocked, "report.json")) {
		t.Errorf("into a file: %v", err)
	}
}

// What stands beside the worst command's users was predicted of that command, not of another
// whose prediction was larger.
func TestTheBlastRadiusHasItsOwnPrediction(t *testing.T) {
	events := lostAuthority()
	start := events[:1]
	d := &diary{began: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)}
	command := func(id int, predicted *float64) {
		at := time.Duration(id) * time.Second
		d.at(at, drill.CommandTaken{ID: id, Command: runbook.Command{Verb: runbook.VerbKill, Region: "us-east"}})
		if predicted != nil {
			d.at(at, drill.ImpactPredicted{ID: id, Impact: runbook.Impact{Share: *predicted}})
		}
	}
	command(1, of(0.9))
	command(2, of(0.3))
	command(3, nil)
	sampled := func(third int) {
		d.at(9*time.Second, drill.TrafficSampled{Populations: []telemetry.Population{{Population: "americas", Impacts: []telemetry.UserImpact{
			{Command: 1, Asked: 100, Affected: 1}, {Command: 2, Asked: 100, Affected: 25}, {Command: 3, Asked: 100, Affected: third},
		}}}})
	}
	for third, want := range map[int]*float64{0: of(0.3), 50: nil} {
		sampled(third)
		r, err := FromEvents(append(start[:1:1], d.events...))
		if err != nil {
			t.Fatal(err)
		}
		if got := r.BlastRadius.Predicted; !reflect.DeepEqual(got, want) {
			t.Errorf("with %d affected by the command without a prediction: %v, want %v; %+v", third, got, want, r.BlastRadius)
		}
	}
}

// An objective of one dataset says of which, in the report and in its summary.
func TestAnObjectiveOfADatasetNamesIt(t *testing.T) {
	events := lostAuthority()
	start := events[0].Body.(drill.DrillStarted)
	plan := *start.Plan
	plan.Objectives = runbook.Objectives{LostBy: map[string]runbook.LostGoal{"orders": {N: 1, AtLeast: true}}}
	start.Plan = &plan
	events[0].Body = start
	r, err := FromEvents(judged(events))
	if err != nil {
		t.Fatal(err)
	}
	if o := r.Objectives; len(o) != 1 || o[0].Name != "lost_writes" || o[0].Dataset != "orders" || !*o[0].Met {
		t.Errorf("%+v", o)
	}
	var out bytes.Buffer
	if err := Summary(&out, r); err != nil || !strings.Contains(out.String(), "lost_writes of orders") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
