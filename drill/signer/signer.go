package signer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/identity/authority"
	"github.com/fleetdrill/fleetdrill/drill/identity/workload"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const (
	// askEvery is how often a gateway is asked for what it holds: a fraction of the shortest life of a certificate.
	askEvery = 500 * time.Millisecond
	// askOne is how long each question is to be from the next of any gateway, so that sixty cost no more than twenty do.
	askOne = 25 * time.Millisecond
	// askSoon is how often one is asked that has no certificate, or did not answer.
	askSoon = 50 * time.Millisecond
	// askWithin bounds a question.
	askWithin = 2 * time.Second
	// controllerTTL is how long the controller's own certificate is good for at least: it stands beside the signer.
	controllerTTL = topology.DefaultSVIDTTL
)

// Config is what a signer is made of.
type Config struct {
	Fleet topology.Fleet // it is secured
	// Folder keeps the authorities' keys; "" keeps them in memory.
	Folder string
	Clock  bus.Clock
	// Now is the machine's clock, by which certificates are valid.
	Now    func() time.Time
	Report func(drill.Body)
}

// Signer is the fleet's. Its methods may be called from several goroutines.
type Signer struct {
	cfg    Config
	holder *workload.Workload // the failover controller's own

	mu          sync.Mutex
	authorities map[string]*authority.Authority // by trust domain
	former      map[string][][]byte             // certificates of authorities that were renewed, by trust domain
	members     []*member
	told        teller
	gone        bool // nobody signs, as a fault; gateways are only asked what they hold
}

// member is a region's gateway, or the hub's.
type member struct {
	name   string
	id     string
	domain string
	client *wire.Client
	turn   sync.Mutex // one exchange at a time

	// What follows is the signer's mu's.
	signedBy *authority.Authority // of this one alone, as a fault; nil is its domain's
	withheld bool                 // it gets no bundle of another region's
	stalled  bool                 // it gets no certificate
	ahead    time.Duration
}

// New makes a signer, with the authorities whose keys are in its folder. Nobody is asked yet.
func New(cfg Config) (*Signer, error) {
	holder, err := workload.New(topology.ControllerID(cfg.Fleet), cfg.Now)
	if err != nil {
		return nil, err
	}
	s := &Signer{cfg: cfg, holder: holder, former: map[string][][]byte{}}
	if s.authorities, err = open(cfg); err != nil {
		return nil, err
	}
	return s, s.renewOwn()
}

// open is the authority of each trust domain, with the keys that are kept.
func open(cfg Config) (map[string]*authority.Authority, error) {
	all := map[string]*authority.Authority{}
	for _, domain := range topology.TrustDomains(cfg.Fleet) {
		if all[domain] != nil {
			continue
		}
		a, err := authority.Open(cfg.Folder, domain, cfg.Now())
		if err != nil {
			return nil, fmt.Errorf("certificate authority: %w", err)
		}
		all[domain] = a
	}
	return all, nil
}

// Secure makes connections of the failover controller to a region's gateway. A nil signer is a fleet without identities.
func (s *Signer) Secure(region string) wire.Secure {
	if s == nil {
		return nil
	}
	return func(ctx context.Context, raw net.Conn) (net.Conn, error) {
		return s.holder.CallGateway(ctx, raw, region)
	}
}

// Reach says by which client each gateway is asked.
func (s *Signer) Reach(clients map[string]*wire.Client) {
	for _, name := range s.cfg.Fleet.Standing().RegionNames() {
		s.members = append(s.members, &member{
			name: name, id: topology.GatewayID(s.cfg.Fleet, name), domain: topology.TrustDomain(s.cfg.Fleet, name), client: clients[name],
		})
	}
}

// Join gives every gateway that answers within a limit its first certificate. The others get theirs by Run, as all do that are
// asked by way of a hub: it needs a certificate before it can pass a question on.
func (s *Signer) Join(ctx context.Context, within time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	var all sync.WaitGroup
	for _, m := range s.members {
		if hub := s.cfg.Fleet.Hub; hub != nil && !hub.Is(m.name) {
			continue
		}
		all.Go(func() {
			for {
				if st, err := s.exchange(ctx, m); err == nil && st.SVID != nil {
					return
				}
				if s.cfg.Clock.Sleep(ctx, askSoon) != nil {
					return
				}
			}
		})
	}
	all.Wait()
}

// Run keeps certificates and bundles in step until ctx ends.
func (s *Signer) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, m := range s.members {
		all.Go(func() {
			for ctx.Err() == nil {
				every := pace(len(s.members), s.cfg.Fleet.Identity.TTL)
				if st, err := s.exchange(ctx, m); err != nil || st.SVID == nil {
					every = 2 * askSoon
				}
				_ = s.cfg.Clock.Sleep(ctx, every)
			}
		})
	}
	all.Go(func() {
		for ctx.Err() == nil {
			if err := s.renewOwn(); err != nil {
				s.cfg.Report(drill.TaskFailed{Task: "renew the failover controller's certificate", Error: err.Error(), Next: "tried again by itself"})
			}
			_ = s.cfg.Clock.Sleep(ctx, askEvery)
		}
	})
	all.Wait()
}

