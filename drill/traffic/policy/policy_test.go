package policy

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const ms = time.Millisecond

// regions are those of the tests, by jurisdiction.
var regions = []topology.Region{
	{Name: "us", Jurisdiction: "US"}, {Name: "eu", Jurisdiction: "EU"}, {Name: "ap"}, {Name: "near-ap"}, {Name: "eu-far", Jurisdiction: "EU"},
}

func TestAnswers(t *testing.T) {
	rtt := map[string]time.Duration{"us": 180 * ms, "eu": 140 * ms, "ap": 20 * ms, "near-ap": 20 * ms, "eu-far": 160 * ms}
	weights, order := map[string]float64{"us": 0.5, "eu": 0.3, "ap": 0.2}, []string{"ap", "us"}
	tests := []struct {
		routing      topology.Routing
		jurisdiction string
		serve        string
		want         string
	}{
		{topology.Routing{Policy: "nearest"}, "", "us eu ap near-ap", "ap 1.00"},
		{topology.Routing{Policy: "nearest"}, "", "us near-ap eu", "near-ap 1.00"},
		{topology.Routing{Policy: "nearest"}, "", "us eu", "eu 1.00"},
		{topology.Routing{Policy: "nearest"}, "", "", "no region is up"},
		{topology.Routing{}, "", "us ap", "ap 1.00"},
		{topology.Routing{Policy: "failover"}, "", "us eu ap", "us 1.00"},
		{topology.Routing{Policy: "failover"}, "", "eu ap", "eu 1.00"},
		{topology.Routing{Policy: "failover"}, "", "", "no region is up"},
		{topology.Routing{Policy: "failover", Order: order}, "", "us eu ap", "ap 1.00"},
		{topology.Routing{Policy: "failover", Order: order}, "", "us eu", "us 1.00"},
		{topology.Routing{Policy: "failover", Order: order}, "", "eu near-ap", "no region is up"},
		{topology.Routing{Policy: "weighted", Weights: weights}, "", "us eu ap near-ap", "us 0.50 eu 0.30 ap 0.20"},
		{topology.Routing{Policy: "weighted", Weights: weights}, "", "eu ap near-ap", "eu 0.60 ap 0.40"},
		{topology.Routing{Policy: "weighted", Weights: weights}, "", "ap", "ap 1.00"},
		{topology.Routing{Policy: "weighted", Weights: weights}, "", "near-ap eu-far", "near-ap 0.50 eu-far 0.50"},
		{topology.Routing{Policy: "weighted", Weights: weights}, "", "", "no region is up"},
		{topology.Routing{Policy: "geo"}, "EU", "us eu ap eu-far", "eu 1.00"},
		{topology.Routing{Policy: "geo"}, "EU", "us ap eu-far", "eu-far 1.00"},
		{topology.Routing{Policy: "geo"}, "EU", "us ap", "no region in its jurisdiction is up"},
		{topology.Routing{Policy: "geo"}, "EU", "", "no region in its jurisdiction is up"},
		{topology.Routing{Policy: "geo"}, "", "us ap", "ap 1.00"},
	}
	for _, tt := range tests {
		asia := topology.Population{Name: "asia", RTT: rtt, Jurisdiction: tt.jurisdiction}
		got := Of(topology.Fleet{Regions: regions, Routing: tt.routing}, asia, func(region string) bool {
			return slices.Contains(strings.Fields(tt.serve), region)
		})
		if said(got) != tt.want {
			t.Errorf("%s of %q for %q: %s, want %s", tt.routing.Policy, tt.serve, tt.jurisdiction, said(got), tt.want)
		}
	}
	if p, known := Find("random"); known || p.Name != Default().Name {
		t.Errorf("an unknown name finds %q, %v", p.Name, known)
	}
}

// said is an answer as a line: "us 0.70 eu 0.30".
func said(a Answer) string {
	if a.Err != nil {
		return a.Err.Error()
	}
	var parts []string
	for _, s := range a.Shares {
		parts = append(parts, fmt.Sprintf("%s %.2f", s.Region, s.Part))
	}
	return strings.Join(parts, " ")
}

// A request is drawn as its answer's shares say, and never where nothing goes.
func TestDraws(t *testing.T) {
	a := Answer{Shares: []Share{{"us", 0.7}, {"eu", 0.2}, {"ap", 0.1}}}
	count := map[string]int{}
	for i := range 1000 {
		count[a.Draw(float64(i)/1000)]++
	}
	if count["us"] != 700 || count["eu"] != 200 || count["ap"] != 100 {
		t.Errorf("%v of 1000", count)
	}
	if last := a.Draw(0.9999999999999999); last != "ap" {
		t.Errorf("the last draw is %q", last)
	}
	if a.Main() != "us" || a.Parts()["eu"] != 0.2 || all("us").Parts() != nil || all("").Draw(0) != "" {
		t.Errorf("%s, %v", a.Main(), a.Parts())
	}
}

// What a region does not take yet goes where it went before, and none of it is lost.
func TestRamped(t *testing.T) {
	tests := []struct {
		name    string
		a       Answer
		part    float64 // of us
		without Answer
		want    string
	}{
		{"alone", all("us"), 0.1, all("eu"), "us 0.10 eu 0.90"},
		{"half", all("us"), 0.5, all("eu"), "us 0.50 eu 0.50"},
		{"whole", all("us"), 1, all("eu"), "us 1.00"},
		{"of a share", Answer{Shares: []Share{{"us", 0.5}, {"eu", 0.5}}}, 0.2, all("eu"), "us 0.10 eu 0.90"},
		{"nobody else", all("us"), 0.1, all(""), "us 1.00"},
		{"nobody else may", all("us"), 0.1, Answer{Err: ErrJurisdiction}, "us 1.00"},
	}
	for _, tt := range tests {
		got := tt.a.Ramped(func(region string) float64 {
			if region == "us" {
				return tt.part
			}
			return 1
		}, tt.without)
		if said(got) != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, said(got), tt.want)
		}
	}
}

// TestListIsComplete: each policy has a file of its name and each file a row, and each row all that its readers need.
func TestListIsComplete(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(f, ".go")
		if name != "policy" && name != "answer" && !strings.HasSuffix(name, "_test") && !slices.Contains(Names(), name) {
			t.Errorf("%s is in no row of All", f)
		}
	}
	for _, p := range All {
		if _, err := os.Stat(p.Name + ".go"); err != nil {
			t.Errorf("policy %s has no file of its own: %v", p.Name, err)
		}
		if p.Words == "" || p.Chosen == "" || p.Returned == "" || p.Answer == nil {
			t.Errorf("policy %s lacks a field: %+v", p.Name, p)
		}
	}
}
