package traffic

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
)

// population is one group of users. Its run goroutine draws and sends; each
// request then has a goroutine of its own.
//
// Requests arrive by a Poisson process: many people who do not know of each other
// ask at times that are independent, so the gaps between them are exponential. An even
// beat would fall in step with probes and samples, and would never bunch, as
// users do.
type population struct {
	cfg      UsersConfig
	shared   *shared
	spec     topology.Population
	arrivals *rand.Rand // who asks what and when
	payloads *rand.Rand // what they write
	entry    entry
	kept     *connections
	slots    chan struct{}           // one for each of its requests in flight
	clients  map[string]*wire.Client // by region
	http     []*http.Client
	metrics  *recorder
	retries  *retrier
	written  ownWrites
	datasets []string // that it reads and writes
}

// request is one request as it was drawn.
type request struct {
	due     time.Duration
	sent    time.Duration // when this program came to it; not before due
	user    int
	dataset string // "" in a fleet that has none: then the health page is asked for
	write   bool
	id      string    // of a write, once it is sent
	back    int       // a read looks up the write that was acknowledged that many before the last
	own     *ownWrite // or this one, which is its user's; nil else
}

func newPopulation(cfg UsersConfig, all *shared, spec topology.Population) *population {
	spec.Count = max(spec.Count, 1)
	if spec.Timeout <= 0 {
		spec.Timeout = topology.DefaultRequestTimeout
	}
	if spec.Slow <= 0 {
		spec.Slow = topology.DefaultSlow
	}
	p := &population{
		cfg: cfg, shared: all, spec: spec, clients: map[string]*wire.Client{},
		arrivals: draws(cfg.Seed, spec.Name, "arrivals"),
		payloads: draws(cfg.Seed, spec.Name, "payloads"),
		metrics:  newRecorder(spec.Name, spec.Slow, spec.Timeout),
		datasets: cfg.Fleet.DatasetsOf(spec),
		retries:  newRetrier(spec.Retries, spec.Rate, draws(cfg.Seed, spec.Name, "retries")),
		slots:    make(chan struct{}, inFlight(cfg, spec)),
	}
	p.metrics.instrument = cfg.Instrument
	p.written.share, p.written.draw = spec.ReadOwn, draws(cfg.Seed, spec.Name, "own")
	p.entry, p.kept = newEntry(cfg, spec), newConnections(spec, cfg.Draining)
	for _, r := range cfg.Fleet.Regions {
		client := &http.Client{Transport: cfg.Transport(spec.Name, r.Name)}
		p.http = append(p.http, client)
		p.clients[r.Name] = p.client(r.Name, client)
	}
	return p
}

// client asks a region as the population does: through the relay of their link.
func (p *population) client(region string, by *http.Client) *wire.Client {
	return wire.NewClient(wire.ClientConfig{
		Region: region, Token: p.cfg.Token, HTTP: by, Away: p.spec.RTT[region],
		Find: func(context.Context) (string, error) {
			if base := p.cfg.Target(p.spec.Name, region); base != "" {
				return base, nil
			}
			return "", failure.ErrNoAddress
		},
	})
}

// leastInFlight is what a population may have waiting however small its share is.
const leastInFlight = 8

// inFlight is how many requests of a population may wait for answers: of all that may, its share by its rate, so that
// one whose region hangs takes nothing from the others.
func inFlight(cfg UsersConfig, spec topology.Population) int {
	all := 0.0
	for _, p := range cfg.Fleet.Users {
		all += p.Rate
	}
	if all <= 0 {
		return cfg.InFlight
	}
	return max(int(float64(cfg.InFlight)*spec.Rate/all), min(leastInFlight, cfg.InFlight))
}

// draws is a source of its own for each purpose, so that a longer payload does
// not change who asks when.
func draws(seed uint64, population, purpose string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(population + "/" + purpose))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// run asks at each due time until ctx ends.
func (p *population) run(ctx context.Context, pace pacer) {
	defer pace.close()
	if p.spec.Rate <= 0 {
		return
	}
	due := p.cfg.Now()
	for {
		due += p.gap()
		if wait := due - p.cfg.Now(); wait > 0 {
			if err := pace.wait(ctx, wait); err != nil {
				return
			}
		} else if ctx.Err() != nil {
			return
		}
		p.ask(ctx, p.draw(due))
	}
}

func (p *population) gap() time.Duration {
	return time.Duration(p.arrivals.ExpFloat64() / p.spec.Rate * float64(time.Second))
}

// readsBack is how far back reads reach, in writes; half of them stay within a
// quarter of it, since what was just written is what is looked at.
const readsBack = 256

// draw decides a request. It draws the same numbers for every kind, so that
// one seed asks the same at the same times whatever the answers are.
func (p *population) draw(due time.Duration) *request {
	req := &request{due: due, user: p.arrivals.IntN(p.spec.Count)}
	writes := p.arrivals.Float64() < p.spec.Writes
	which, recency := p.arrivals.Float64(), p.arrivals.Float64()
	if sets := p.datasets; len(sets) > 0 {
		req.dataset = sets[int(which*float64(len(sets)))]
		req.write = writes
	}
	req.back = int(recency * recency * readsBack)
	if req.dataset != "" && !req.write {
		if req.own = p.written.next(due); req.own != nil {
			req.user, req.dataset = req.own.user, req.own.dataset
		}
	}
	return req
}

// payload is the contents of the next write.
func (p *population) payload() []byte {
	b := make([]byte, p.cfg.Payload+7)
	for i := 0; i < p.cfg.Payload; i += 8 {
		binary.LittleEndian.PutUint64(b[i:], p.payloads.Uint64())
	}
	return b[:p.cfg.Payload]
}
