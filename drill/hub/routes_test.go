package hub

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	respond "github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

type ticks struct{ now atomic.Int64 }

func (c *ticks) Now() time.Duration { return time.Duration(c.now.Add(1)) }

// A hub that has just started answers that it knows of no region, until it is told its routes: nobody is taken for lost by that.
func TestAHubWithoutRoutesSaysNothingOfARegion(t *testing.T) {
	var told, dead atomic.Bool
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case dead.Load():
			panic(http.ErrAbortHandler)
		case r.Method == http.MethodPut:
			told.Store(true)
			respond.JSON(w, "hub", struct{}{})
		case strings.HasPrefix(r.URL.Path, wire.PathPeers):
			respond.Error(w, "hub", wire.ErrUpstream) // whatever becomes of the region
		default:
			st := wire.RegionStatus{Region: "hub"}
			if told.Load() {
				st.Topology = 7
			}
			respond.JSON(w, "hub", st)
		}
	}))
	defer hub.Close()
	h := New(Config{
		Fleet:   topology.Fleet{Hub: &topology.Hub{Name: "hub"}, Routing: topology.Routing{Probe: topology.Probe{Every: time.Second, Timeout: time.Second}}},
		URL:     hub.URL,
		Regions: map[string]string{"a": "http://a.test"}, Version: 7, Clock: &ticks{},
	})
	judged := func(when string, lost bool) {
		t.Helper()
		since := h.cfg.Clock.Now()
		_, err := h.Client("a").Status(t.Context())
		if err == nil || h.Blind(since, 0) == lost || errors.Is(err, exchange.ErrUncarried) == lost && dead.Load() {
			t.Errorf("%s: lost %t, and %v", when, !h.Blind(since, 0), err)
		}
	}
	judged("before it was ever asked", false)
	if err := h.ask(context.Background()); err != nil || !told.Load() {
		t.Fatalf("it was not told its routes: %v", err)
	}
	judged("it has its routes", true)
	dead.Store(true)
	_ = h.ask(context.Background())
	judged("it is gone", false)
	dead.Store(false)
	told.Store(false) // it starts anew
	judged("it has started and has no routes", false)
	if err := h.ask(context.Background()); err != nil {
		t.Fatal(err)
	}
	judged("it has them again", true)
}
