package gateway

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

func answerAs(region string, started time.Time) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(wire.Health{Region: region, Replica: "web-1", Started: started})
	}
}

func TestProbe(t *testing.T) {
	started := time.Date(2026, 11, 22, 22, 0, 0, 0, time.UTC)
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    string // in the error; "" for none
	}{
		{"the region", answerAs("us-east", started), ""},
		{"another region at the old address", answerAs("eu-west", started), `answers as region "eu-west"`},
		{"a gateway without a web replica", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, "502"},
		{"something else", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, "not understood"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			health, err := Probe(context.Background(), serve(t, tt.handler), "us-east")
			if tt.want == "" {
				if err != nil || !health.Started.Equal(started) {
					t.Errorf("%+v, %v", health, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestRefuses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := Refuses(ctx, address); err == nil || !strings.Contains(err.Error(), address) {
		t.Errorf("a listening port refuses: %v", err)
	}
	_ = l.Close()
	if err := Refuses(context.Background(), address); err != nil {
		t.Errorf("a closed port does not refuse: %v", err)
	}
}

func TestSilentProbe(t *testing.T) {
	var frozen atomic.Bool
	heard := make(chan struct{}, 1)
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if frozen.Load() {
			<-r.Context().Done()
			return
		}
		answerAs("us-east", time.Time{})(w, r)
		select {
		case heard <- struct{}{}:
		default:
		}
	})
	s := Listen(context.Background(), address, "us-east")
	defer s.Close()
	<-heard
	awake, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if err := s.Await(awake, time.Second); err == nil || !strings.Contains(err.Error(), "still answered") {
		t.Errorf("a region that answers counts as silent: %v", err)
	}
	frozen.Store(true)
	began := time.Now()
	if err := s.Await(context.Background(), 100*time.Millisecond); err != nil {
		t.Errorf("a frozen region: %v", err)
	}
	if took := time.Since(began); took < 90*time.Millisecond {
		t.Errorf("silence was believed after %s", took)
	}
}

// A dead region refuses: that is not silence, however long it lasts.
func TestSilentProbeIsNotRefusal(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	s := Listen(context.Background(), l.Addr().String(), "us-east")
	defer s.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if err := s.Await(ctx, 200*time.Millisecond); err == nil || !strings.Contains(err.Error(), syscall.ECONNREFUSED.Error()) {
		t.Errorf("refused probes count as silence: %v", err)
	}
}

// Nobody is served once the gateway, which answers for itself, has no web replica: silence of it does not say so.
func TestServesNobody(t *testing.T) {
	var asked atomic.Int32
	live := answerAs("us-east", time.Time{})
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == wire.PathLive || asked.Add(1) < 3:
			live(w, r)
		default:
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	if err := ServesNobody(context.Background(), address, "us-east"); err != nil || asked.Load() != 3 {
		t.Errorf("after %d probes: %v; want 3", asked.Load(), err)
	}
	for name, h := range map[string]http.HandlerFunc{
		"serves users":   live,
		"answers nobody": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		if err := ServesNobody(ctx, serve(t, h), "us-east"); err == nil {
			t.Errorf("a gateway that %s was taken for one that serves nobody", name)
		}
		cancel()
	}
}
