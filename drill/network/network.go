// Package network is every link of a fleet, and who holds which cut or shape of it.
//
// A hold has a name and changes directions of links: it silences or shapes them. Several
// may hold the same direction, each for a reason of its own: it is silent while any
// hold silences it, and shaped by all of them, the later ones first. Lifting one leaves
// the others. Nothing here knows why a link is held or who asked.
//
// The network lives in the engine's process, so a region's restart loses none of it. Its
// methods may be called from any goroutine. mu guards the holds and is held while links are set;
// links take their own locks inside.
package network

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/link"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Config is what a network is made of.
type Config struct {
	Fleet topology.Fleet
	// Listen is an address without a port that regions can reach, Advertise the host name
	// or address by which they do.
	Listen, Advertise string
	// Address is where a region's gateway listens now, host:port; it is asked for every connection.
	Address func(ctx context.Context, region string) (string, error)
	Seed    uint64
	Log     *slog.Logger // nil logs nothing
	// Refused is called when a relay gets no descriptor or port from the system; may be nil.
	Refused func()
	// Now is the drill's clock.
	Now func() time.Duration
	// Probe asks a region by a base URL on a connection of its own. silent says that nothing
	// came back at all before ctx ended.
	Probe func(ctx context.Context, url, region string) (silent bool, err error)
	// Line is one connection to a region by a base URL, for several questions. It is made by
	// the first of them and not made again. echo sends so many bytes and returns once so many have
	// come back; silent is Probe's.
	Line func(url, region string) (echo func(ctx context.Context, send, take int) (silent bool, err error), hangUp func())
}

// Network is the links of a fleet with their relays.
type Network struct {
	cfg     Config
	links   []*link.Link
	users   map[[2]string]*link.Relay // population, region
	peers   map[[2]string]*link.Relay // from region, to region
	data    map[[3]string]*link.Relay // dataset, from region, to region: what is that dataset's own
	control map[string]*link.Relay    // by what is reached: each region, and the hub

	mu    sync.Mutex
	made  map[*link.Link]link.Shape // as the fleet file has it
	holds []hold
	last  map[*link.Link]bytesAt
}

// New opens the relays of a fleet. The error says which one could not be.
func New(cfg Config) (*Network, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	n := &Network{
		cfg:   cfg,
		users: map[[2]string]*link.Relay{}, peers: map[[2]string]*link.Relay{},
		data: map[[3]string]*link.Relay{}, control: map[string]*link.Relay{},
		made: map[*link.Link]link.Shape{}, last: map[*link.Link]bytesAt{},
	}
	if err := n.open(); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// Close closes every link and resets what is open on them.
func (n *Network) Close() {
	for _, l := range n.links {
		_ = l.Close()
	}
}

// add makes a link.
func (n *Network) add(a, b string, shape link.Shape) *link.Link {
	l := link.New(a, b, shape, link.WithSeed(n.cfg.Seed+uint64(len(n.links))), link.WithLogger(n.cfg.Log), link.WithRefused(n.cfg.Refused))
	n.links = append(n.links, l)
	n.made[l] = shape
	return l
}

// relay opens a relay of a link from one end to a region.
func (n *Network) relay(l *link.Link, from, listen, region string) (*link.Relay, error) {
	relay, err := l.Relay(from, net.JoinHostPort(listen, "0"), func(ctx context.Context) (string, error) {
		return n.cfg.Address(ctx, region)
	})
	if err != nil {
		return nil, fmt.Errorf("open the relay from %s to %s: %w", from, region, err)
	}
	return relay, nil
}

// loopback is where what is asked by this process listens.
const loopback = "127.0.0.1"

func (n *Network) open() (err error) {
	spec := n.cfg.Fleet
	for _, r := range spec.Regions {
		if err := openControl(n, r.Name); err != nil {
			return err
		}
		for _, p := range spec.Users {
			l := n.add(p.Name, r.Name, link.Shape{RTT: p.RTT[r.Name]})
			if n.users[[2]string{p.Name, r.Name}], err = n.relay(l, p.Name, loopback, r.Name); err != nil {
				return err
			}
		}
	}
	if spec.Hub != nil {
		l := n.add(topology.EndControl, spec.Hub.Name, link.Shape{})
		if n.control[spec.Hub.Name], err = n.relay(l, topology.EndControl, loopback, spec.Hub.Name); err != nil {
			return err
		}
	}
	for i, a := range spec.Regions {
		for _, b := range spec.Regions[i+1:] {
			if err := n.openPair(a.Name, b.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// openControl makes the link by which the controller and the global router reach a region. They stand outside every region,
// with no distance of their own, or ask by way of the hub: then it begins there.
func openControl(n *Network, region string) (err error) {
	shape, listen := link.Shape{}, loopback
	if hub := n.cfg.Fleet.Hub; hub != nil {
		shape.RTT, listen = hub.RTT[region], n.cfg.Listen
	}
	n.control[region], err = n.relay(n.add(topology.EndControl, region, shape), topology.EndControl, listen, region)
	return err
}

// openPair makes the link between two regions: for each direction a relay for what
// belongs to none of the datasets, and one for each dataset.
func (n *Network) openPair(a, b string) (err error) {
	shape := link.Shape{}
	if s, ok := n.cfg.Fleet.LinkBetween(a, b); ok {
		shape = link.Shape{RTT: s.RTT, Jitter: s.Jitter, Bandwidth: s.Bandwidth}
	}
	l := n.add(a, b, shape)
	for _, ends := range [][2]string{{a, b}, {b, a}} {
		if n.peers[ends], err = n.relay(l, ends[0], n.cfg.Listen, ends[1]); err != nil {
			return err
		}
		for _, d := range n.cfg.Fleet.Datasets {
			if n.data[[3]string{d.Name, ends[0], ends[1]}], err = n.relay(l, ends[0], n.cfg.Listen, ends[1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// UserURL is the base URL by which a population reaches a region.
func (n *Network) UserURL(population, region string) string {
	return "http://" + n.users[[2]string{population, region}].Addr().String()
}

// ControlURL is the base URL, in this process, of the link by which the controller and the router reach a region, or the hub.
func (n *Network) ControlURL(region string) string {
	return "http://" + n.control[region].Addr().String()
}

// HubURLs is the base URLs by which the hub reaches each region, over the controller's links.
func HubURLs(n *Network) map[string]string {
	urls := map[string]string{}
	for _, r := range n.cfg.Fleet.Regions {
		_, port, _ := net.SplitHostPort(n.control[r.Name].Addr().String())
		urls[r.Name] = "http://" + net.JoinHostPort(n.cfg.Advertise, port)
	}
	return urls
}

// PeerURLs is the base URLs by which a region reaches the others, or by which what belongs
// to a dataset does.
func (n *Network) PeerURLs(region, dataset string) map[string]string {
	peers := map[string]string{}
	for _, to := range n.cfg.Fleet.Regions {
		relay := n.peers[[2]string{region, to.Name}]
		if relay == nil {
			continue // it is itself
		}
		if dataset != "" {
			relay = n.data[[3]string{dataset, region, to.Name}]
		}
		_, port, _ := net.SplitHostPort(relay.Addr().String())
		peers[to.Name] = "http://" + net.JoinHostPort(n.cfg.Advertise, port)
	}
	return peers
}

func (n *Network) between(a, b string) *link.Link {
	for _, l := range n.links {
		if x, y := l.Ends(); x == a && y == b || x == b && y == a {
			return l
		}
	}
	return nil
}
