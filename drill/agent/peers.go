package agent

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// peer is another region's gateway, reached through the link.
type peer struct {
	region    string
	base      string
	transport *http.Transport
	client    *wire.Client
	proxy     http.Handler
}

func (g *gateway) newPeer(region, base string) (*peer, error) {
	target, err := url.Parse(base)
	if err != nil || target.Scheme != "http" || target.Host == "" {
		return nil, fmt.Errorf("address %q of peer %s is not like http://host:port: %w", base, region, wire.ErrBad)
	}
	// Without the slash at its end the path of every request follows it.
	base = strings.TrimSuffix(base, "/")
	p := &peer{region: region, base: base, transport: newTransport(g.writeTimeout)}
	p.client = wire.NewClient(wire.ClientConfig{Base: base, Region: region, Token: g.token, HTTP: &http.Client{Transport: p.transport}})
	p.proxy = newProxy(g.region, "region "+region, p.transport, g.logger, func(pr *httputil.ProxyRequest) {
		pr.Out.URL.Path = "/" + pr.In.PathValue("rest")
		pr.Out.URL.RawPath = ""
		pr.SetURL(target)
		// Whoever listens there must refuse unless it is the region that was named.
		pr.Out.Header.Set(wire.HeaderRegion, region)
	}, p.failed)
	return p, nil
}

// failed drops the idle connections to a peer that did not answer in time. They
// lead through the same cut link or to the same dead region, and each would cost
// another request its whole time limit after the link is healed.
func (p *peer) failed(err error) {
	if timedOut(err) {
		p.transport.CloseIdleConnections()
	}
}

// routes is a topology with the peers that it names.
type routes struct {
	topology wire.Topology
	peers    map[string]*peer
}

// newRoutes keeps those of the old peers that have not moved, with their connections.
func (g *gateway) newRoutes(t wire.Topology, old *routes) (*routes, error) {
	n := &routes{topology: t, peers: map[string]*peer{}}
	for region, base := range t.Peers {
		if err := wire.CheckName("peer", region); err != nil {
			return nil, err
		}
		if was, ok := old.peer(region); ok && was.base == strings.TrimSuffix(base, "/") {
			n.peers[region] = was
			continue
		}
		p, err := g.newPeer(region, base)
		if err != nil {
			return nil, err
		}
		n.peers[region] = p
	}
	for _, d := range t.Datasets {
		if err := wire.CheckName("dataset", d.Dataset.Name); err != nil {
			return nil, err
		}
		if d.Authority != "" && d.Authority != t.Region && n.peers[d.Authority] == nil {
			return nil, fmt.Errorf("authority %s of dataset %s is neither %s nor one of its peers: %w", d.Authority, d.Dataset.Name, t.Region, wire.ErrBad)
		}
	}
	return n, nil
}

// leave drops the connections to peers that are not among the new ones.
func (r *routes) leave(next *routes) {
	if r == nil {
		return
	}
	for region, p := range r.peers {
		if next == nil || next.peers[region] != p {
			p.transport.CloseIdleConnections()
		}
	}
}

func (r *routes) peer(region string) (*peer, bool) {
	if r == nil {
		return nil, false
	}
	p, ok := r.peers[region]
	return p, ok
}

func (r *routes) placement(dataset string) (wire.Placement, bool) {
	if r == nil {
		return wire.Placement{}, false
	}
	for _, p := range r.topology.Datasets {
		if p.Dataset.Name == dataset {
			return p, true
		}
	}
	return wire.Placement{}, false
}
