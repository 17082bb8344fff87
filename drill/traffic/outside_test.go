package traffic

import (
	"context"
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/miekg/dns"

	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
	"github.com/fleetdrill/fleetdrill/drill/traffic/router"
	"github.com/fleetdrill/fleetdrill/drill/traffic/zone"
)

// A plain client of DNS, as dig is one, is told the regions by their weights, one in each answer, and never one that is
// drained.
func TestADNSClientSeesTheWeights(t *testing.T) {
	fleet := topology.Fleet{
		Name: "shares", Regions: []topology.Region{{Name: "us"}, {Name: "eu"}, {Name: "ap"}}, Users: []topology.Population{{Name: "all"}},
		Routing: topology.Routing{Policy: "weighted", Weights: map[string]float64{"us": 0.7, "eu": 0.2, "ap": 0.1}, DNSTTL: 2 * time.Second},
	}
	r := router.New(router.Config{Fleet: fleet, Seed: 2, Now: since(), Probe: func(context.Context, string) error { return nil }})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	defer func() { cancel(); <-done }()
	eventually(t, "the router knows its regions", func() bool { return len(r.Answer("all").Shares) == 3 })
	names, err := zone.Start(zone.Config{Fleet: fleet, Route: r.Route})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = names.Close(context.Background()) }()
	ask := func(n int) map[string]float64 {
		t.Helper()
		conn, err := dns.Dial("udp", names.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		got := map[string]float64{}
		for range n {
			m := new(dns.Msg)
			m.SetQuestion("shop.shares.test.", dns.TypeA)
			reply, _, err := new(dns.Client).ExchangeWithConn(m, conn)
			if err != nil || len(reply.Answer) != 1 {
				t.Fatalf("%v, %v", reply, err)
			}
			got[reply.Answer[0].(*dns.A).A.String()] += 1 / float64(n)
		}
		return got
	}
	for at, want := range map[string]float64{"198.18.0.1": 0.7, "198.18.1.1": 0.2, "198.18.2.1": 0.1} {
		if got := ask(600)[at]; math.Abs(got-want) > 0.07 {
			t.Errorf("%s in %v of the answers, want %v", at, got, want)
		}
	}
	r.SetDraining("us", true)
	if got := ask(200); got["198.18.0.1"] != 0 || math.Abs(got["198.18.1.1"]-2.0/3) > 0.12 {
		t.Errorf("while us is drained: %v", got)
	}
}

// Behind a load balancer each request is drawn anew.
func TestALoadBalancerDrawsEachRequest(t *testing.T) {
	fleet := topology.Fleet{
		Name: "shares", Regions: []topology.Region{{Name: "us"}, {Name: "eu"}},
		Users:   []topology.Population{{Name: "all", Count: 10, Rate: 0.001, Entry: topology.EntryLB}},
		Routing: topology.Routing{Policy: "weighted", Weights: map[string]float64{"us": 0.75, "eu": 0.25}},
	}
	now := since()
	r := router.New(router.Config{Fleet: fleet, Seed: 4, Now: now, Probe: func(context.Context, string) error { return nil }})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	defer func() { cancel(); <-done }()
	eventually(t, "the router knows its regions", func() bool { return len(r.Answer("all").Shares) == 2 })
	users := NewUsers(UsersConfig{
		Fleet: fleet, Now: now, Ledger: newBook(), Route: r.Route, Target: func(_, region string) string { return "http://" + region },
		Transport: func(_, region string) http.RoundTripper {
			return roundTrip(func(*http.Request) (*http.Response, error) { return reply(200, region, map[string]any{}), nil })
		},
	})
	p, count := users.populations[0], map[string]int{}
	for range 400 {
		p.ask(t.Context(), p.draw(now()))
	}
	users.shared.requests.Wait()
	for region, n := range users.Sample().Populations[0].ServedBy {
		count[region] = n
	}
	if n := count["us"] + count["eu"]; n < 390 || math.Abs(float64(count["us"])/float64(n)-0.75) > 0.08 {
		t.Errorf("%v of 400", count)
	}
}

// A refusal by law is a reason of its own by both entries, and comes at once.
func TestRefusedByLaw(t *testing.T) {
	for _, entry := range topology.Entries() {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, func(c *UsersConfig) {
				c.Fleet.Routing.Entry = entry
				c.Route = func(string) (string, error) { return "", policy.ErrJurisdiction }
			})
			w.run(t, func() {
				time.Sleep(3 * time.Second)
				own, err := w.users.Write(t.Context(), "americas", "orders", nil, func(string, string) {})
				if err != nil || own.Error != failure.Jurisdiction || own.Took > 100*ms {
					t.Errorf("%s: an own write: %+v, %v", entry, own, err)
				}
				s := w.sample()
				if s.Failed < 200 || s.Failures[failure.Jurisdiction] != s.Failed || s.OK > 0 || s.Inflight > 0 {
					t.Errorf("%s: %+v", entry, s)
				}
			})
			if n := len(w.all()); n > 0 {
				t.Errorf("%s: %d requests were sent to a region", entry, n)
			}
		})
	}
}
