package policy

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const ms = time.Millisecond

func TestPick(t *testing.T) {
	asia := topology.Population{Name: "asia", RTT: map[string]time.Duration{"us": 180 * ms, "eu": 140 * ms, "ap": 20 * ms, "near-ap": 20 * ms}}
	tests := []struct {
		policy     string
		candidates []string
		want       string
	}{
		{"nearest", []string{"us", "eu", "ap", "near-ap"}, "ap"},
		{"nearest", []string{"near-ap", "ap"}, "near-ap"},
		{"nearest", []string{"us", "eu"}, "eu"},
		{"nearest", []string{"us", "no distance"}, "no distance"},
		{"nearest", []string{"elsewhere"}, "elsewhere"},
		{"nearest", nil, ""},
		{"failover", []string{"us", "eu", "ap"}, "us"},
		{"failover", []string{"eu", "ap"}, "eu"},
		{"failover", nil, ""},
		{"", []string{"us", "ap"}, "ap"},
	}
	for _, tt := range tests {
		p, known := Find(tt.policy)
		if !known {
			t.Fatalf("no policy %q", tt.policy)
		}
		if got := p.Pick(asia, tt.candidates); got != tt.want {
			t.Errorf("%s of %v: %q, want %q", p.Name, tt.candidates, got, tt.want)
		}
	}
	if p, known := Find("random"); known || p.Name != Default().Name {
		t.Errorf("an unknown name finds %q, %v", p.Name, known)
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
		if name != "policy" && !strings.HasSuffix(name, "_test") && !slices.Contains(Names(), name) {
			t.Errorf("%s is in no row of All", f)
		}
	}
	for _, p := range All {
		if _, err := os.Stat(p.Name + ".go"); err != nil {
			t.Errorf("policy %s has no file of its own: %v", p.Name, err)
		}
		if p.Words == "" || p.Chosen == "" || p.Returned == "" || p.Pick == nil {
			t.Errorf("policy %s lacks a field: %+v", p.Name, p)
		}
	}
}
