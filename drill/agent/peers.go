package agent

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// peerKey is the region that a relay leads to, and the dataset that it belongs to; "" is
// for all else.
type peerKey struct{ dataset, region string }

// peer is another region's gateway, reached through the link.
type peer struct {
	base      string
	target    *url.URL
	transport splitTransport
	client    *wire.Client
	proxy     http.Handler
}

func (g *gateway) newPeer(region, base string, away time.Duration) (*peer, error) {
	target, err := url.Parse(base)
	if err != nil || target.Scheme != "http" || target.Host == "" {
		return nil, fmt.Errorf("address %q of peer %s is not like http://host:port: %w", base, region, wire.ErrBad)
	}
	// Without the slash at its end the path of every request follows it.
	base = strings.TrimSuffix(base, "/")
	p := &peer{base: base, target: target, transport: newSplitTransport(g.writeTimeout+wire.RoundTrips*away, mostKept)}
	p.client = wire.NewClient(wire.ClientConfig{Base: base, Region: region, Token: g.token, Away: away, HTTP: &http.Client{Transport: p.transport}})
	p.proxy = answer.NewProxy(g.region, "region "+region, p.transport, g.logger, func(pr *httputil.ProxyRequest) {
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
// another request all of its time limit after the link is healed.
func (p *peer) failed(err error) {
	if answer.TimedOut(err) {
		p.transport.CloseIdleConnections()
	}
}
