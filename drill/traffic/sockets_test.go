package traffic

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/ledger"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/router"
	"github.com/fleetdrill/fleetdrill/drill/traffic/zone"
)

// regions are web tiers on real sockets with one store behind them all.
type regions struct {
	mu     sync.Mutex
	up     map[string]*httptest.Server
	at     map[string]string // where each one listens, or did
	stored map[string]bool
}

func (g *regions) start(name string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(wire.HeaderRegion, name)
		g.mu.Lock()
		defer g.mu.Unlock()
		switch {
		case r.URL.Path == wire.PathHealth:
			_ = json.NewEncoder(w).Encode(wire.Health{Region: name})
		case r.Method == http.MethodPost:
			var write store.Write
			if json.NewDecoder(r.Body).Decode(&write) == nil {
				g.stored[write.ID] = true
			}
			_ = json.NewEncoder(w).Encode(wire.Written{Ack: store.Ack{Index: 1, Epoch: 1}, Authority: name, Region: name})
		default:
			id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
			_ = json.NewEncoder(w).Encode(wire.Found{Found: g.stored[id], Region: name})
		}
	}))
	g.mu.Lock()
	defer g.mu.Unlock()
	g.up[name], g.at[name] = server, server.URL
}

func (g *regions) stop(name string) {
	g.mu.Lock()
	server := g.up[name]
	delete(g.up, name)
	g.mu.Unlock()
	if server != nil {
		server.CloseClientConnections()
		server.Close()
	}
}

func (g *regions) address(name string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.at[name]
}

// eventually waits for a condition that nothing but the work under way brings about.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	limit := time.Now().Add(30 * time.Second)
	for !holds() {
		if time.Now().After(limit) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(2 * ms)
	}
}

// Router, users and ledger together on real sockets: a region dies, its users
// fail, are sent elsewhere, and come back when it has moved to another port.
func TestARegionDiesAndReturns(t *testing.T) {
	goroutines := runtime.NumGoroutine()
	g := &regions{up: map[string]*httptest.Server{}, at: map[string]string{}, stored: map[string]bool{}}
	g.start("us")
	g.start("eu")
	defer g.stop("us")
	defer g.stop("eu")

	now, book := since(), ledger.New()
	fleet := topology.Fleet{
		Name:     "two-regions",
		Regions:  []topology.Region{{Name: "us"}, {Name: "eu"}},
		Users:    []topology.Population{{Name: "americas", Count: 100, Rate: 50, Writes: 0.5, Timeout: 5 * time.Second, RTT: map[string]time.Duration{"eu": ms}}},
		Datasets: []topology.Dataset{{Name: "orders"}},
		Routing:  topology.Routing{DNSTTL: time.Second, Probe: topology.Probe{Every: 50 * ms, Timeout: time.Second, DownAfter: 3, UpAfter: 3}},
	}
	probing, transports := map[string]*wire.Client{}, []*http.Transport{}
	for _, r := range fleet.Regions {
		transport := wire.NewTransport()
		transports = append(transports, transport)
		probing[r.Name] = wire.NewClient(wire.ClientConfig{
			Find:   func(context.Context) (string, error) { return g.address(r.Name), nil },
			Region: r.Name, HTTP: &http.Client{Transport: transport},
		})
	}
	router := router.New(router.Config{Fleet: fleet, Now: now,
		Probe: func(ctx context.Context, region string) error { _, err := probing[region].Health(ctx); return err }})
	names, err := zone.Start(zone.Config{Fleet: fleet, Route: router.Route})
	if err != nil {
		t.Fatal(err)
	}
	users := NewUsers(UsersConfig{
		Fleet: fleet, Seed: 3, Now: now, Ledger: book, Route: router.Route,
		Target: func(_, region string) string { return g.address(region) },
		Lookup: func(ctx context.Context, population string) (zone.Answer, error) {
			return zone.Ask(ctx, names.Addr(), fleet, population)
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { router.Run(ctx) })
	eventually(t, "americas is routed to us", func() bool { region, _ := router.Route("americas"); return region == "us" })
	running.Go(func() { users.Run(ctx) })

	servedBy := func(region string) func() bool {
		return func() bool {
			s := users.Sample().Populations[0]
			return s.ServedBy[region] > 0 && len(s.ServedBy) == 1 && s.Failed == 0
		}
	}
	eventually(t, "americas is served by us", servedBy("us"))
	users.OpenImpact(1, now())
	g.stop("us")
	eventually(t, "americas is served by eu", servedBy("eu"))
	s := users.Sample().Populations[0]
	if s.TotalFailed == 0 || s.AffectedEver == 0 || s.AffectedEver > s.AskedEver || s.AskedEver > 100 {
		t.Errorf("a region died, and of %d users %d were hurt by %d failures", s.AskedEver, s.AffectedEver, s.TotalFailed)
	}
	g.start("us")
	eventually(t, "americas is served by us again", servedBy("us"))

	cancel()
	running.Wait()
	checked, err := book.Check(t.Context(), "orders", "eu", "end", 0,
		func(_ context.Context, _ uint64, visit func(string, []byte, uint64, uint64) error) error {
			var index uint64
			for id := range g.stored {
				index++
				if err := visit(id, nil, index, 1); err != nil {
					return err
				}
			}
			return nil
		})
	if err != nil || checked.Acknowledged == 0 || len(checked.Lost) != 0 {
		t.Errorf("the ledger says %+v %v", checked, err)
	}
	if err := names.Close(context.Background()); err != nil {
		t.Error(err)
	}
	g.stop("us")
	g.stop("eu")
	for _, transport := range transports {
		transport.CloseIdleConnections()
	}
	eventually(t, "every goroutine has ended", func() bool { return runtime.NumGoroutine() <= goroutines })
}

func TestKernelPacer(t *testing.T) {
	p := newPacer()
	defer p.close()
	for range 5 {
		start := time.Now()
		if err := p.wait(t.Context(), 3*ms); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 3*ms {
			t.Errorf("3 ms were over after %s", took)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- p.wait(ctx, time.Hour) }()
	cancel()
	if err := <-ended; err != context.Canceled {
		t.Errorf("a wait that was given up: %v", err)
	}
	if err := p.wait(ctx, time.Hour); err != context.Canceled {
		t.Errorf("a wait that could not begin: %v", err)
	}
}
