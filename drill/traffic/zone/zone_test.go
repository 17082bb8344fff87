package zone

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/fleetdrill/fleetdrill/drill/listen"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

func fleet() topology.Fleet {
	return topology.Fleet{
		Name:    "three-regions",
		Regions: []topology.Region{{Name: "us-east"}, {Name: "eu-west"}},
		Users:   []topology.Population{{Name: "americas"}, {Name: "europe", Jurisdiction: "EU"}},
		Routing: topology.Routing{DNSTTL: 2 * time.Second},
	}
}

// routes is a router whose answers a test sets.
type routes struct {
	mu sync.Mutex
	to map[string]string
}

func (r *routes) set(population, region string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to[population] = region
}

// refused is the answer that a population is refused.
const refused = "refused"

func (r *routes) route(population string) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch region := r.to[population]; region {
	case "":
		return "", policy.ErrNoRegion
	case refused:
		return "", policy.ErrJurisdiction
	default:
		return region, nil
	}
}

// Whoever is none of the population's own resolvers is answered apart: what they ask draws nothing for the users who are counted.
func TestOthersAreAnsweredApart(t *testing.T) {
	to := func(region string) func(string) (string, error) {
		return func(string) (string, error) { return region, nil }
	}
	s, err := Start(Config{Fleet: fleet(), Route: to("us-east"), Others: to("eu-west")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close(context.Background()) }()
	users, err := AskForUsers(t.Context(), s.Addr(), fleet(), "americas")
	if err != nil || users.Region != "us-east" {
		t.Errorf("the population's resolvers: %+v, %v", users, err)
	}
	others, err := Ask(t.Context(), s.Addr(), fleet(), "americas")
	if err != nil || others.Region != "eu-west" {
		t.Errorf("anybody else: %+v, %v", others, err)
	}
}

func start(t *testing.T) (*Server, *routes) {
	t.Helper()
	r := &routes{to: map[string]string{"americas": "us-east", "europe": "eu-west"}}
	s, err := Start(Config{Fleet: fleet(), Route: r.route})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if conn, err := net.Dial("tcp", s.Addr()); err == nil {
			_ = conn.Close()
			t.Error("it listens after Close")
		}
	})
	return s, r
}

