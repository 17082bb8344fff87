package traffic

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/history"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
	"github.com/fleetdrill/fleetdrill/drill/traffic/zone"
)

// Ledger keeps what users know of their writes; *ledger.Ledger is one.
type Ledger interface {
	Sent(dataset, id string, payload []byte, at time.Duration)
	Acked(dataset, id, region string, epoch, index uint64, at time.Duration)
	Unacked(dataset, id string, at time.Duration, reason string)
	// Recent is the id of the n-th last acknowledged write, 0 being the latest, and when it was acknowledged.
	Recent(dataset string, n int) (id string, acked time.Duration, ok bool)
}

// Defaults for what a UsersConfig leaves out.
const (
	// DefaultPayload is the bytes of one write: a small order or message in a
	// compact encoding.
	DefaultPayload = 256
	// DefaultInFlight is how many requests of all populations may wait for answers:
	// 2 s (the default timeout) of 2,000 requests a second, all of them hanging, each
	// with a socket and some 20 KB.
	DefaultInFlight = 4096
	// mostKept is how many idle connections a population keeps to a region, as wire.NewTransport does.
	mostKept = 64
	// keptShare is which part of what may be in flight is kept as idle connections: one in so many.
	keptShare = 4
)

// UsersConfig is what the users are made of.
type UsersConfig struct {
	Fleet topology.Fleet
	// Seed decides who asks what and when. Only the ids of reads depend on the answers, and who looks at a write of their own.
	Seed uint64
	// Route is the global router's answer for a request of a population, as a load balancer has it; the error is
	// policy.ErrNoRegion or policy.ErrJurisdiction.
	Route func(population string) (region string, err error)
	// Draining reports whether a region is being emptied, and closes the connections that users keep to it; nil is never.
	Draining func(region string) bool
	// Lookup asks the fleet's name server, as the resolver of a population does.
	Lookup func(ctx context.Context, population string) (zone.Answer, error)
	// VisitorRoute and VisitorLookup are the same for who is none of the population's users (Visit); nil is as for these.
	VisitorRoute  func(population string) (region string, err error)
	VisitorLookup func(ctx context.Context, population string) (zone.Answer, error)
	// Target is the base URL by which the population reaches the region: the
	// address of their link's relay. It is asked for every request.
	Target func(population, region string) string
	// Token is the fleet's secret, which a region asks its users for.
	Token  string
	Ledger Ledger
	// History takes every read and write. Nil keeps none.
	History *history.Recorder
	// Now is the engine's clock; it never goes back.
	Now func() time.Duration
	// Instrument knows what this program could not do; nil is one that always could.
	Instrument failure.Instrument
	// OnAck takes every acknowledged write, after the ledger, in the request's own goroutine. May be nil.
	OnAck func(dataset, authority string, epoch uint64, at time.Duration)

	// Run begins the id of every write and must never have been used in this fleet
	// before, with the same seed or not. "" draws one at random.
	Run       string
	Payload   int // bytes of a write; 0 is DefaultPayload
	Resolvers int // of each population; 0 is topology.DefaultResolvers
	InFlight  int // 0 is DefaultInFlight
	// Transport carries a population's requests to a region. Nil makes a
	// wire.NewShort for each pair.
	Transport func(population, region string) http.RoundTripper
}

// Users is every population of a fleet. Make it with NewUsers, run it once with Run, which owns every goroutine: one a
// population, and one a request.
type Users struct {
	cfg         UsersConfig
	populations []*population
	shared      *shared
	newPacer    func() pacer
	visits      visits

	mu      sync.Mutex
	sampled time.Duration   // when the last sample was taken
	asking  context.Context // of Run, while it runs; nil otherwise
}

// shared is what all populations draw from.
type shared struct {
	writes   atomic.Uint64 // ever sent
	requests sync.WaitGroup
}

