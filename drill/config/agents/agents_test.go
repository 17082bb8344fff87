package agents

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
)

// Whatever kept a question from the region is that it is away, so that it is asked again; what the region itself refuses is not.
func TestWhatNeverReachedTheRegionIsAway(t *testing.T) {
	t.Parallel()
	for code, away := range map[wire.Code]bool{
		wire.CodeUpstream: true, wire.CodeUntrusted: true, wire.CodeInternal: false, wire.CodeBad: false,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			answer.Error(w, "hub", &wire.Error{Code: code, Message: "no", Region: "hub", Status: http.StatusBadGateway})
		}))
		target := New(wire.NewClient(wire.ClientConfig{Base: server.URL}), nil)
		_, err := target.Given(t.Context())
		if err == nil || errors.Is(err, reconciler.ErrAway) != away {
			t.Errorf("%s: %v is away: %t, want %t", code, err, errors.Is(err, reconciler.ErrAway), away)
		}
		server.Close()
	}
}