// Each population is told its own region, for the fleet's TTL, and another one at the next question.
func TestAskByPopulation(t *testing.T) {
	s, r := start(t)
	ask := func(population string) Answer {
		t.Helper()
		a, err := Ask(t.Context(), s.Addr(), fleet(), population)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if got, want := ask("americas"), (Answer{"us-east", 2 * time.Second}); got != want {
		t.Errorf("americas: %+v, want %+v", got, want)
	}
	if got := ask("europe"); got.Region != "eu-west" {
		t.Errorf("europe: %+v", got)
	}
	r.set("americas", "eu-west")
	if got := ask("americas"); got.Region != "eu-west" {
		t.Errorf("americas after a reroute: %+v", got)
	}
	r.set("americas", "")
	if _, err := Ask(t.Context(), s.Addr(), fleet(), "americas"); !errors.Is(err, policy.ErrNoRegion) {
		t.Errorf("without a region: %v", err)
	}
}

// Who may not be served where a region is up is refused, which is another answer than that none is up, and is told why.
func TestRefusedByJurisdiction(t *testing.T) {
	s, r := start(t)
	r.set("europe", refused)
	if _, err := Ask(t.Context(), s.Addr(), fleet(), "europe"); !errors.Is(err, policy.ErrJurisdiction) {
		t.Errorf("europe: %v", err)
	}
	if _, err := Ask(t.Context(), s.Addr(), fleet(), "americas"); err != nil {
		t.Errorf("americas: %v", err)
	}
	m := new(dns.Msg)
	m.SetQuestion("shop.three-regions.test.", dns.TypeA)
	m.SetEdns0(dns.DefaultMsgSize, false)
	subnet, _ := fleet().ClientSubnet("europe")
	m.IsEdns0().Option = append(m.IsEdns0().Option, &dns.EDNS0_SUBNET{Code: dns.EDNS0SUBNET, Family: 1, SourceNetmask: 24, Address: subnet.Addr().AsSlice()})
	reply, _, err := new(dns.Client).ExchangeContext(t.Context(), m, s.Addr())
	if err != nil || reply.Rcode != dns.RcodeRefused || len(reply.Answer) > 0 {
		t.Fatalf("%v, %v", reply, err)
	}
	for _, o := range reply.IsEdns0().Option {
		if why, is := o.(*dns.EDNS0_EDE); is && why.InfoCode == dns.ExtendedErrorCodeProhibited && why.ExtraText == "no region in EU is up" {
			return
		}
	}
	t.Errorf("it does not say why: %v", reply.IsEdns0().Option)
}

// What a plain client of DNS is told, over UDP and TCP.
func TestPlainQuestions(t *testing.T) {
	s, r := start(t)
	r.set("europe", "")
	tests := []struct {
		name, kind string
		rcode      int
		answer     string // "" for none
		negative   bool   // an SOA says how long that holds
	}{
		{"shop.three-regions.test.", "A", dns.RcodeSuccess, "shop.three-regions.test.\t2\tIN\tA\t198.18.0.1", false},
		{"SHOP.Three-Regions.TEST.", "A", dns.RcodeSuccess, "SHOP.Three-Regions.TEST.\t2\tIN\tA\t198.18.0.1", false},
		{"shop.three-regions.test.", "TXT", dns.RcodeSuccess, "shop.three-regions.test.\t2\tIN\tTXT\t\"region=us-east\" \"population=americas\"", false},
		{"shop.three-regions.test.", "AAAA", dns.RcodeSuccess, "", true},
		{"three-regions.test.", "SOA", dns.RcodeSuccess, "three-regions.test.\t2\tIN\tSOA\tns.three-regions.test. nobody.three-regions.test. 1 2 2 2 2", false},
		{"three-regions.test.", "NS", dns.RcodeSuccess, "three-regions.test.\t2\tIN\tNS\tns.three-regions.test.", false},
		{"three-regions.test.", "A", dns.RcodeSuccess, "", true},
		{"nothing.three-regions.test.", "A", dns.RcodeNameError, "", true},
		{"example.org.", "A", dns.RcodeRefused, "", false},
		{"evil-three-regions.test.", "A", dns.RcodeRefused, "", false},
	}
	for _, network := range []string{"udp", "tcp"} {
		for _, tt := range tests {
			m := new(dns.Msg)
			m.SetQuestion(tt.name, dns.StringToType[tt.kind])
			reply, _, err := (&dns.Client{Net: network}).ExchangeContext(t.Context(), m, s.Addr())
			if err != nil {
				t.Fatalf("%s %s %s: %v", network, tt.name, tt.kind, err)
			}
			var got []string
			for _, a := range reply.Answer {
				got = append(got, a.String())
			}
			if strings.Join(got, "\n") != tt.answer || reply.Rcode != tt.rcode {
				t.Errorf("%s %s %s: %s %q, want %s %q", network, tt.name, tt.kind, dns.RcodeToString[reply.Rcode], got, dns.RcodeToString[tt.rcode], tt.answer)
			}
			if negative := len(reply.Ns) == 1; negative != tt.negative {
				t.Errorf("%s %s %s: authority %v", network, tt.name, tt.kind, reply.Ns)
			}
			if wants := tt.rcode != dns.RcodeRefused; reply.Authoritative != wants {
				t.Errorf("%s %s %s: authoritative %v", network, tt.name, tt.kind, reply.Authoritative)
			}
		}
	}
}

// Bytes that are no question hurt nobody, and what is no query is refused.
func TestForeignBytes(t *testing.T) {
	s, _ := start(t)
	conn, err := net.Dial("udp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, b := range [][]byte{{}, {0}, make([]byte, 11), []byte(strings.Repeat("\xff", 500))} {
		if _, err := conn.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	m := new(dns.Msg)
	m.SetUpdate("three-regions.test.")
	reply, _, err := new(dns.Client).ExchangeContext(t.Context(), m, s.Addr())
	if err != nil || reply.Rcode != dns.RcodeNotImplemented {
		t.Errorf("an update: %v, %v", reply, err)
	}
	if _, err := Ask(t.Context(), s.Addr(), fleet(), "americas"); err != nil {
		t.Error(err)
	}
}

func TestPortIsTaken(t *testing.T) {
	s, _ := start(t)
	_, port, _ := net.SplitHostPort(s.Addr())
	n, _ := net.LookupPort("tcp", port)
	if again, err := Start(Config{Fleet: fleet(), Port: n}); err == nil {
		_ = again.Close(context.Background())
		t.Error("two servers at one port")
	}
}

// Whoever opens connections and asks nothing holds no more than are served at once, and questions over UDP go on.
func TestSilentConnectionsAreBounded(t *testing.T) {
	s, _ := start(t)
	for range listen.TCPConns {
		conn, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	m := new(dns.Msg).SetQuestion(dns.Fqdn(fleet().ZoneName()), dns.TypeA)
	waits := dns.Client{Net: "tcp", Timeout: 100 * time.Millisecond}
	if _, _, err := waits.Exchange(m, s.Addr()); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("one connection more is answered: %v", err)
	}
	if _, _, err := new(dns.Client).Exchange(m, s.Addr()); err != nil {
		t.Errorf("over UDP: %v", err)
	}
}
