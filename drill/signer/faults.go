package signer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/identity/authority"
)

// What can be broken of a region's trust, as the verbs that do it are called.
const (
	// withholdBundles: it gets no bundle of any other region's trust domain, as one that was never federated with.
	withholdBundles = "withhold-bundles"
	// renewAuthority: its authority is renewed, and no other region hears of it.
	renewAuthority = "renew-authority"
	// stopRenewal: its certificate is renewed no more.
	stopRenewal = "stop-renewal"
	// skewClock: its clock is ahead.
	skewClock = "skew-clock"
)

// aheadBy is how far a clock is set ahead: beyond the end of every certificate that is good now.
func aheadBy(ttl time.Duration) time.Duration { return 2 * max(ttl, time.Hour) }

// readBackEvery is how often a gateway is asked whether a fault has taken effect.
const readBackEvery = 50 * time.Millisecond

// toldWithin is how long a mended region waits for the others to be told of it.
const toldWithin = 300 * time.Millisecond

// Break breaks a region's trust, and returns what its gateway then says of itself.
func (s *Signer) Break(ctx context.Context, region, how string) (proof string, err error) {
	m, err := s.find(region)
	if err == nil {
		err = s.runs()
	}
	if err != nil {
		return "", err
	}
	var renewed *authority.Authority
	ahead := aheadBy(s.cfg.Fleet.Identity.TTL)
	if how == renewAuthority {
		if renewed, err = authority.New(m.domain, s.cfg.Now()); err != nil {
			return "", err
		}
	}
	s.mu.Lock()
	switch how {
	case withholdBundles:
		m.withheld = true
	case renewAuthority:
		m.signedBy = renewed
	case stopRenewal:
		m.stalled = true
	case skewClock:
		m.ahead = ahead
	}
	s.mu.Unlock()
	proof, err = s.readBack(ctx, m, func(st identity.Status) string {
		switch {
		case how == withholdBundles && len(st.Bundles) < len(s.authorities):
			return fmt.Sprintf("%s holds %s of %d", region, format.Plural(uint64(len(st.Bundles)), "bundle", "bundles"), len(s.authorities))
		case how == renewAuthority && st.SVID != nil && st.SVID.Authority == renewed.Key():
			return fmt.Sprintf("%s shows a certificate of authority %.8s, which no other region knows", region, renewed.Key())
		case how == stopRenewal && st.SVID != nil:
			return fmt.Sprintf("%s's certificate is renewed no more, and good until %s", region, st.SVID.Until.UTC().Format("15:04:05 UTC"))
		case how == skewClock && st.Ahead == ahead:
			return fmt.Sprintf("%s's clock says %s", region, st.Now.UTC().Format("2006-01-02 15:04:05 UTC"))
		}
		return ""
	})
	if err != nil {
		_, _ = s.mend(m)
	}
	return proof, err
}

// Mend gives a region back what was broken of its trust.
func (s *Signer) Mend(ctx context.Context, region string) (proof string, err error) {
	m, err := s.find(region)
	if err == nil {
		err = s.runs()
	}
	if err != nil {
		return "", err
	}
	keys, err := s.mend(m)
	if err != nil {
		return "", err
	}
	var others sync.WaitGroup // what is told to them is part of it; one that is away is told when it is back
	telling, cancel := context.WithTimeout(ctx, toldWithin)
	defer cancel()
	for _, other := range s.members {
		if other != m {
			others.Go(func() { _, _ = s.exchange(telling, other) })
		}
	}
	defer others.Wait()
	return s.readBack(ctx, m, func(st identity.Status) string {
		if st.Ahead != 0 || st.SVID == nil || st.SVID.Authority != keys || !st.Now.Before(st.SVID.Until) || len(st.Bundles) < len(s.authorities) {
			return ""
		}
		return fmt.Sprintf("%s holds %d bundles, and a certificate good until %s", region, len(st.Bundles), st.SVID.Until.UTC().Format("15:04:05 UTC"))
	})
}

// mend ends what is broken of a member. An authority that was renewed becomes its domain's, and the others are told of it. It
// returns the key that signs for it.
func (s *Signer) mend(m *member) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.withheld, m.stalled, m.ahead = false, false, 0
	if a := m.signedBy; a != nil {
		if err := a.Keep(s.cfg.Folder); err != nil {
			return "", err
		}
		s.former[m.domain] = append(s.former[m.domain], s.authorities[m.domain].Certificate())
		s.authorities[m.domain], m.signedBy = a, nil
	}
	return s.authorities[m.domain].Key(), nil
}

// readBack asks a gateway until it says what is waited for.
func (s *Signer) readBack(ctx context.Context, m *member, says func(identity.Status) string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for {
		st, err := s.exchange(ctx, m)
		if err == nil {
			if said := says(st); said != "" {
				return said, nil
			}
		}
		if slept := s.cfg.Clock.Sleep(ctx, readBackEvery); slept != nil {
			if err == nil {
				err = slept
			}
			return "", fmt.Errorf("the gateway of %s does not show it: %w", m.name, err)
		}
	}
}
