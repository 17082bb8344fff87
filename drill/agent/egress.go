package agent

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/inprocess"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// egress is a transport from the region's own store to other regions by way of the gateway in the same process: what
// the gateway passes on (servePeer), without the connection to it. A stream would otherwise cost a second one, and a
// proxy that copies each batch from one to the other.
type egress struct{ gateway *gateway } // set before the first request

// RoundTrip sends a request for /v1/peers/{region}/… to that region. The gateway's own refusal is an answer of the gateway.
func (e *egress) RoundTrip(r *http.Request) (*http.Response, error) {
	rest, _ := strings.CutPrefix(r.URL.Path, wire.PathPeers)
	region, path, _ := strings.Cut(rest, "/")
	path = "/" + path
	p, err := e.gateway.passedOn(region, path)
	if err != nil {
		return e.refused(r, err), nil
	}
	out := r.WithContext(r.Context())
	out.URL = &url.URL{Scheme: p.Target.Scheme, Host: p.Target.Host, Path: path, RawQuery: r.URL.RawQuery}
	out.Host = ""
	out.Header = r.Header.Clone()
	out.Header.Set(wire.HeaderRegion, region) // whoever listens there must refuse unless it is the region that was named
	res, err := p.Transport.RoundTrip(out)
	if err != nil {
		p.Failed(err)
		return e.refused(r, answer.Unreachable(e.gateway.region, "region "+region, err)), nil
	}
	res.Request = r
	return res, nil
}

// refused is the gateway's answer that it did not pass a request on.
func (e *egress) refused(r *http.Request, err error) *http.Response {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	return inprocess.Answer(r, func(w http.ResponseWriter) { answer.Error(w, e.gateway.region, err) })
}
