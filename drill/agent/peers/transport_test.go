package peers

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// What has an engine start or stop is limited by who asks, and all else by the gateway.
func TestWhatAGatewayWaitsFor(t *testing.T) {
	t.Parallel()
	behind := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(300 * time.Millisecond):
		case <-r.Context().Done():
		}
	}))
	defer behind.Close()
	p := NewTransport(0, MostKept, nil)
	p.quick.ResponseHeaderTimeout = 30 * time.Millisecond
	defer p.CloseIdleConnections()
	of := wire.PathStore + "orders/"
	for path, unlimited := range map[string]bool{
		wire.PathTopology: true, of + wire.StorePromote: true, of + wire.StoreFence: true, of + wire.StoreFollow: true,
		of + wire.StorePreload: true, of + wire.StoreReseed: true, of + wire.StoreSnapshot: true,
		of + wire.StoreGrant: false, of + wire.StoreAppend: false, of + wire.StoreStatus: false, wire.PathStatus: false,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, behind.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := p.RoundTrip(req)
		if err == nil {
			_ = res.Body.Close()
		}
		if (err == nil) != unlimited {
			t.Errorf("%s: %v, want an answer %v", path, err, unlimited)
		}
	}
}
