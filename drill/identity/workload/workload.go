// Package workload is one holder of an identity, a region's gateway or the failover controller: it makes its own key and
// never lets it go, has certificates renewed while connections go on, and says whom it trusts.
package workload

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"

	"github.com/fleetdrill/fleetdrill/drill/identity"
)

// Workload holds an identity. Its methods may be called from several goroutines.
type Workload struct {
	id  spiffeid.ID
	now func() time.Time

	mu      sync.RWMutex
	svid    *x509svid.SVID
	bundles *x509bundle.Set
	granted identity.Grant // but for chain and bundles: the newest of each
	ahead   time.Duration
	renew   bool
	next    *request  // what was asked for and has not come
	last    time.Time // when a certificate came, by the machine's clock
	tally   []identity.Tally
}

// request is a key that waits for its certificate.
type request struct {
	key crypto.Signer
	csr []byte
}

// New is a workload that has no certificate yet and trusts nobody. now is the machine's clock.
func New(id string, now func() time.Time) (*Workload, error) {
	sid, err := spiffeid.FromString(id)
	if err != nil {
		return nil, fmt.Errorf("SPIFFE ID %q: %w", id, err)
	}
	return &Workload{id: sid, now: now, bundles: x509bundle.NewSet()}, nil
}

// ID is its SPIFFE ID.
func (w *Workload) ID() string { return w.id.String() }

// Status is what it holds now, with a request for a certificate where it is time for one.
func (w *Workload) Status() (identity.Status, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	st := identity.Status{ID: w.id.String(), Holding: w.holding(), Ahead: w.ahead, Refusals: slices.Clone(w.tally)}
	if !w.due() {
		return st, nil
	}
	if w.next == nil {
		r, err := newRequest(w.id)
		if err != nil {
			return st, err
		}
		w.next = r
	}
	st.Request = w.next.csr
	return st, nil
}

// due reports whether it is time for another certificate, by this workload's own clock. Where that is ahead each new one is
// due at once: then it asks no more often than it would for one of that length. It needs mu.
func (w *Workload) due() bool {
	if w.svid == nil || w.renew {
		return true
	}
	leaf := w.svid.Certificates[0]
	before := w.granted.RotateBefore
	if w.clock().Before(leaf.NotAfter.Add(-before)) {
		return false
	}
	return w.now().Sub(w.last) >= max(leaf.NotAfter.Sub(w.last)-before, time.Second)/2
}

// clock is this workload's clock. It needs mu.
func (w *Workload) clock() time.Time { return w.now().Add(w.ahead) }

func newRequest(id spiffeid.ID) (*request, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("key of %s: %w", id, err)
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{URIs: []*url.URL{id.URL()}}, key)
	if err != nil {
		return nil, fmt.Errorf("certificate signing request of %s: %w", id, err)
	}
	return &request{key: key, csr: csr}, nil
}

// Take takes what the signer gives. A certificate that is not for the key that waits for one is refused; nothing is changed
// then.
func (w *Workload) Take(g identity.Grant) error {
	bundles, err := setOf(g.Bundles)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if g.Chain != nil {
		svid, err := w.certified(g.Chain)
		if err != nil {
			return err
		}
		w.svid, w.next, w.renew, w.last = svid, nil, false, w.now()
	}
	if g.Renew {
		w.renew = true
	}
	if bundles != nil {
		w.bundles = bundles
	}
	if g.Gateways != nil {
		w.granted.Gateways, w.granted.Controllers, w.granted.RotateBefore = g.Gateways, g.Controllers, g.RotateBefore
	}
	if g.Ahead != nil {
		w.ahead = *g.Ahead
	}
	return nil
}

// certified is the certificate for the key that waits. It needs mu.
func (w *Workload) certified(chain [][]byte) (*x509svid.SVID, error) {
	var certs []*x509.Certificate
	for _, der := range chain {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("certificate of %s: %w", w.id, err)
		}
		certs = append(certs, c)
	}
	switch {
	case len(certs) == 0:
		return nil, errors.New("no certificate in the chain")
	case w.next == nil:
		return nil, fmt.Errorf("%s waits for no certificate", w.id)
	}
	public, same := w.next.key.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !same || !public.Equal(certs[0].PublicKey) {
		return nil, fmt.Errorf("the certificate is not for the key that %s asked it for", w.id)
	}
	id, err := x509svid.IDFromCert(certs[0])
	switch {
	case err != nil:
		return nil, fmt.Errorf("certificate of %s: %w", w.id, err)
	case id != w.id:
		return nil, fmt.Errorf("the certificate is of %s, this is %s", id, w.id)
	}
	return &x509svid.SVID{ID: id, Certificates: certs, PrivateKey: w.next.key}, nil
}

// setOf is bundles that came, nil where none did.
func setOf(all map[string][][]byte) (*x509bundle.Set, error) {
	if all == nil {
		return nil, nil
	}
	set := x509bundle.NewSet()
	for domain, ders := range all {
		td, err := spiffeid.TrustDomainFromString(domain)
		if err != nil {
			return nil, fmt.Errorf("bundle of %.70q: %w", domain, err)
		}
		bundle := x509bundle.New(td)
		for _, der := range ders {
			c, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, fmt.Errorf("bundle of %s: %w", domain, err)
			}
			bundle.AddX509Authority(c)
		}
		set.Add(bundle)
	}
	return set, nil
}

// holding is what it goes by now. It needs mu.
func (w *Workload) holding() identity.Holding {
	h := identity.Holding{Now: w.clock(), Bundles: map[string][]string{}}
	if w.svid != nil {
		shown := read(w.svid.Certificates[0])
		h.SVID = &shown
	}
	for _, b := range w.bundles.Bundles() {
		keys := []string{}
		for _, a := range b.X509Authorities() {
			keys = append(keys, hex.EncodeToString(a.SubjectKeyId))
		}
		slices.Sort(keys)
		h.Bundles[b.TrustDomain().Name()] = keys
	}
	ids := slices.Concat(slices.Collect(maps.Values(w.granted.Gateways)), w.granted.Controllers)
	for _, id := range ids {
		if d := identity.Domain(id); !slices.Contains(h.Domains, d) {
			h.Domains = append(h.Domains, d)
		}
	}
	return h
}

// Gateway is the ID of a region's gateway; "" of a region that this fleet does not have.
func (w *Workload) Gateway(region string) string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.granted.Gateways[region]
}

// Commands reports whether a workload may command this one: the failover controller, or a gateway of no region of data, which
// passes on what it asks (the hub's).
func (w *Workload) Commands(id string) bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return slices.Contains(w.granted.Controllers, id)
}

// read is what a certificate says.
func read(c *x509.Certificate) identity.SVID {
	s := identity.SVID{Authority: hex.EncodeToString(c.AuthorityKeyId), From: c.NotBefore, Until: c.NotAfter}
	if len(c.URIs) == 1 {
		s.ID = c.URIs[0].String()
	}
	return s
}
