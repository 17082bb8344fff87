package signer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/identity"
)

// errGone is of a signer that was killed.
var errGone = errors.New("the signer is killed")

// restoredWithin bounds how long a signer that starts again gives gateways to answer.
const restoredWithin = 5 * time.Second

// runs is errGone of a signer that was killed.
func (s *Signer) runs() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.gone {
		return errGone
	}
	return nil
}

// Kill ends the signer: it forgets the keys that it has from its folder, and gives nobody anything. Every gateway that answers is then
// had to ask for a certificate, and it counts once none of them got one in the time in which a signer would have answered twice.
func (s *Signer) Kill(ctx context.Context) (proof string, err error) {
	s.mu.Lock()
	if s.gone {
		s.mu.Unlock()
		return "", errGone
	}
	s.gone = true
	held := s.authorities
	if s.cfg.Folder != "" { // what is kept nowhere could not be had back
		s.authorities = nil
	}
	s.mu.Unlock()
	if proof, err = s.unanswered(ctx); err != nil {
		s.mu.Lock()
		s.gone, s.authorities = false, held
		s.mu.Unlock()
	}
	return proof, err
}

// unanswered has all gateways ask for a certificate, and says that none of them got one.
func (s *Signer) unanswered(ctx context.Context) (string, error) {
	within := 2 * pace(len(s.members), s.cfg.Fleet.Identity.TTL)
	asked := make([]*identity.SVID, len(s.members)) // what each that asked holds still
	errs := make([]error, len(s.members))
	var all sync.WaitGroup
	for i, m := range s.members {
		all.Go(func() { asked[i], errs[i] = s.refused(ctx, m, within) })
	}
	all.Wait()
	n, first := 0, -1
	for i, svid := range asked {
		if errors.Is(errs[i], errSigned) {
			return "", errs[i]
		}
		if errs[i] != nil {
			continue
		}
		n++
		if svid != nil && (first < 0 || svid.Until.Before(asked[first].Until)) {
			first = i
		}
	}
	if n == 0 {
		return "", fmt.Errorf("no gateway could be had to ask for a certificate: %w", errors.Join(errs...))
	}
	proof := fmt.Sprintf("%s asked for a certificate, and got none within %s", format.Plural(n, "gateway", "gateways"), format.Span(within))
	if first >= 0 {
		proof += fmt.Sprintf("; the first to run out is %s's, at %s", s.members[first].name, format.Until(asked[first].Until))
	}
	return proof, nil
}

// errSigned is of a gateway that got a certificate though nobody is to sign.
var errSigned = errors.New("it got a certificate")

// refused has a gateway ask for a certificate, and returns the one that it holds still once it has waited in vain for so long.
func (s *Signer) refused(ctx context.Context, m *member, within time.Duration) (*identity.SVID, error) {
	m.turn.Lock() // what it was being given has come to it by then
	before, err := ask(ctx, func(ctx context.Context) (identity.Status, error) {
		return wire.Grant(ctx, m.client, identity.Grant{Renew: true})
	})
	m.turn.Unlock()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.name, err)
	}
	if before.Request == nil {
		return nil, fmt.Errorf("%s asks for no certificate", m.name)
	}
	if err := s.cfg.Clock.Sleep(ctx, within); err != nil {
		return nil, err
	}
	after, err := ask(ctx, func(ctx context.Context) (identity.Status, error) { return wire.Identity(ctx, m.client) })
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", m.name, err)
	case after.Request == nil:
		return nil, fmt.Errorf("%s: %w", m.name, errSigned)
	}
	return after.SVID, nil
}

func ask(ctx context.Context, do func(context.Context) (identity.Status, error)) (identity.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	return do(ctx)
}

// Restore starts the signer again, with the keys in its folder, and returns once each gateway that answers has got the certificate that
// it asked for.
func (s *Signer) Restore(ctx context.Context) (proof string, err error) {
	s.mu.Lock()
	if !s.gone {
		s.mu.Unlock()
		return "", errors.New("the signer runs")
	}
	if s.authorities == nil {
		if s.authorities, err = open(s.cfg); err != nil {
			s.mu.Unlock()
			return "", err
		}
	}
	s.gone = false
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, restoredWithin)
	defer cancel()
	good := make([]*identity.SVID, len(s.members))
	errs := make([]error, len(s.members))
	var all sync.WaitGroup
	for i, m := range s.members {
		all.Go(func() { good[i], errs[i] = s.signed(ctx, m) })
	}
	all.Wait()
	n, first := 0, -1
	for i, svid := range good {
		if svid == nil {
			continue
		}
		n++
		if first < 0 || svid.Until.Before(good[first].Until) {
			first = i
		}
	}
	if n == 0 {
		s.mu.Lock()
		s.gone = true
		s.mu.Unlock()
		return "", fmt.Errorf("no gateway got a certificate: %w", errors.Join(errs...))
	}
	return fmt.Sprintf("%d of %s got certificates, all good until %s at least", n, format.Plural(len(s.members), "gateway", "gateways"),
		format.Until(good[first].Until)), nil
}

// signed gives a gateway what it asks for, and returns the certificate that it has then. Who does not answer is not waited for any
// longer than one question: it gets its certificate once it is back.
func (s *Signer) signed(ctx context.Context, m *member) (*identity.SVID, error) {
	for {
		st, err := s.exchange(ctx, m)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", m.name, err)
		case st.SVID != nil && st.Request == nil && st.Now.Before(st.SVID.Until):
			return st.SVID, nil
		}
		if err := s.cfg.Clock.Sleep(ctx, readBackEvery); err != nil {
			return nil, err
		}
	}
}
