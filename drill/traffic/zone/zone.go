// Package zone is the DNS of a fleet: the authoritative server of its zone, and the question that a resolver puts to it.
package zone

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/fleetdrill/fleetdrill/drill/listen"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
)

// Config is what a server answers from.
type Config struct {
	Fleet topology.Fleet
	// Route is the global router's answer for a query of a population's own resolvers, and Others for that of anybody else there;
	// nil is Route. The error is policy.ErrNoRegion or policy.ErrJurisdiction.
	Route, Others func(population string) (region string, err error)
	// Port is where it listens, on UDP and TCP of the loopback; 0 takes a free one.
	Port int
}

// Server answers for a fleet's zone. Answers depend on who asks: the client subnet that the question carries (RFC 7871)
// says of which population; a question without one is answered as the first population's.
type Server struct {
	cfg     Config
	udp     net.PacketConn
	tcp     net.Listener
	servers []*dns.Server
	running sync.WaitGroup
}

// zoneSerial never changes: nobody transfers the zone.
const zoneSerial = 1

// Start listens and answers until Close. The error says what can't be listened at.
func Start(cfg Config) (*Server, error) {
	s := &Server{cfg: cfg}
	var err error
	if s.udp, s.tcp, err = listen.Both("127.0.0.1", cfg.Port); err != nil {
		return nil, fmt.Errorf("the fleet's name server: %w", err)
	}
	handler := dns.HandlerFunc(s.answer)
	s.servers = []*dns.Server{
		{PacketConn: s.udp, Handler: handler},
		{Listener: s.tcp, Handler: handler, IdleTimeout: func() time.Duration { return listen.TCPIdle }},
	}
	for _, server := range s.servers {
		started, failed := make(chan struct{}), make(chan error, 1)
		server.NotifyStartedFunc = func() { close(started) }
		s.running.Go(func() { failed <- server.ActivateAndServe() })
		select {
		case <-started: // one that has not started can't be shut down
		case err := <-failed:
			return nil, errors.Join(fmt.Errorf("the fleet's name server: %w", err), s.udp.Close(), s.tcp.Close())
		}
	}
	return s, nil
}

// Addr is where the server listens, on UDP and TCP.
func (s *Server) Addr() string { return s.tcp.Addr().String() }

// Close ends the server and waits for it.
func (s *Server) Close(ctx context.Context) error {
	var all error
	for _, server := range s.servers {
		all = errors.Join(all, server.ShutdownContext(ctx))
	}
	s.running.Wait()
	return all
}

// answer answers one question.
func (s *Server) answer(w dns.ResponseWriter, asked *dns.Msg) {
	_ = w.WriteMsg(s.reply(asked))
}

// reply is what a question is answered with.
func (s *Server) reply(asked *dns.Msg) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(asked)
	m.Authoritative = true
	subnet := echoed(m, asked)
	if len(asked.Question) != 1 || asked.Opcode != dns.OpcodeQuery {
		m.Authoritative, m.Rcode = false, dns.RcodeNotImplemented
		return m
	}
	q := asked.Question[0]
	zone, name := dns.Fqdn(s.cfg.Fleet.Zone()), dns.Fqdn(s.cfg.Fleet.ZoneName())
	switch asksFor := dns.CanonicalName(q.Name); {
	case q.Qclass != dns.ClassINET || !dns.IsSubDomain(zone, asksFor):
		m.Authoritative, m.Rcode = false, dns.RcodeRefused // of another zone
	case asksFor == zone && q.Qtype == dns.TypeSOA:
		m.Answer = append(m.Answer, s.soa())
	case asksFor == zone && q.Qtype == dns.TypeNS:
		m.Answer = append(m.Answer, &dns.NS{Hdr: s.header(zone, dns.TypeNS), Ns: "ns." + zone})
	case asksFor == name:
		route := s.cfg.Route
		if s.cfg.Others != nil && !isCounted(asked) {
			route = s.cfg.Others
		}
		s.route(m, q, subnet, route)
	case asksFor == zone || asksFor == "ns."+zone:
		m.Ns = append(m.Ns, s.soa()) // there is such a name, and no such record
	default:
		m.Rcode = dns.RcodeNameError
		m.Ns = append(m.Ns, s.soa())
	}
	return m
}

