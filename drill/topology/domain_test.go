package topology

import (
	"slices"
	"testing"
)

func domains() Fleet {
	return Fleet{
		Regions: []Region{
			{Name: "prod-a", Environment: "prod", Cluster: "one"}, {Name: "prod-b", Environment: "prod", Team: "pay"},
			{Name: "stage", Environment: "staging", Cluster: "one"}, {Name: "free"},
		},
		Hub: &Hub{Name: "hub"},
	}
}

// What takes an environment away takes away what shares its clusters, each once, in the file's order.
func TestADomainFallsWithWhatSharesItsCluster(t *testing.T) {
	f := domains()
	for _, tt := range []struct {
		kind, name    string
		members, fall []string
	}{
		{DomainRegion, "prod-b", []string{"prod-b"}, []string{"prod-b"}},
		{DomainRegion, "stage", []string{"stage"}, []string{"prod-a", "stage"}},
		{DomainCluster, "one", []string{"prod-a", "stage"}, []string{"prod-a", "stage"}},
		{DomainEnvironment, "staging", []string{"stage"}, []string{"prod-a", "stage"}},
		{DomainEnvironment, "prod", []string{"prod-a", "prod-b"}, []string{"prod-a", "prod-b", "stage"}},
		{DomainTeam, "pay", []string{"prod-b"}, []string{"prod-b"}},
		{DomainHub, "hub", []string{"hub"}, []string{"hub"}},
		{DomainEnvironment, "", nil, nil},
		{DomainHub, "prod-a", nil, nil},
		{DomainCluster, "two", nil, nil},
	} {
		got := Target{tt.kind, tt.name}.Members(f)
		if !slices.Equal(got, tt.members) {
			t.Errorf("%s %s has %q, want %q", tt.kind, tt.name, got, tt.members)
		}
		if fall := Falling(f, got); !slices.Equal(fall, tt.fall) {
			t.Errorf("%s %s takes %q away, want %q", tt.kind, tt.name, fall, tt.fall)
		}
	}
}

func TestAPopulationIsServedByItsOwn(t *testing.T) {
	f := domains()
	served := func(p Population) (by []string) {
		for _, r := range f.RegionNames() {
			if p.ServedBy(f, r) {
				by = append(by, r)
			}
		}
		return by
	}
	if got := served(Population{}); len(got) != 4 {
		t.Errorf("users of nobody are served by %q", got)
	}
	if got := served(Population{Environment: "prod"}); !slices.Equal(got, []string{"prod-a", "prod-b", "free"}) {
		t.Errorf("prod is served by %q", got)
	}
	if got := served(Population{Environment: "staging", Team: "pay"}); !slices.Equal(got, []string{"stage", "free"}) {
		t.Errorf("staging of pay is served by %q", got)
	}
	if (Population{}).ServedBy(f, "hub") {
		t.Error("the hub serves users")
	}
}

func TestTheHubStandsBehindTheRegions(t *testing.T) {
	f := domains()
	if names := f.Standing().RegionNames(); names[len(names)-1] != "hub" || len(names) != 5 {
		t.Errorf("it brings up %q", names)
	}
	f.Hub.In = "free"
	if d := f.Domain("free"); !slices.Equal(d, []string{"free", "hub"}) || !slices.Equal(f.Domain("hub"), d) {
		t.Errorf("a hub that is in free falls with %q", d)
	}
	f.Hub.In = "stage"
	if d := f.Domain("hub"); !slices.Equal(d, []string{"prod-a", "stage", "hub"}) {
		t.Errorf("a hub in a shared cluster falls with %q", d)
	}
	if f.Has("hub") {
		t.Error("bringing up the hub made it a region of the fleet")
	}
}
