// Package names is the DNS of a fleet's regions: a name for the authority of each dataset, which every region is told with the
// address by which it reaches that one itself (split horizon: each has a link, and so a relay, of its own).
package names

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"github.com/fleetdrill/fleetdrill/drill/listen"
)

// Config is what a server answers from.
type Config struct {
	Zone string // of the fleet, without the root's dot
	// Regions and Datasets are what stands in it.
	Regions, Datasets []string
	TTL               time.Duration // of the records, in whole seconds
	// Leader is the authority of a dataset now; "" is none.
	Leader func(dataset string) string
	// Peers is the base URLs by which a region reaches the others for a dataset.
	Peers func(region, dataset string) map[string]string
	// Listen is an address without a port, UDP and TCP; Advertise is where regions reach that.
	Listen, Advertise string
}

// Server is a running name server. Start makes one, Close ends it.
type Server struct {
	cfg     Config
	port    string
	servers []*dns.Server
	running sync.WaitGroup
}

// Start begins to answer.
func Start(cfg Config) (*Server, error) {
	s := &Server{cfg: cfg}
	udp, tcp, err := listen.Both(cfg.Listen, 0)
	if err != nil {
		return nil, fmt.Errorf("the regions' name server: %w", err)
	}
	_, s.port, _ = net.SplitHostPort(tcp.Addr().String())
	handler := dns.HandlerFunc(func(w dns.ResponseWriter, asked *dns.Msg) { _ = w.WriteMsg(s.reply(asked)) }) // who asked may have gone
	s.servers = []*dns.Server{
		{PacketConn: udp, Handler: handler},
		{Listener: tcp, Handler: handler, IdleTimeout: func() time.Duration { return listen.TCPIdle }},
	}
	for _, server := range s.servers {
		started, failed := make(chan struct{}), make(chan error, 1)
		server.NotifyStartedFunc = func() { close(started) }
		s.running.Go(func() { failed <- server.ActivateAndServe() })
		select {
		case <-started: // one that has not started can't be shut down
		case err := <-failed:
			return nil, errors.Join(fmt.Errorf("the regions' name server: %w", err), udp.Close(), tcp.Close())
		}
	}
	return s, nil
}

// Addr is where regions ask it, host:port.
func (s *Server) Addr() string { return net.JoinHostPort(s.cfg.Advertise, s.port) }

// Close ends it.
func (s *Server) Close(ctx context.Context) error {
	var all error
	for _, server := range s.servers {
		all = errors.Join(all, server.ShutdownContext(ctx))
	}
	s.running.Wait()
	return all
}

// ZoneOf is below which the datasets' names stand as a region sees them.
func ZoneOf(zone, region string) string { return region + "." + zone }

// reply answers one question. Of another zone it knows nothing: what is a Service of one cluster is a name there alone, and
// nothing elsewhere.
func (s *Server) reply(asked *dns.Msg) *dns.Msg {
	m := new(dns.Msg)
	m.SetReply(asked)
	m.Authoritative = true
	if len(asked.Question) != 1 || asked.Opcode != dns.OpcodeQuery {
		m.Authoritative, m.Rcode = false, dns.RcodeNotImplemented
		return m
	}
	q := asked.Question[0]
	name := strings.TrimSuffix(dns.CanonicalName(q.Name), ".")
	inside, below := strings.CutSuffix(name, "."+s.cfg.Zone)
	switch {
	case q.Qclass != dns.ClassINET:
		m.Authoritative, m.Rcode = false, dns.RcodeRefused
	case below && s.service(m, q, inside):
	default:
		m.Rcode = dns.RcodeNameError
	}
	if len(m.Answer) == 0 {
		m.Ns = append(m.Ns, s.soa())
	}
	return m
}

// service answers _store._tcp.DATASET.REGION; false where there is no such name.
func (s *Server) service(m *dns.Msg, q dns.Question, inside string) bool {
	for _, dataset := range s.cfg.Datasets {
		for _, region := range s.cfg.Regions {
			if inside != "_store._tcp."+dataset+"."+region {
				continue
			}
			if q.Qtype == dns.TypeSRV || q.Qtype == dns.TypeANY {
				s.endpoint(m, q.Name, region, dataset)
			}
			return true
		}
	}
	return false
}

// own is a region as it reaches itself: inside, so that the port is of no use.
const own = "http://127.0.0.1:0"

// endpoint adds the record of a dataset's authority as a region reaches it, and its target's address, or where the relays
// stand at a name (host.docker.internal) the alias; nothing while there is no authority.
func (s *Server) endpoint(m *dns.Msg, name, region, dataset string) {
	leader := s.cfg.Leader(dataset)
	base := s.cfg.Peers(region, dataset)[leader]
	if leader == region {
		base = own
	}
	at, err := url.Parse(base)
	if err != nil {
		return
	}
	port, portErr := strconv.ParseUint(at.Port(), 10, 16)
	if leader == "" || portErr != nil {
		return
	}
	target := dns.Fqdn(leader + "." + ZoneOf(s.cfg.Zone, region))
	m.Answer = append(m.Answer, &dns.SRV{Hdr: s.header(name, dns.TypeSRV), Target: target, Port: uint16(port)})
	if ip, err := netip.ParseAddr(at.Hostname()); err == nil && ip.Is4() {
		m.Extra = append(m.Extra, &dns.A{Hdr: s.header(target, dns.TypeA), A: ip.AsSlice()})
		return
	}
	m.Extra = append(m.Extra, &dns.CNAME{Hdr: s.header(target, dns.TypeCNAME), Target: dns.Fqdn(at.Hostname())})
}

func (s *Server) header(name string, kind uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET, Ttl: uint32(s.cfg.TTL / time.Second)}
}

func (s *Server) soa() dns.RR {
	zone := dns.Fqdn(s.cfg.Zone)
	ttl := uint32(s.cfg.TTL / time.Second)
	return &dns.SOA{
		Hdr: s.header(zone, dns.TypeSOA), Ns: "ns." + zone, Mbox: "nobody." + zone, Serial: 1,
		Refresh: ttl, Retry: ttl, Expire: ttl, Minttl: ttl,
	}
}
