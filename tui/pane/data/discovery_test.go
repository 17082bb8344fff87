package data

import (
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// The leader of a region that has lost its web tier alone still takes writes: who calls it calls no stale endpoint.
func TestALeaderWithoutAWebTierIsNoStaleEndpoint(t *testing.T) {
	unserved := []drill.Body{drill.RegionUnserved{Region: "east", On: true}, drill.RegionJudged{Region: "east"}}
	for want, bodies := range map[style.Style][]drill.Body{style.Text: unserved, style.DangerBold: append(unserved, drill.RegionUnserved{Region: "east"})} {
		s := ledBy(bodies...)
		found := measure.Discovered{Discovery: telemetry.Discovery{Endpoints: []string{"east"}}}
		if got := endpointSpans(show.Scene{State: s}, s.Dataset("orders"), found)[1]; got.Style != want {
			t.Errorf("%s, and its endpoint is drawn as %v, want %v", s.Region("east").Health, got.Style, want)
		}
	}
}

// Each region that finds the leader by itself has a row: whom it calls, and what that came to.
func TestDiscoveryRows(t *testing.T) {
	from, until := 7*time.Second, 8*time.Second
	s := ledBy(drill.DiscoverySampled{Found: []telemetry.Discovery{
		{Region: "eu-west", Dataset: "orders", Kind: "bare-dns", Endpoints: []string{"west"}, Calls: 40, Stale: 10, StaleFrom: &from, StaleUntil: &until},
		{Region: "ap-south", Dataset: "orders", Kind: "mirror", Endpoints: []string{"east", "west"}, Calls: 1},
		{Region: "sa-east", Dataset: "orders", Kind: "fleet", None: 3},
		{Region: "sa-east", Dataset: "carts", Kind: "fleet", Endpoints: []string{"east"}, Calls: 9},
		{Region: "af-south", Dataset: "orders", Kind: "fleet", Endpoints: []string{"east"}, Calls: 5, Silent: true},
	}})
	got := strings.Split(drawn(s, 72, 12, Draw), "\n")
	for _, want := range [][]string{
		{"eu-west", "bare-dns", "calls west", "10 stale (25 %), for 1.0 s"},
		{"ap-south", "mirror", "calls east, west", "none stale of 1 call"},
		{"sa-east", "fleet", "calls nobody", "no calls yet"},
		{"af-south", "fleet", "unknown", "none stale of 5 calls"},
	} {
		found := false
		for _, line := range got {
			all := true
			for _, w := range want {
				all = all && strings.Contains(line, w)
			}
			found = found || all
		}
		if !found {
			t.Errorf("no row has %q:\n%s", want, strings.Join(got, "\n"))
		}
	}
	if short := drawn(s, 80, 7, Draw); !strings.Contains(short, "stale calls  eu-west 1.0 s · ap-south none · sa-east none · af-south none") {
		t.Errorf("where there is no row for each:\n%s", short)
	}
	looked := ledBy(drill.DiscoverySampled{Found: []telemetry.Discovery{{Region: "west", Dataset: "orders", Kind: "bare-dns", Calls: 1}}},
		drill.NameLookedUp{Region: "west", Name: "store.mine", Of: "east", Says: "NXDOMAIN"})
	if text := drawn(looked, 72, 12, Draw); !strings.Contains(text, "west asked for store.mine: NXDOMAIN, nobody has that name here") {
		t.Errorf("what a look-up came to is not drawn:\n%s", text)
	}
	if plain := drawn(ledBy(), 72, 12, Draw); strings.Contains(plain, "stale") {
		t.Errorf("a fleet whose regions are told has rows of discovery:\n%s", plain)
	}
}
