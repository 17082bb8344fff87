package drill

import "testing"

func TestBorders(t *testing.T) {
	s := NewState()
	s.Fleet = Fleet{Regions: []Region{
		{Name: "east", Place: "Virginia", Jurisdiction: "US"}, {Name: "west", Place: "Oregon", Jurisdiction: "US"},
		{Name: "eu", Place: "Ireland", Jurisdiction: "EU"}, {Name: "moon", Place: "Tycho", Jurisdiction: "none"},
	}}
	for _, r := range s.Fleet.Regions {
		s.Regions = append(s.Regions, &RegionState{Spec: r})
	}
	of := func(n uint64) map[string]uint64 { return map[string]uint64{"orders": n, "other": 7} }
	s.Links = []LinkSample{
		{From: "east", To: "west", Datasets: of(1 << 40)}, // no border
		{From: "east", To: "eu", Datasets: of(PricedBytes)},
		{From: "west", To: "eu", Datasets: of(PricedBytes)},
		{From: "eu", To: "east", Bytes: 99}, // nothing of the dataset's own
		{From: "moon", To: "eu", Datasets: of(5)},
		{From: "people", To: "east", Datasets: of(3)}, // users are no region
	}
	got := s.Borders("orders")
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
