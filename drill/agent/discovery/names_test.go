package discovery

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/network/names"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// An address is kept for its record's TTL, or for the life of the process, however wrong it is meanwhile.
func TestNamesAreKept(t *testing.T) {
	for cache, want := range map[string][]string{
		topology.CacheTTL:     {"a", "a", "b", "b"},
		topology.CacheProcess: {"a", "a", "a", "a"},
	} {
		now, asked, leader := time.Duration(0), 0, "a"
		n := newResolver(wire.Discovery{Zone: "z", Cache: cache}, func() time.Duration { return now })
		n.lookup = func(context.Context, string, string) (record, error) {
			asked++
			return record{Endpoint{Region: leader}, 5 * time.Second}, nil
		}
		var got []string
		for _, at := range []time.Duration{0, 4999 * time.Millisecond, 5 * time.Second, 9 * time.Second} {
			now = at
			ep, err := n.pick(t.Context(), "orders")
			if err != nil {
				t.Fatal(err)
			}
			got, leader = append(got, ep.Region), "b"
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("cache %s: %v, want %v (asked %d times)", cache, got, want, asked)
		}
	}
}

// What could not be looked up is asked again by the next write.
func TestFailuresAreNotKept(t *testing.T) {
	failure := errors.New("no route")
	n := newResolver(wire.Discovery{Cache: topology.CacheTTL}, func() time.Duration { return 0 })
	n.lookup = func(context.Context, string, string) (record, error) { return record{}, failure }
	if _, err := n.pick(t.Context(), "orders"); !errors.Is(err, failure) {
		t.Fatalf("%v", err)
	}
	n.lookup = func(context.Context, string, string) (record, error) {
		return record{Endpoint: Endpoint{Region: "a"}, ttl: time.Second}, nil
	}
	if ep, err := n.pick(t.Context(), "orders"); err != nil || ep.Region != "a" {
		t.Errorf("%+v, %v", ep, err)
	}
}

// A lookup that hangs holds up who waits for its answer, and nobody who asks what is known; of an address that the process
// keeps for good there is no time left to tell.
func TestWhatIsKnownWaitsForNoLookup(t *testing.T) {
	now := time.Duration(0)
	n := newResolver(wire.Discovery{Cache: topology.CacheTTL}, func() time.Duration { return now })
	n.lookup = func(context.Context, string, string) (record, error) {
		return record{Endpoint: Endpoint{Region: "a"}, ttl: 2 * time.Second}, nil
	}
	if _, err := n.pick(t.Context(), "orders"); err != nil {
		t.Fatal(err)
	}
	if regions, left := n.regions("orders"); len(regions) != 1 || left != 2*time.Second {
		t.Errorf("%v for %s", regions, left)
	}
	now = 3 * time.Second
	asking, answer := make(chan struct{}), make(chan struct{})
	n.lookup = func(context.Context, string, string) (record, error) {
		close(asking)
		<-answer
		return record{Endpoint: Endpoint{Region: "b"}, ttl: time.Second}, nil
	}
	picked := make(chan Endpoint)
	go func() { found, _ := n.pick(t.Context(), "orders"); picked <- found }()
	<-asking
	if regions, left := n.regions("orders"); len(regions) != 1 || regions[0] != "a" || left != 0 {
		t.Errorf("while it is looked up: %v for %s", regions, left)
	}
	close(answer)
	if found := <-picked; found.Region != "b" {
		t.Errorf("%+v", found)
	}
	n.told.Cache = topology.CacheProcess
	if regions, left := n.regions("orders"); len(regions) != 1 || left != 0 {
		t.Errorf("for good: %v for %s", regions, left)
	}
}

