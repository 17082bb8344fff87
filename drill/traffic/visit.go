package traffic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
)

// mostVisits is how many requests of visitors may wait for answers, over all populations: more than twice the fifty that load
// generators usually keep waiting.
const mostVisits = 128

// ErrManyVisits is the error of a visit while as many wait as may.
var ErrManyVisits = errors.New("as many requests of visitors wait for answers as may")

// Visit is what somebody asks as one of a population's users: a write, or the reading of one, where ID is "" of the last that
// their users' ledger has. Dataset is "" in a fleet without: then the health page is asked for.
type Visit struct {
	Population, Dataset, ID string
	Write                   bool
	Payload                 []byte
}

// Visited is what came of it. Region is where it was sent, "" where nobody said where to; Failure why it was not answered, in the
// words of a sample's Failures, and "" where it was. Found says of a read that the write is there, Acked that it was known to be
// acknowledged before it was asked for.
type Visited struct {
	ID, Region, Failure string
	Took                time.Duration
	Authority           string // of a write, who confirmed it
	Found, Acked        bool
	Payload             []byte // of a read
}

// visitors is how people ask as a population's users: by the same kind of entry and the same links, and with a resolver and
// connections of their own, so that what they ask keeps nobody of the population from a region, or with one. Where regions are drawn
// by weight, they are drawn for visitors apart.
type visitors struct {
	entry   entry
	clients map[string]*wire.Client // by region
	http    []*http.Client
}

// visits is what the visitors of all populations share. Its zero value is ready.
type visits struct {
	mu      sync.Mutex
	waiting int
	of      map[string]*visitors // by population, made at the first visit
}

// Visit asks as one of a population's users, who is none of those that are counted: neither samples, nor ledger, nor what a
// verdict goes by know of it. It waits for the answer as long as such a user does. A visitor's resolver heeds the TTL, and no
// connection outlives what that says. An error says that nothing was sent.
func (u *Users) Visit(ctx context.Context, v Visit) (Visited, error) {
	i := slices.IndexFunc(u.populations, func(p *population) bool { return p.spec.Name == v.Population })
	if i < 0 {
		return Visited{}, fmt.Errorf("there is no population %q", v.Population)
	}
	p := u.populations[i]
	if v.Dataset != "" && !slices.Contains(p.datasets, v.Dataset) {
		return Visited{}, fmt.Errorf("%s has no dataset %q", v.Population, v.Dataset)
	}
	ctx, end, err := u.begin(ctx)
	if err != nil {
		return Visited{}, err
	}
	defer end()
	by, leave, err := u.visits.enter(p)
	if err != nil {
		return Visited{}, err
	}
	defer leave()
	return p.visit(ctx, by, v), nil
}

// begin lets a request be sent that no population draws, while the users ask: they don't end before it. ctx ends when they do.
func (u *Users) begin(ctx context.Context) (asking context.Context, end func(), err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.asking == nil || u.asking.Err() != nil {
		return nil, nil, ErrNotAsking
	}
	u.shared.requests.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(u.asking, cancel)
	return ctx, func() { stop(); cancel(); u.shared.requests.Done() }, nil
}

// enter is the visitors of a population, of whom one asks now.
func (s *visits) enter(p *population) (by *visitors, leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting >= mostVisits {
		return nil, nil, ErrManyVisits
	}
	s.waiting++
	if by = s.of[p.spec.Name]; by == nil {
		if s.of == nil {
			s.of = map[string]*visitors{}
		}
		by = newVisitors(p)
		s.of[p.spec.Name] = by
	}
	return by, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.waiting--
	}, nil
}

// close drops what the visitors' connections are, once nobody asks any more.
func (s *visits) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.of {
		for _, h := range v.http {
			h.CloseIdleConnections()
		}
	}
}

func newVisitors(p *population) *visitors {
	one, spec := p.cfg, p.spec
	one.Resolvers, spec.IgnoreTTL = 1, 0
	if one.VisitorRoute != nil {
		one.Route = one.VisitorRoute
	}
	if one.VisitorLookup != nil {
		one.Lookup = one.VisitorLookup
	}
	v := &visitors{entry: newEntry(one, spec), clients: map[string]*wire.Client{}}
	for _, r := range p.cfg.Fleet.Regions {
		client := &http.Client{Transport: p.cfg.Transport(spec.Name, r.Name)}
		v.http = append(v.http, client)
		v.clients[r.Name] = p.client(r.Name, client)
	}
	return v
}

func (p *population) visit(ctx context.Context, by *visitors, v Visit) (out Visited) {
	began := p.cfg.Now()
	defer func() { out.Took = p.cfg.Now() - began }()
	ctx, cancel := context.WithTimeout(ctx, p.spec.Timeout)
	defer cancel()
	region, known := by.entry.kept(0, began)
	if !known {
		var err error
		if region, err = by.entry.find(ctx, 0); err != nil {
			return Visited{Failure: failure.Reason(err)}
		}
	}
	client := by.clients[region]
	if client == nil {
		return Visited{Failure: failure.NoRegion}
	}
	out.Region, out.ID = region, v.ID
	switch {
	case v.Dataset == "":
		if _, err := client.Health(ctx); err != nil {
			out.Failure = failure.Reason(err)
		}
	case v.Write:
		out.ID = p.newID()
		written, why := p.put(ctx, client, v.Dataset, out.ID, region, v.Payload)
		out.Authority, out.Failure = written.Authority, why
	default:
		p.look(ctx, client, v, &out)
	}
	return out
}

// look reads a write, by default the last that users know to be acknowledged.
func (p *population) look(ctx context.Context, client *wire.Client, v Visit, out *Visited) {
	if out.ID == "" {
		if out.ID, _, out.Acked = p.cfg.Ledger.Recent(v.Dataset, 0); !out.Acked {
			out.ID = p.cfg.Run + "-0" // nothing to find yet, which is an answer as good as any
		}
	}
	found, err := p.read(ctx, client, v.Dataset, out.ID, out.Region)
	if err != nil {
		out.Failure = failure.Reason(err)
		return
	}
	out.Found, out.Payload = found.Found, found.Payload
	if !out.Found && !out.Acked && v.ID == "" {
		out.ID = ""
	}
}