// route answers for the one name that users ask for.
func (s *Server) route(m *dns.Msg, q dns.Question, subnet *dns.EDNS0_SUBNET, route func(population string) (string, error)) {
	if q.Qtype != dns.TypeA && q.Qtype != dns.TypeTXT && q.Qtype != dns.TypeANY {
		m.Ns = append(m.Ns, s.soa())
		return
	}
	population, known := s.population(subnet)
	if !known {
		m.Authoritative, m.Rcode = false, dns.RcodeServerFailure
		return
	}
	region, err := route(population)
	at, there := s.cfg.Fleet.EntryAddress(region)
	switch {
	case errors.Is(err, policy.ErrJurisdiction):
		s.refuse(m, population)
		return
	case err != nil || !there:
		m.Authoritative, m.Rcode = false, dns.RcodeServerFailure // nobody serves
		return
	}
	if subnet != nil {
		subnet.SourceScope = subnet.SourceNetmask
	}
	if q.Qtype != dns.TypeTXT {
		m.Answer = append(m.Answer, &dns.A{Hdr: s.header(q.Name, dns.TypeA), A: at.AsSlice()})
	}
	if q.Qtype != dns.TypeA {
		m.Answer = append(m.Answer, &dns.TXT{Hdr: s.header(q.Name, dns.TypeTXT), Txt: []string{"region=" + region, "population=" + population}})
	}
}

// refuse answers that the population is not served, for its law, which is the server's policy (RFC 1035, 4.1.1). Who asks
// with EDNS is told why (RFC 8914, 4.19).
func (s *Server) refuse(m *dns.Msg, population string) {
	m.Authoritative, m.Rcode = false, dns.RcodeRefused
	p, _ := s.cfg.Fleet.Population(population)
	if opt := m.IsEdns0(); opt != nil {
		opt.Option = append(opt.Option, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeProhibited, ExtraText: policy.Refusal(p)})
	}
}

// population is of which population the question is.
func (s *Server) population(subnet *dns.EDNS0_SUBNET) (name string, known bool) {
	users := s.cfg.Fleet.Users
	if len(users) == 0 {
		return "", false
	}
	if subnet != nil {
		if a, ok := netip.AddrFromSlice(subnet.Address); ok {
			if of, ok := s.cfg.Fleet.PopulationAt(a.Unmap()); ok {
				return of, true
			}
		}
	}
	return users[0].Name, true
}

func (s *Server) header(name string, kind uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: s.ttl()}
}

// ttl is in whole seconds, as the protocol has it. "There is no such name" may be kept as long (RFC 2308, 5).
func (s *Server) ttl() uint32 { return uint32(s.cfg.Fleet.Routing.DNSTTL / time.Second) }

func (s *Server) soa() dns.RR {
	zone := dns.Fqdn(s.cfg.Fleet.Zone())
	return &dns.SOA{
		Hdr: s.header(zone, dns.TypeSOA), Ns: "ns." + zone, Mbox: "nobody." + zone, Serial: zoneSerial,
		Refresh: s.ttl(), Retry: s.ttl(), Expire: s.ttl(), Minttl: s.ttl(),
	}
}

// echoed puts the question's EDNS into the answer, as RFC 6891 and 7871 ask for, and returns its client subnet.
func echoed(m, asked *dns.Msg) *dns.EDNS0_SUBNET {
	opt := asked.IsEdns0()
	if opt == nil {
		return nil
	}
	m.SetEdns0(opt.UDPSize(), false)
	for _, o := range opt.Option {
		if subnet, ok := o.(*dns.EDNS0_SUBNET); ok {
			echo := *subnet
			echo.SourceScope = 0
			back := m.IsEdns0()
			back.Option = append(back.Option, &echo)
			return &echo
		}
	}
	return nil
}