// pace is how often each of so many gateways is asked: seldom enough for many, and often enough that a certificate is renewed
// between two thirds of its life and its end.
func pace(gateways int, ttl time.Duration) time.Duration {
	return max(askEvery, min(time.Duration(gateways)*askOne, ttl/12))
}

// exchange asks a gateway what it holds, and gives it what it lacks.
func (s *Signer) exchange(ctx context.Context, m *member) (identity.Status, error) {
	m.turn.Lock()
	defer m.turn.Unlock()
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	st, err := wire.Identity(ctx, m.client)
	for range 2 { // a certificate that is to be renewed is asked for in between
		if err != nil {
			return st, err
		}
		g, any, failed := s.lacks(m, st)
		if failed != nil {
			return st, failed
		}
		if !any {
			break
		}
		st, err = wire.Grant(ctx, m.client, g)
	}
	if err == nil {
		s.tell(m.name, st)
	}
	return st, err
}

// lacks is what a gateway is to be given; false for nothing.
func (s *Signer) lacks(m *member, st identity.Status) (g identity.Grant, any bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return g, false, nil
	}
	if m.ahead != st.Ahead {
		g.Ahead, any = &m.ahead, true
	}
	by := s.authorityOf(m)
	switch {
	case m.stalled:
	case st.Request != nil:
		if g.Chain, err = by.Sign(st.Request, m.id, s.cfg.Fleet.Identity.TTL, s.cfg.Now()); err != nil {
			return g, false, err
		}
		any = true
	case st.SVID == nil || st.SVID.Authority != by.Key():
		g.Renew, any = true, true
	}
	bundles := s.bundles(m)
	if !same(bundles, st.Bundles) || g.Chain != nil {
		g.Bundles, any = ders(bundles), true
		g.Gateways, g.Controllers, g.RotateBefore = s.allGateways(), s.controllers(), s.cfg.Fleet.Identity.RotateBefore
	}
	return g, any, nil
}

// authorityOf is who signs for a gateway. It needs mu.
func (s *Signer) authorityOf(m *member) *authority.Authority {
	if m.signedBy != nil {
		return m.signedBy
	}
	return s.authorities[m.domain]
}

// bundles is what a gateway is to trust, certificates by trust domain and key; nil is the controller itself. It needs mu.
func (s *Signer) bundles(m *member) map[string]map[string][]byte {
	all := map[string]map[string][]byte{}
	control := topology.ControllerDomain(s.cfg.Fleet)
	for domain, a := range s.authorities {
		if m != nil && m.withheld && domain != m.domain && domain != control {
			continue
		}
		all[domain] = map[string][]byte{a.Key(): a.Certificate()}
		for _, der := range s.former[domain] {
			all[domain][authority.KeyOf(der)] = der
		}
	}
	for _, other := range s.members {
		if a := other.signedBy; a != nil && (m == nil || m == other) {
			all[other.domain][a.Key()] = a.Certificate()
		}
	}
	return all
}

func same(want map[string]map[string][]byte, has map[string][]string) bool {
	return maps.EqualFunc(want, has, func(w map[string][]byte, h []string) bool {
		return slices.Equal(slices.Sorted(maps.Keys(w)), h)
	})
}

func ders(bundles map[string]map[string][]byte) map[string][][]byte {
	out := map[string][][]byte{}
	for domain, certs := range bundles {
		out[domain] = slices.Collect(maps.Values(certs))
	}
	return out
}

// controllers are who may command a gateway: the controller, and the hub's gateway, by way of which it asks.
func (s *Signer) controllers() []string {
	ids := []string{s.holder.ID()}
	if hub := s.cfg.Fleet.Hub; hub != nil {
		ids = append(ids, topology.GatewayID(s.cfg.Fleet, hub.Name))
	}
	return ids
}

// renewOwn keeps the controller's own certificate and bundles in step.
func (s *Signer) renewOwn() error {
	s.mu.Lock()
	if s.gone {
		s.mu.Unlock()
		return nil
	}
	g := identity.Grant{Bundles: ders(s.bundles(nil)), Gateways: s.allGateways(), Controllers: s.controllers(), RotateBefore: controllerTTL / 3}
	st, err := s.holder.Status()
	if err == nil && st.Request != nil {
		ttl := max(controllerTTL, s.cfg.Fleet.Identity.TTL)
		g.Chain, err = s.authorities[topology.ControllerDomain(s.cfg.Fleet)].Sign(st.Request, s.holder.ID(), ttl, s.cfg.Now())
	}
	s.mu.Unlock()
	if err == nil {
		err = s.holder.Take(g)
	}
	if err == nil {
		st, err = s.holder.Status()
	}
	if err == nil && len(s.members) > 0 {
		s.tell(topology.EndControl, st)
	}
	return err
}

// allGateways is every gateway's ID, also before it is known how to reach them.
func (s *Signer) allGateways() map[string]string {
	all := map[string]string{}
	for _, name := range s.cfg.Fleet.Standing().RegionNames() {
		all[name] = topology.GatewayID(s.cfg.Fleet, name)
	}
	return all
}

// find is a member by its name.
func (s *Signer) find(name string) (*member, error) {
	for _, m := range s.members {
		if m.name == name {
			return m, nil
		}
	}
	return nil, errors.New("there is no region " + name)
}
