package topology

import (
	"net/netip"
	"testing"
	"time"
)

func TestEntry(t *testing.T) {
	f := Fleet{
		Name:    "shop-fleet",
		Regions: []Region{{Name: "us-east"}, {Name: "eu-west"}},
		Users:   []Population{{Name: "a"}, {Name: "b", Entry: EntryLB}, {Name: "c"}},
		Routing: Routing{DNSTTL: 2 * time.Second},
	}
	if f.Entry(f.Users[0]) != EntryDNS || f.Entry(f.Users[1]) != EntryLB {
		t.Errorf("entries %q, %q", f.Entry(f.Users[0]), f.Entry(f.Users[1]))
	}
	if f.AnswerTTL(f.Users[1]) != 0 || f.LastMoved() != 2*time.Second {
		t.Errorf("lb %s, last %s", f.AnswerTTL(f.Users[1]), f.LastMoved())
	}
	f.Users[2].IgnoreTTL = 0.1
	if f.LastMoved() != 20*time.Second {
		t.Errorf("with resolvers that ignore the TTL users are moved after %s", f.LastMoved())
	}
	for _, r := range f.Regions {
		at, ok := f.EntryAddress(r.Name)
		if back, known := f.RegionAt(at); !ok || !known || back != r.Name {
			t.Errorf("%s stands at %s, where %q is", r.Name, at, back)
		}
	}
	for _, p := range f.Users {
		at, ok := f.ClientSubnet(p.Name)
		if back, known := f.PopulationAt(at.Addr().Next()); !ok || !known || back != p.Name {
			t.Errorf("%s is in %s, where %q is", p.Name, at, back)
		}
	}
	if _, ok := f.RegionAt(netip.MustParseAddr("198.18.2.1")); ok {
		t.Error("there is no third region")
	}
	if got, want := f.Dig("127.0.0.1:5301", "b"), "dig @127.0.0.1 -p 5301 shop.shop-fleet.test +subnet=100.64.1.0/24"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
