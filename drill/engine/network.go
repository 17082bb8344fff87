package engine

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/link"
)

// controlEnd is the name of the end where the controller and the global router
// stand: outside every region, with no distance of its own.
const controlEnd = "control"

// network is every link of the fleet with its relays. It lives in this process,
// so a region's restart loses none of its settings.
type network struct {
	links   []*link.Link
	users   map[[2]string]*link.Relay // population, region
	peers   map[[2]string]*link.Relay // from region, to region
	control map[string]*link.Relay
	host    fleet.RelayHost

	mu   sync.Mutex
	last map[*link.Link]byteMark
}

type byteMark struct {
	at     time.Duration
	ab, ba uint64
}

func newNetwork(spec drill.Fleet, host fleet.RelayHost, address func(context.Context, string) (string, error), seed uint64) (*network, error) {
	n := &network{
		users: map[[2]string]*link.Relay{}, peers: map[[2]string]*link.Relay{}, control: map[string]*link.Relay{},
		host: host, last: map[*link.Link]byteMark{},
	}
	to := func(region string) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) { return address(ctx, region) }
	}
	add := func(a, b string, shape link.Shape) *link.Link {
		l := link.New(a, b, shape, link.WithSeed(seed+uint64(len(n.links))))
		n.links = append(n.links, l)
		return l
	}
	fail := func(what string, err error) (*network, error) {
		n.close()
		return nil, fmt.Errorf("open the relay %s: %w", what, err)
	}
	for _, r := range spec.Regions {
		l := add(controlEnd, r.Name, link.Shape{})
		relay, err := l.Relay(controlEnd, "127.0.0.1:0", to(r.Name))
		if err != nil {
			return fail("to "+r.Name, err)
		}
		n.control[r.Name] = relay
		for _, p := range spec.Users {
			l := add(p.Name, r.Name, link.Shape{RTT: p.RTT[r.Name]})
			relay, err := l.Relay(p.Name, "127.0.0.1:0", to(r.Name))
			if err != nil {
				return fail("from "+p.Name+" to "+r.Name, err)
			}
			n.users[[2]string{p.Name, r.Name}] = relay
		}
	}
	for i, a := range spec.Regions {
		for _, b := range spec.Regions[i+1:] {
			shape := link.Shape{}
			if s, ok := spec.LinkBetween(a.Name, b.Name); ok {
				shape = link.Shape{RTT: s.RTT, Jitter: s.Jitter, Bandwidth: s.Bandwidth}
			}
			l := add(a.Name, b.Name, shape)
			for _, way := range [][2]string{{a.Name, b.Name}, {b.Name, a.Name}} {
				relay, err := l.Relay(way[0], net.JoinHostPort(host.Listen, "0"), to(way[1]))
				if err != nil {
					return fail("from "+way[0]+" to "+way[1], err)
				}
				n.peers[way] = relay
			}
		}
	}
	return n, nil
}

func (n *network) close() {
	for _, l := range n.links {
		_ = l.Close()
	}
}

// cut silences (or heals) every link of a region, the controller's too: a dead
// region sends no FIN.
func (n *network) cut(region string, silent bool) {
	for _, l := range n.links {
		if a, b := l.Ends(); a == region || b == region {
			l.SetCut(link.Cut{AtoB: silent, BtoA: silent})
		}
	}
}

// target is the base URL by which a population reaches a region.
func (n *network) target(population, region string) string {
	return "http://" + n.users[[2]string{population, region}].Addr().String()
}

// peersOf is the base URLs by which a region reaches the others.
func (n *network) peersOf(region string) map[string]string {
	peers := map[string]string{}
	for way, relay := range n.peers {
		if way[0] == region {
			_, port, _ := net.SplitHostPort(relay.Addr().String())
			peers[way[1]] = "http://" + net.JoinHostPort(n.host.Advertise, port)
		}
	}
	return peers
}

// client is the controller's client for a region. It dials through the control
// link. Timeouts are the caller's.
func (n *network) client(region, token string) *wire.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 8, IdleConnTimeout: 30 * time.Second, DisableCompression: true}
	return wire.NewClient(wire.ClientConfig{
		Base:   "http://" + n.control[region].Addr().String(),
		Region: region, Token: token,
		HTTP: &http.Client{Transport: transport},
	})
}

// userBytes is the bytes that have passed between all users and a region.
func (n *network) userBytes(region string, populations []drill.Population) uint64 {
	var sum uint64
	for _, l := range n.links {
		a, b := l.Ends()
		for _, p := range populations {
			if a == p.Name && b == region {
				ab, ba := l.Bytes()
				sum += ab + ba
			}
		}
	}
	return sum
}

// sample is every link direction now, with the rate since the sample before.
// The controller's own links are left out: they carry no user and no data.
func (n *network) sample(now time.Duration) drill.LinksSampled {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out drill.LinksSampled
	for _, l := range n.links {
		a, b := l.Ends()
		if a == controlEnd {
			continue
		}
		ab, ba := l.Bytes()
		cut, last := l.Cut(), n.last[l]
		rate := func(now, was uint64, seconds float64) float64 {
			if seconds <= 0 {
				return 0
			}
			return float64(now-was) / seconds
		}
		seconds := (now - last.at).Seconds()
		out.Links = append(out.Links,
			drill.LinkSample{From: a, To: b, Bytes: ab, Rate: rate(ab, last.ab, seconds), Cut: cut.AtoB},
			drill.LinkSample{From: b, To: a, Bytes: ba, Rate: rate(ba, last.ba, seconds), Cut: cut.BtoA})
		n.last[l] = byteMark{at: now, ab: ab, ba: ba}
	}
	return out
}
