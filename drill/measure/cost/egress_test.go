package cost

import (
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func bordering() *drill.State {
	s := drill.NewState()
	s.Fleet = topology.Fleet{Regions: []topology.Region{
		{Name: "east", Place: "Virginia", Jurisdiction: "US"}, {Name: "west", Place: "Oregon", Jurisdiction: "US"},
		{Name: "eu", Place: "Ireland", Jurisdiction: "EU"}, {Name: "moon", Place: "Tycho", Jurisdiction: "none"},
	}}
	for _, r := range s.Fleet.Regions {
		s.Regions = append(s.Regions, &drill.RegionState{Spec: r})
	}
	return s
}

func TestBorders(t *testing.T) {
	s := bordering()
	of := func(n uint64) map[string]uint64 { return map[string]uint64{"orders": n, "other": 7} }
	s.Links = []telemetry.Link{
		{From: "east", To: "west", Datasets: of(1 << 40)}, // no border
		{From: "east", To: "eu", Datasets: of(PricedBytes)},
		{From: "west", To: "eu", Datasets: of(PricedBytes)},
		{From: "eu", To: "east", Bytes: 99}, // nothing of the dataset's own
		{From: "moon", To: "eu", Datasets: of(5)},
		{From: "people", To: "east", Datasets: of(3)}, // users are no region
	}
	got := EgressOf(s, "orders").Borders
	if len(got) != 3 {
		t.Fatalf("%+v", got)
	}
	if b := got[0]; b.From != "US" || b.To != "EU" || b.Bytes != 2*PricedBytes || b.USD == nil || *b.USD != 0.04 {
		t.Errorf("US to EU: %+v", b)
	}
	if b := got[1]; b.From != "EU" || b.To != "US" || b.Bytes != 0 || b.USD == nil || *b.USD != 0 {
		t.Errorf("EU to US: %+v", b)
	}
	if b := got[2]; b.Bytes != 5 || b.USD != nil {
		t.Errorf("a place without a price: %+v", b)
	}
}

// What a cluster's regions send each other leaves no place, and has no price.
func TestNothingLeavesACluster(t *testing.T) {
	s := bordering()
	s.Regions[0].Spec.Cluster, s.Regions[1].Spec.Cluster = "shared", "shared"
	s.Datasets = []*drill.DatasetState{{Name: "orders"}}
	s.Links = []telemetry.Link{
		{From: "east", To: "west", Datasets: map[string]uint64{"orders": PricedBytes}},
		{From: "west", To: "eu", Datasets: map[string]uint64{"orders": PricedBytes}},
	}
	if b := BulkBetween(s, "east", "west"); b.USD == nil || *b.USD != 0 {
		t.Errorf("a tebibyte inside of the cluster: %+v", b)
	}
	if e := EgressOfAll(s); !e.Known || e.Bytes != 2*PricedBytes || e.USD == nil || *e.USD != 0.02 {
		t.Errorf("%+v, want both counted and one priced", e)
	}
	if _, known := EgressOfWrites(s, AMillion); known {
		t.Error("priced before the writes were counted")
	}
	s.Checks = []drill.LedgerChecked{{Dataset: "orders", Why: drill.CheckedAtEnd, Acknowledged: 500}}
	if usd, known := EgressOfWrites(s, AMillion); !known || usd != 40 {
		t.Errorf("a million writes at 500 for two cents are $%g, %t", usd, known)
	}
}

// The price of what crossed borders is a part of the price of all that left its region.
func TestOneEgressPrice(t *testing.T) {
	s := bordering()
	orders := func(n uint64) map[string]uint64 { return map[string]uint64{"orders": n} }
	s.Links = []telemetry.Link{
		{From: "east", To: "west", Datasets: orders(PricedBytes)},
		{From: "east", To: "eu", Datasets: orders(PricedBytes)},
		{From: "eu", To: "east", Datasets: orders(2 * PricedBytes)},
	}
	e := EgressOf(s, "orders")
	if !e.Known || e.Bytes != 4*PricedBytes || e.USD == nil || *e.USD != 0.08 {
		t.Errorf("%+v", e)
	}
	borders := 0.0
	for _, b := range e.Borders {
		borders += *b.USD
	}
	if borders != 0.06 {
		t.Errorf("borders cost %g of %g", borders, *e.USD)
	}
	if e := EgressOf(drill.NewState(), "orders"); e.Known {
		t.Errorf("egress is known before a link was sampled: %+v", e)
	}
}

func TestPinnedAbroad(t *testing.T) {
	s := bordering()
	s.Datasets = []*drill.DatasetState{{Name: "orders", Spec: topology.Dataset{Mode: topology.ModePinned, Jurisdiction: "US"}}}
	if n := PinnedAbroad(s); n.Known {
		t.Errorf("known without a sample: %+v", n)
	}
	s.Links = []telemetry.Link{
		{From: "east", To: "west", Datasets: map[string]uint64{"orders": 99}},
		{From: "eu", To: "east", Datasets: map[string]uint64{"orders": 5}},
	}
	if n := PinnedAbroad(s); !n.Known || n.N != 0 {
		t.Errorf("inside, and on its way in: %+v", n)
	}
	s.Links = append(s.Links, telemetry.Link{From: "west", To: "eu", Datasets: map[string]uint64{"orders": 7}})
	if n := PinnedAbroad(s); n.N != 7 {
		t.Errorf("what left: %+v", n)
	}
}

// A region of the table of places has the price of its site.
func TestPlacesOfTheTableHavePrices(t *testing.T) {
	for at, want := range map[string]float64{"aws:eu-west-1": 0.02, "aws:us-west-2": 0.02, "aws:sa-east-1": 0.138, "aws:af-south-1": 0.147, "aws:eu-central-2": 0} {
		f := topology.Fleet{Regions: []topology.Region{{Name: "here", Place: at}}}
		if price, known := EgressPrice(f, "here"); price != want || known != (want > 0) {
			t.Errorf("%s: %g, known %v, want %g", at, price, known, want)
		}
	}
}

func TestPricesAreInBounds(t *testing.T) {
	for place, price := range EgressPrices {
		if price < 0.01 || price > 0.2 || place != strings.ToLower(place) {
			t.Errorf("%s: %g", place, price)
		}
	}
}
