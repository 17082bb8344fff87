// Package authority is the certificate authorities of a fleet's trust domains. Their keys are files in the fleet's own
// folder, readable by its owner alone, and go nowhere else.
package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"

	"github.com/fleetdrill/fleetdrill/drill/identity"
)

// lifetime is how long an authority is good for: longer than any fleet stays up.
const lifetime = 10 * 365 * 24 * time.Hour

// Authority is the certificate authority of one trust domain.
type Authority struct {
	domain spiffeid.TrustDomain
	key    crypto.Signer
	cert   *x509.Certificate
}

// New makes an authority with a key of its own.
func New(domain string, now time.Time) (*Authority, error) {
	td, err := spiffeid.TrustDomainFromString(domain)
	if err != nil {
		return nil, fmt.Errorf("trust domain %q: %w", domain, err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("key of the authority of %s: %w", domain, err)
	}
	serial, id, err := numbers(key.Public())
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{Organization: []string{"fleetdrill"}, CommonName: domain},
		NotBefore: now.Add(-identity.Cushion), NotAfter: now.Add(lifetime),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		SubjectKeyId: id, URIs: []*url.URL{td.ID().URL()},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("certificate of the authority of %s: %w", domain, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &Authority{domain: td, key: key, cert: cert}, nil
}

// numbers are a serial number that no other certificate has, and the identifier of a key.
func numbers(public crypto.PublicKey) (serial *big.Int, id []byte, err error) {
	if serial, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return nil, nil, err
	}
	sum := sha256.Sum256(der)
	return serial.Add(serial, big.NewInt(1)), sum[:20], nil
}

// Key is the identifier of its key, as certificates name who signed them.
func (a *Authority) Key() string { return hex.EncodeToString(a.cert.SubjectKeyId) }

// KeyOf is the identifier of the key of an authority's certificate; "" of what is none.
func KeyOf(der []byte) string {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(c.SubjectKeyId)
}

// Certificate is its own, DER: what a bundle has of it.
func (a *Authority) Certificate() []byte { return a.cert.Raw }

// Sign issues an X.509-SVID for a workload that is known by other means to be id: of the request it takes the key alone, and
// that whoever asks has it. The chain is DER.
func (a *Authority) Sign(request []byte, id string, ttl time.Duration, now time.Time) ([][]byte, error) {
	csr, err := x509.ParseCertificateRequest(request)
	if err != nil {
		return nil, fmt.Errorf("certificate signing request of %s: %w", id, err)
	}
	if err := csr.CheckSignature(); err != nil {
		return nil, fmt.Errorf("certificate signing request of %s: %w", id, err)
	}
	sid, err := spiffeid.FromString(id)
	if err != nil {
		return nil, fmt.Errorf("sign for %q: %w", id, err)
	}
	if !sid.MemberOf(a.domain) {
		return nil, fmt.Errorf("sign for %s: it is not of domain %s", id, a.domain)
	}
	serial, keyID, err := numbers(csr.PublicKey)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{Organization: []string{"fleetdrill"}},
		NotBefore: now.Add(-identity.Cushion), NotAfter: now.Add(ttl),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true, SubjectKeyId: keyID, URIs: []*url.URL{sid.URL()},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, csr.PublicKey, a.key)
	if err != nil {
		return nil, fmt.Errorf("sign for %s: %w", id, err)
	}
	return [][]byte{der}, nil
}

// Open is the authority of a domain whose key is in a folder, or a new one that is put there. An empty folder's name keeps it
// in memory alone.
func Open(folder, domain string, now time.Time) (*Authority, error) {
	if folder == "" {
		return New(domain, now)
	}
	raw, err := os.ReadFile(file(folder, domain))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		a, err := New(domain, now)
		if err != nil {
			return nil, err
		}
		return a, a.Keep(folder)
	case err != nil:
		return nil, fmt.Errorf("key of the authority of %s: %w", domain, err)
	}
	a, err := read(raw, domain)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file(folder, domain), err)
	}
	return a, nil
}

func file(folder, domain string) string { return filepath.Join(folder, domain+".pem") }

// Keep writes key and certificate into a folder, in place of those of before: a file that its owner alone can read.
func (a *Authority) Keep(folder string) error {
	if folder == "" {
		return nil
	}
	fail := func(err error) error { return fmt.Errorf("keep the key of the authority of %s: %w", a.domain, err) }
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fail(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return fail(err)
	}
	raw := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})...)
	temp, err := os.CreateTemp(folder, ".key-*") // 0600, as os.CreateTemp makes all
	if err != nil {
		return fail(err)
	}
	_, err = temp.Write(raw)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err == nil {
		err = os.Rename(temp.Name(), file(folder, a.domain.Name()))
	}
	if err != nil {
		return fail(errors.Join(err, os.Remove(temp.Name())))
	}
	return nil
}

// read reads what Keep wrote.
func read(raw []byte, domain string) (*Authority, error) {
	td, err := spiffeid.TrustDomainFromString(domain)
	if err != nil {
		return nil, err
	}
	a := &Authority{domain: td}
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "PRIVATE KEY":
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, err
			}
			a.key, _ = key.(crypto.Signer)
		case "CERTIFICATE":
			if a.cert, err = x509.ParseCertificate(block.Bytes); err != nil {
				return nil, err
			}
		}
	}
	if a.key == nil || a.cert == nil {
		return nil, errors.New("it has no key, or no certificate")
	}
	return a, nil
}