// A region is told the relay by which it reaches the leader itself, over real DNS; a Service of another cluster has no name here.
func TestAskingTheRegionsNameServer(t *testing.T) {
	var leader atomic.Value // it is asked for by the server's goroutines
	leader.Store("us-east")
	s, err := names.Start(names.Config{
		Zone: "mine.test", Regions: []string{"us-east", "eu-west"}, Datasets: []string{"orders"}, TTL: 5 * time.Second,
		Leader: func(string) string { return leader.Load().(string) },
		Peers: func(region, dataset string) map[string]string {
			return map[string]map[string]string{
				"eu-west": {"us-east": "http://127.0.0.1:4711"},
				"us-east": {"eu-west": "http://host.docker.internal:4712"},
			}[region]
		},
		Listen: "127.0.0.1", Advertise: "127.0.0.1",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	service := func(region string) string {
		return wire.Discovery{Zone: names.ZoneOf("mine.test", region)}.ServiceName("orders")
	}
	for _, tt := range []struct{ leader, from, region, base string }{
		{"us-east", "eu-west", "us-east", "http://127.0.0.1:4711"},
		{"us-east", "us-east", "us-east", "http://127.0.0.1:0"},
		{"eu-west", "us-east", "eu-west", "http://host.docker.internal:4712"},
	} {
		leader.Store(tt.leader)
		got, err := ask(t.Context(), s.Addr(), service(tt.from))
		if want := (record{Endpoint{tt.region, tt.base}, 5 * time.Second}); err != nil || got != want {
			t.Errorf("%s asks for the leader %s: %+v, %v, want %+v", tt.from, tt.leader, got, err, want)
		}
	}
	leader.Store("")
	if _, err := ask(t.Context(), s.Addr(), service("eu-west")); !errors.Is(err, errNoRecord) {
		t.Errorf("without a leader: %v", err)
	}
	for _, name := range []string{"store.shop.svc.cluster.local", "_store._tcp.carts.eu-west.mine.test", "_store._tcp.orders.ap-south.mine.test", "mine.test"} {
		if _, err := ask(t.Context(), s.Addr(), name); err == nil || !strings.Contains(err.Error(), "NXDOMAIN") {
			t.Errorf("%s: %v, want NXDOMAIN", name, err)
		}
	}
	tcp, _, err := (&dns.Client{Net: "tcp"}).ExchangeContext(t.Context(), new(dns.Msg).SetQuestion("mine.test.", dns.TypeA), s.Addr())
	if err != nil || len(tcp.Ns) != 1 {
		t.Errorf("over TCP: %v, %v", tcp, err)
	}
}

// A name server that is not there is an error within the time of who asks.
func TestNoNameServer(t *testing.T) {
	l, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if got, err := ask(ctx, l.LocalAddr().String(), "x.test"); err == nil {
		t.Errorf("%+v", got)
	}
}

// A region that goes by names looks another cluster's up as well, once it is told so, and says what its name server answered: that
// it knows no such name, or whose address it gives.
func TestWhatIsAssumedIsLookedUp(t *testing.T) {
	for want, reply := range map[string]dns.HandlerFunc{
		"NXDOMAIN": func(w dns.ResponseWriter, m *dns.Msg) {
			_ = w.WriteMsg(new(dns.Msg).SetRcode(m, dns.RcodeNameError))
		},
		"10.96.0.92": func(w dns.ResponseWriter, m *dns.Msg) {
			answer := new(dns.Msg).SetReply(m)
			answer.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: m.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: net.IPv4(10, 96, 0, 92)}}
			_ = w.WriteMsg(answer)
		},
	} {
		t.Run(want, func(t *testing.T) {
			udp, err := net.ListenPacket("udp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			server := &dns.Server{PacketConn: udp, Handler: reply}
			go func() { _ = server.ActivateAndServe() }()
			defer func() { _ = udp.Close() }()
			began := time.Now()
			d := New(Config{Now: func() time.Duration { return time.Since(began) }})
			defer d.Close()
			told := wire.Topology{Region: "eu-west", Datasets: []wire.Placement{{Dataset: topology.Dataset{Name: "orders", Regions: []string{"us-east"}}}}, Discovery: &wire.Discovery{
				Kind: topology.DiscoveryBareDNS, Server: udp.LocalAddr().String(), Assumed: topology.StoreName,
			}}
			d.Told(told)
			var got *wire.LookedUp
			for time.Since(began) < 20*time.Second && got == nil {
				got = d.Status()[0].Assumed
				time.Sleep(time.Millisecond)
			}
			if got == nil || *got != (wire.LookedUp{Name: topology.StoreName, Says: want}) {
				t.Errorf("%+v, want %s", got, want)
			}
			told.Discovery = &wire.Discovery{Kind: topology.DiscoveryBareDNS, Server: udp.LocalAddr().String()}
			if d.Told(told); d.Status()[0].Assumed != nil {
				t.Error("what another name server said is said of the next, which is asked for no such name")
			}
		})
	}
}
