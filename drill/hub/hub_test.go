package hub

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
)

// clock is a clock that is set.
type clock struct{ at atomic.Int64 }

func (c *clock) Now() time.Duration  { return time.Duration(c.at.Load()) }
func (c *clock) set(second float64)  { c.at.Store(int64(second * float64(time.Second))) }
func second(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
func answer(w http.ResponseWriter, region string, v any) {
	w.Header().Set(wire.HeaderRegion, region)
	_ = json.NewEncoder(w).Encode(v)
}

// server is a hub: it keeps the topology that it was told, until it is restarted, and reaches the region up, not down.
type server struct{ topology atomic.Uint64 }

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == wire.PathTopology:
		var t wire.Topology
		_ = json.NewDecoder(r.Body).Decode(&t)
		s.topology.Store(t.Version)
		fallthrough
	case r.URL.Path == wire.PathStatus:
		answer(w, "hub", wire.RegionStatus{Topology: s.topology.Load()})
	case strings.HasPrefix(r.URL.Path, wire.PathPeers+"up/"):
		answer(w, "up", wire.RegionStatus{})
	default:
		w.WriteHeader(http.StatusBadGateway)
		answer(w, "hub", wire.Error{Code: wire.CodeUpstream, Message: "region down did not answer", Region: "hub"})
	}
}

// The hub's silence is no region's: what was asked since it last answered, or before it knew its routes, says nothing.
func TestWhatTheHubDoesNotCarryIsNoRegionsFailure(t *testing.T) {
	now, at := &clock{}, &server{}
	listening := httptest.NewServer(at)
	defer listening.Close()
	h := New(Config{
		Fleet: topology.Fleet{Hub: &topology.Hub{Name: "hub"}}, URL: listening.URL, Regions: map[string]string{"up": "http://127.0.0.1:1"}, Token: "t",
		Version: 7, Clock: now, Instrument: failure.Sound{}, Report: func(drill.Body) {},
	})
	blind := func(what string, since float64, want bool) {
		t.Helper()
		if h.Blind(second(since), 0) != want {
			t.Errorf("%s: blind since %gs is %t", what, since, !want)
		}
	}
	blind("before it was asked", 0, true)
	now.set(1)
	if err := h.ask(t.Context()); err != nil || at.topology.Load() != 7 {
		t.Fatalf("%v, it was told topology %d", err, at.topology.Load())
	}
	blind("before it knew its routes", 0.5, true)
	blind("once it does", 1, false)
	blind("after its last answer", 1.5, true)

	ask := func(region string) error {
		_, err := h.Client(region).Status(t.Context())
		return err
	}
	now.set(2)
	if err := ask("up"); err != nil {
		t.Error(err)
	}
	blind("a region's answer is one of the hub too", 2, false)
	now.set(3)
	if err := ask("down"); err == nil || errors.Is(err, exchange.ErrUncarried) {
		t.Errorf("a region that the hub does not reach: %v", err)
	}
	at.topology.Store(0)
	now.set(4)
	if err := h.ask(t.Context()); err != nil {
		t.Fatal(err)
	}
	blind("before it was told anew", 3, true)

	listening.Close()
	now.set(5)
	if err := ask("up"); !errors.Is(err, exchange.ErrUncarried) {
		t.Errorf("a hub that is gone: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Client("up").Status(gone); errors.Is(err, exchange.ErrUncarried) {
		t.Errorf("who asked gave up: %v", err)
	}
	if (*Hub)(nil).Blind(0, 0) {
		t.Error("a fleet without a hub is blind")
	}
}
