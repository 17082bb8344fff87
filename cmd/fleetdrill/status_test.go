package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
)

// A region answers where it was heard to, and not because a process of its number runs: that may be stopped, or listen
// nobody knows where.
func TestStatusSaysWhatItHeard(t *testing.T) {
	self, err := record.Self()
	if err != nil {
		t.Fatal(err)
	}
	serves := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(wire.HeaderRegion, "east")
		_, _ = w.Write([]byte(`{"region":"east","replica":"web-1"}`))
	}))
	defer serves.Close()
	unserved := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(wire.HeaderRegion, "east")
		if r.URL.Path != wire.PathLive {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write([]byte(`{"region":"east","replica":"gateway"}`))
	}))
	defer unserved.Close()
	// The system takes connections for it, as it does for a process that is stopped.
	stopped, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer stopped.Close()
	at := func(region, address string) record.Process {
		p := self
		p.Region, p.Address = region, address
		return p
	}
	ended := at("east", serves.Listener.Addr().String())
	ended.Started++
	for _, tt := range []struct {
		name    string
		process record.Process
		word    string
		limit   time.Duration // 0 is as long as it takes
	}{
		{"it serves", at("east", serves.Listener.Addr().String()), "answers", 0},
		{"it has no web replica, as a hub", at("east", unserved.Listener.Addr().String()), "answers", 0},
		{"another region does", at("west", serves.Listener.Addr().String()), "silent ", 0},
		{"stopped", at("east", stopped.Addr().String()), "silent ", 50 * time.Millisecond},
		{"ended", ended, "silent ", 0},
		{"nobody knows where", at("east", ""), "runs   ", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := t.Context()
			if tt.limit > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, tt.limit)
				defer cancel()
			}
			f := new(settings).look(ctx, record.Record{Processes: []record.Process{tt.process}})
			if got := f.Regions[0]; got.word() != tt.word || got.Detail == "" {
				t.Errorf("%q (%s), want %q", got.word(), got.Detail, tt.word)
			}
		})
	}
}
