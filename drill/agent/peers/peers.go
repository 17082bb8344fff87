// Package peers is the other regions as a gateway has them: the relays that lead to them, and which data may go there.
package peers

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// Maker makes the peers of one region.
type Maker struct {
	Region       string
	Token        string        // the fleet's secret
	WriteTimeout time.Duration // of a write or read whose sender sets none
	Logger       *slog.Logger
	// Secure makes a connection to a region one of mutual trust; nil where the fleet has no identities.
	Secure func(region string) wire.Secure
}

// key is the region that a relay leads to, and the dataset that it belongs to; "" is
// for all else.
type key struct{ dataset, region string }

// Peer is another region's gateway, reached through the link.
type Peer struct {
	base      string
	Target    *url.URL
	Transport Transport
	Client    *wire.Client
	Proxy     http.Handler
	address   func(http.Header)
}

// Base is the base URL of the relay that leads to it.
func (p *Peer) Base() string { return p.base }

// Peer is a region's gateway at a base URL, "away" of round trip from here.
func (m Maker) Peer(region, base string, away time.Duration) (*Peer, error) {
	target, err := url.Parse(base)
	if err != nil || target.Scheme != "http" || target.Host == "" {
		return nil, fmt.Errorf("address %q of peer %s is not like http://host:port: %w", base, region, wire.ErrBad)
	}
	// Without the slash at its end the path of every request follows it.
	base = strings.TrimSuffix(base, "/")
	var secure wire.Secure
	if m.Secure != nil {
		secure = m.Secure(region)
	}
	p := &Peer{base: base, Target: target, Transport: NewTransport(m.WriteTimeout+wire.RoundTrips*away, MostKept, secure)}
	p.address = func(h http.Header) { m.address(h, region) }
	p.Client = wire.NewClient(wire.ClientConfig{Base: base, Region: region, Token: m.Token, Away: away, HTTP: &http.Client{Transport: p.Transport}})
	p.Proxy = answer.NewProxy(m.Region, "region "+region, p.Transport, m.Logger, func(pr *httputil.ProxyRequest) {
		pr.Out.URL.Path = "/" + pr.In.PathValue("rest")
		pr.Out.URL.RawPath = ""
		pr.SetURL(target)
		p.address(pr.Out.Header)
	}, p.Failed)
	return p, nil
}

// address addresses a request that is passed on to a region: whoever listens there must refuse unless it is the one that was
// named, and a token of this region is none of that one's.
func (m Maker) address(h http.Header, region string) {
	h.Set(wire.HeaderRegion, region)
	h.Set(wire.HeaderToken, wire.Inside(m.Token, region))
}

// Pass sends a request on to this peer, with the path that it has there.
func (p *Peer) Pass(r *http.Request, path string) (*http.Response, error) {
	out := r.WithContext(r.Context())
	out.URL = &url.URL{Scheme: p.Target.Scheme, Host: p.Target.Host, Path: path, RawQuery: r.URL.RawQuery}
	out.Host, out.Header = "", r.Header.Clone()
	p.address(out.Header)
	return p.Transport.RoundTrip(out)
}

// Failed drops the idle connections to a peer that did not answer in time. They
// lead through the same cut link or to the same dead region, and each would cost
// another request all of its time limit after the link is healed.
func (p *Peer) Failed(err error) {
	if answer.TimedOut(err) {
		p.Transport.CloseIdleConnections()
	}
}
