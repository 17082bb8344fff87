package engine

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/link"
)

// network is every link of the fleet with its relays. It lives in this process,
// so a region's restart loses none of its settings.
type network struct {
	links   []*link.Link
	users   map[[2]string]*link.Relay // population, region
	peers   map[[2]string]*link.Relay // from region, to region
	data    map[[3]string]*link.Relay // dataset, from region, to region: what is that dataset's own
	control map[string]*link.Relay
	host    fleet.RelayHost

	mu     sync.Mutex
	last   map[*link.Link]byteMark
	dark   map[string]bool         // regions whose links are silent because they are dead
	parted map[*link.Link]link.Cut // what a partition holds
}

type byteMark struct {
	at     time.Duration
	ab, ba uint64
}

func newNetwork(spec drill.Fleet, host fleet.RelayHost, address func(context.Context, string) (string, error), seed uint64, log *slog.Logger) (*network, error) {
	n := &network{
		users: map[[2]string]*link.Relay{}, peers: map[[2]string]*link.Relay{}, control: map[string]*link.Relay{},
		host: host, last: map[*link.Link]byteMark{}, data: map[[3]string]*link.Relay{},
		dark: map[string]bool{}, parted: map[*link.Link]link.Cut{},
	}
	to := func(region string) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) { return address(ctx, region) }
	}
	add := func(a, b string, shape link.Shape) *link.Link {
		l := link.New(a, b, shape, link.WithSeed(seed+uint64(len(n.links))), link.WithLogger(log))
		n.links = append(n.links, l)
		return l
	}
	fail := func(what string, err error) (*network, error) {
		n.close()
		return nil, fmt.Errorf("open the relay %s: %w", what, err)
	}
	for _, r := range spec.Regions {
		// The controller and the global router stand outside every region, with no
		// distance of their own.
		l := add(drill.EndControl, r.Name, link.Shape{})
		relay, err := l.Relay(drill.EndControl, "127.0.0.1:0", to(r.Name))
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
				for _, d := range spec.Datasets {
					relay, err := l.Relay(way[0], net.JoinHostPort(host.Listen, "0"), to(way[1]))
					if err != nil {
						return fail("of "+d.Name+" from "+way[0]+" to "+way[1], err)
					}
					n.data[[3]string{d.Name, way[0], way[1]}] = relay
				}
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
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dark[region] = silent
	for _, l := range n.links {
		if a, b := l.Ends(); a == region || b == region {
			n.setCut(l)
		}
	}
}

// target is the base URL by which a population reaches a region.
func (n *network) target(population, region string) string {
	return "http://" + n.users[[2]string{population, region}].Addr().String()
}

// peersOf is the base URLs by which a region reaches the others, or by which
// what belongs to a dataset does.
func (n *network) peersOf(region, dataset string) map[string]string {
	peers := map[string]string{}
	for way, relay := range n.peers {
		if way[0] != region {
			continue
		}
		if dataset != "" {
			relay = n.data[[3]string{dataset, way[0], way[1]}]
		}
		_, port, _ := net.SplitHostPort(relay.Addr().String())
		peers[way[1]] = "http://" + net.JoinHostPort(n.host.Advertise, port)
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
		if a == drill.EndControl {
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
			drill.LinkSample{From: a, To: b, Bytes: ab, Rate: rate(ab, last.ab, seconds), Cut: cut.AtoB, Datasets: n.datasetBytes(a, b)},
			drill.LinkSample{From: b, To: a, Bytes: ba, Rate: rate(ba, last.ba, seconds), Cut: cut.BtoA, Datasets: n.datasetBytes(b, a)})
		n.last[l] = byteMark{at: now, ab: ab, ba: ba}
	}
	return out
}

// datasetBytes is what has passed from one region to another for each dataset:
// what its relay that way sent, and what its relay the other way answered.
func (n *network) datasetBytes(from, to string) map[string]uint64 {
	out := map[string]uint64{}
	for key, relay := range n.data {
		sent, answered := relay.Bytes()
		switch {
		case key[1] == from && key[2] == to:
			out[key[0]] += sent
		case key[1] == to && key[2] == from:
			out[key[0]] += answered
		}
	}
	return out
}

// probeClient asks a region over one link, on a connection of its own; done closes it.
func probeClient(url, region string) (client *wire.Client, done func()) {
	transport := &http.Transport{DisableKeepAlives: true}
	return wire.NewClient(wire.ClientConfig{Base: url, Region: region, HTTP: &http.Client{Transport: transport}}), transport.CloseIdleConnections
}
