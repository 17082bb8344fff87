package traffic

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/policy"
	"github.com/fleetdrill/fleetdrill/drill/traffic/zone"
)

const ms = time.Millisecond

// since is an engine's clock that starts now; in a synctest bubble it is fake.
func since() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// world is regions that answer without sockets, so that they can live in a
// synctest bubble, and users in front of them.
type world struct {
	now    func() time.Duration
	users  *Users
	ledger *book
	acks   []string // what OnAck was told, "dataset/authority/epoch"

	mu     sync.Mutex
	route  map[string]string // population → region
	how    func(asked) error // what a request meets before it is answered; may wait
	heard  []asked
	stored map[string][]byte // dataset/id → payload
}

// asked is a request as a region heard it.
type asked struct {
	ctx        context.Context
	n          int // of all
	at         time.Duration
	population string
	region     string
	dataset    string
	id         string // of a read
	write      *store.Write
}

// newWorld makes a fleet of us and eu with 50 users in americas, who ask us 100
// times a second and write a quarter of the time.
func newWorld(t *testing.T, change func(*UsersConfig)) *world {
	t.Helper()
	w := &world{
		now: since(), ledger: newBook(), stored: map[string][]byte{},
		route: map[string]string{"americas": "us"},
		how:   func(asked) error { return nil },
	}
	cfg := UsersConfig{
		Fleet: topology.Fleet{
			Regions:  []topology.Region{{Name: "us"}, {Name: "eu"}},
			Users:    []topology.Population{{Name: "americas", Count: 50, Rate: 100, Writes: 0.25, Timeout: 2 * time.Second}},
			Datasets: []topology.Dataset{{Name: "orders"}},
			Routing:  topology.Routing{DNSTTL: 2 * time.Second},
		},
		Seed: 1, Now: w.now, Ledger: w.ledger,
		Route: func(population string) (string, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.route[population] == "" {
				return "", policy.ErrNoRegion
			}
			return w.route[population], nil
		},
		Target: func(_, region string) string { return "http://" + region },
		OnAck: func(dataset, authority string, epoch uint64, _ time.Duration) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.acks = append(w.acks, dataset+"/"+authority)
		},
		Transport: func(population, region string) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) { return w.serve(population, r) })
		},
	}
	if change != nil {
		change(&cfg)
	}
	if cfg.Lookup == nil {
		cfg.Lookup = func(_ context.Context, population string) (zone.Answer, error) {
			region, err := cfg.Route(population)
			return zone.Answer{Region: region, TTL: cfg.Fleet.Routing.DNSTTL}, err
		}
	}
	w.users = NewUsers(cfg)
	w.users.newPacer = newTimerPacer // the bubble's clock drives no kernel timer
	return w
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (w *world) serve(population string, r *http.Request) (*http.Response, error) {
	a := asked{ctx: r.Context(), at: w.now(), population: population, region: r.URL.Host}
	path := strings.Split(strings.TrimPrefix(r.URL.Path, wire.PathApp), "/")
	a.dataset = path[0]
	if len(path) > 1 {
		a.id = path[1]
	}
	if r.Method == http.MethodPost {
		a.write = &store.Write{}
		if err := json.NewDecoder(r.Body).Decode(a.write); err != nil {
			return nil, err
		}
	}
	w.mu.Lock()
	how := w.how
	a.n = len(w.heard)
	w.heard = append(w.heard, a)
	w.mu.Unlock()
	if err := how(a); err != nil {
		if refusal, ok := err.(*wire.Error); ok {
			return reply(refusal.HTTPStatus(), a.region, refusal), nil
		}
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if a.write != nil {
		w.stored[a.dataset+"/"+a.write.ID] = a.write.Payload
		return reply(200, a.region, wire.Written{Ack: store.Ack{Index: uint64(len(w.stored)), Epoch: 7}, Authority: "eu", Region: a.region}), nil
	}
	_, found := w.stored[a.dataset+"/"+a.id]
	return reply(200, a.region, wire.Found{Found: found, Region: a.region}), nil
}

func reply(status int, region string, body any) *http.Response {
	raw, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return &http.Response{StatusCode: status, Header: http.Header{wire.HeaderRegion: {region}}, Body: io.NopCloser(bytes.NewReader(raw))}
}

// meet sets what requests meet from now on.
func (w *world) meet(how func(asked) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.how = how
}

func (w *world) reroute(population, region string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.route[population] = region
}

// all is every request that the regions heard so far.
func (w *world) all() []asked {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.heard)
}

// run lets the users ask while the script goes on, then stops them.
func (w *world) run(t *testing.T, script func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { w.users.Run(ctx); close(done) }()
	script()
	cancel()
	<-done
}

// sample is the only population's.
func (w *world) sample() telemetry.Population { return w.users.Sample().Populations[0] }

// takes answers after d, or fails as a client's own time limit makes it.
func takes(d time.Duration) func(asked) error {
	return func(a asked) error {
		select {
		case <-time.After(d):
			return nil
		case <-a.ctx.Done():
			return a.ctx.Err()
		}
	}
}

func hangs(a asked) error { <-a.ctx.Done(); return a.ctx.Err() }