// NewUsers makes the users; none of them asks before Run.
func NewUsers(cfg UsersConfig) *Users {
	if cfg.Payload <= 0 {
		cfg.Payload = DefaultPayload
	}
	if cfg.Resolvers <= 0 {
		cfg.Resolvers = topology.DefaultResolvers
	}
	if cfg.InFlight <= 0 {
		cfg.InFlight = DefaultInFlight
	}
	if cfg.OnAck == nil {
		cfg.OnAck = func(string, string, uint64, time.Duration) {}
	}
	if cfg.Draining == nil {
		cfg.Draining = func(string) bool { return false }
	}
	if cfg.Instrument == nil {
		cfg.Instrument = failure.Sound{}
	}
	if cfg.Transport == nil {
		// Connections that are kept hold descriptors, too: a quarter of what may be in flight, over all pairs.
		idle := max(1, cfg.InFlight/max(1, keptShare*len(cfg.Fleet.Users)*len(cfg.Fleet.Regions)))
		cfg.Transport = func(string, string) http.RoundTripper { return wire.NewShort(min(mostKept, idle)) }
	}
	if cfg.Run == "" {
		var fresh [4]byte
		_, _ = rand.Read(fresh[:]) // it never fails (crypto/rand)
		cfg.Run = hex.EncodeToString(fresh[:])
	}
	u := &Users{cfg: cfg, shared: &shared{}, newPacer: newPacer, sampled: cfg.Now()}
	for _, spec := range cfg.Fleet.Users {
		u.populations = append(u.populations, newPopulation(cfg, u.shared, spec))
	}
	return u
}

// Run lets the users ask until ctx ends. Then it gives up what is in flight,
// which counts neither as answered nor as failed, and returns once all of it has ended.
func (u *Users) Run(ctx context.Context) {
	u.mu.Lock()
	u.sampled, u.asking = u.cfg.Now(), ctx
	u.mu.Unlock()
	var all sync.WaitGroup
	for _, p := range u.populations {
		all.Go(func() { p.run(ctx, u.newPacer()) })
	}
	all.Wait()
	<-ctx.Done() // also where nobody asks by themselves
	u.mu.Lock()
	u.asking = nil // nothing is added to requests from here on
	u.mu.Unlock()
	u.shared.requests.Wait()
	for _, p := range u.populations {
		for _, h := range p.http {
			h.CloseIdleConnections()
		}
	}
	u.visits.close()
}

// Sample is every population's requests since the last call, or since Run.
func (u *Users) Sample() drill.TrafficSampled {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := u.cfg.Now()
	sample := drill.TrafficSampled{Window: now - u.sampled}
	u.sampled = now
	for _, p := range u.populations {
		sample.Populations = append(sample.Populations, p.metrics.sample(now))
	}
	return sample
}

// StartSteady begins the window of a steady check. One that is open is forgotten.
func (u *Users) StartSteady() {
	for _, p := range u.populations {
		p.metrics.startSteady()
	}
}

// EndSteady ends it: the share, from 0 to 1, of the requests which ended in the
// window, or hang at its end, that succeeded, and how many those are. With no requests the share is 0
// and means nothing. The last window before the first fault fixes a population's
// SteadyP99 for good: a later one, perhaps of a fleet that is still slow, must not
// become the measure of what is slow.
//
// unserved are the populations of which several asked and nobody was answered: a small one that gets
// nothing can hide in the share of all.
func (u *Users) EndSteady() (success float64, requests int, unserved []string) {
	ok, now := 0, u.cfg.Now()
	for _, p := range u.populations {
		asked, answered := p.metrics.endSteady(now)
		requests += asked
		ok += answered
		if telemetry.Unserved(asked, answered) {
			unserved = append(unserved, p.spec.Name)
		}
	}
	if requests == 0 {
		return 0, 0, nil
	}
	return float64(ok) / float64(requests), requests, unserved
}

// OpenImpact begins to count what a command's fault costs users, from when it could first affect one. That may have been
// some time ago, since a fault counts once it is proved. Distinct users with a request that was sent, or in flight, since
// then are asked; those of them with a request that failed or was slow, affected. Impacts overlap as faults do: a user
// may be affected by several. A command that was opened before is left as it is.
func (u *Users) OpenImpact(command int, from time.Duration) {
	for _, p := range u.populations {
		p.metrics.openImpact(command, from)
	}
}

// CloseImpact ends the count when requests succeeded again, which may have been some time ago, too. From then on the command's
// numbers stand still: users who ask later count neither as asked nor as affected, so they do not make a share smaller.
func (u *Users) CloseImpact(command int, at time.Duration) {
	now := u.cfg.Now()
	for _, p := range u.populations {
		p.metrics.closeImpact(command, at, now)
	}
}

// Recount is a sample with the impacts counted once more. over is, by command, since when requests seem to be good again:
// until they are known to be, the command's numbers stand still at that time, and they grow on where it is not named any more.
func (u *Users) Recount(t drill.TrafficSampled, over map[int]time.Duration) drill.TrafficSampled {
	u.mu.Lock()
	now := u.sampled
	u.mu.Unlock()
	for i, p := range u.populations {
		p.metrics.recount(&t.Populations[i], now, over)
	}
	return t
}
