package agent

import (
	"net/http"
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
	res, err := p.Pass(r, path)
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
