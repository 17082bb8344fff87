package workload

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/identity"
	"github.com/fleetdrill/fleetdrill/drill/identity/authority"
)

var began = time.Date(2026, 11, 30, 14, 0, 0, 0, time.UTC)

// lab is some trust domains of one fleet, with a gateway in each.
type lab struct {
	t           testing.TB
	now         time.Time
	authorities map[string]*authority.Authority
	gateways    map[string]string
	bundles     map[string][][]byte
}

func newLab(t testing.TB, regions ...string) *lab {
	l := &lab{t: t, now: began, authorities: map[string]*authority.Authority{}, gateways: map[string]string{}, bundles: map[string][][]byte{}}
	for _, r := range regions {
		l.gateways[r] = "spiffe://" + r + ".duo/region/" + r + "/gateway"
		l.renew(r)
	}
	return l
}

// renew gives a region's domain a new authority.
func (l *lab) renew(region string) {
	a, err := authority.New(region+".duo", l.now)
	if err != nil {
		l.t.Fatal(err)
	}
	l.authorities[region] = a
	l.bundles[region+".duo"] = [][]byte{a.Certificate()}
}

// workload is a region's gateway with a certificate of an hour.
func (l *lab) workload(region string) *Workload {
	l.t.Helper()
	w, err := New(l.gateways[region], func() time.Time { return l.now })
	if err != nil {
		l.t.Fatal(err)
	}
	l.grant(w, region, time.Hour)
	return w
}

func (l *lab) grant(w *Workload, region string, ttl time.Duration) {
	l.t.Helper()
	st, err := w.Status()
	if err != nil || st.Request == nil {
		l.t.Fatalf("%s asks for no certificate: %v", region, err)
	}
	chain, err := l.authorities[region].Sign(st.Request, w.ID(), ttl, l.now)
	if err == nil {
		err = w.Take(identity.Grant{Chain: chain, Bundles: l.bundles, Gateways: l.gateways, Controllers: []string{"spiffe://control.duo/failover-controller"}, RotateBefore: ttl / 3})
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

// meet has one workload call another, and one byte go there and back. An error of either side is joined.
func meet(t testing.TB, caller, called *Workload, id string) (calling, answering error) {
	t.Helper()
	near, far := pipe(t)
	done := make(chan error, 1)
	go func() {
		conn, err := called.Accept(context.Background(), far)
		if err == nil {
			b := make([]byte, 1)
			if _, err = conn.Read(b); err == nil {
				_, err = conn.Write(b)
			}
		}
		done <- err
	}()
	conn, err := caller.Call(t.Context(), near, id)
	if err == nil {
		_, _ = conn.Write([]byte("x"))
		_, err = conn.Read(make([]byte, 1))
		_ = conn.Close()
	}
	return err, <-done
}

// pipe is the two ends of a connection over the loopback.
func pipe(t testing.TB) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if near, err = net.Dial("tcp", l.Addr().String()); err == nil {
		far, err = l.Accept()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	return near, far
}

func refused(err error) identity.Reason {
	var r *identity.Refused
	if errors.As(err, &r) {
		return r.Reason
	}
	return ""
}

// Two regions that have each other's bundles speak; each thing that can be wrong is refused by the side that sees it, in its words.
func TestWhoSpeaksToWhom(t *testing.T) {
	for _, tt := range []struct {
		name   string
		spoil  func(l *lab, us, eu *Workload)
		to     string // whom us means to call; "" is eu
		called string // the words of eu, who is called
		calls  string // those of us, who calls
	}{
		{name: "all is well", spoil: func(*lab, *Workload, *Workload) {}},
		{"a bundle that was never exchanged", func(l *lab, _, eu *Workload) {
			own := map[string][][]byte{"eu-west.duo": l.bundles["eu-west.duo"]}
			must(l.t, eu.Take(identity.Grant{Bundles: own}))
		}, "", "unknown authority of domain us-east.duo", "refused by the other side: tls: bad certificate"},
		{"an authority that was renewed in one region only", func(l *lab, us, eu *Workload) {
			l.now = l.now.Add(50 * time.Minute)
			l.renew("eu-west")
			l.grant(eu, "eu-west", time.Hour)
		}, "", "refused by the other side: tls: bad certificate", "unknown authority of domain eu-west.duo"},
		{"a certificate that ran out", func(l *lab, us, eu *Workload) {
			l.now = l.now.Add(30 * time.Minute)
			must(l.t, us.Take(identity.Grant{Ahead: ptr(-45 * time.Minute)})) // it asks for none
			l.now = l.now.Add(31 * time.Minute)
			must(l.t, us.Take(identity.Grant{Ahead: ptr(time.Duration(0))}))
			l.grant(eu, "eu-west", time.Hour)
		}, "", "certificate expired at 15:00:00 UTC", "refused by the other side: tls: bad certificate"},
		{"a clock that is ahead", func(l *lab, _, eu *Workload) {
			must(l.t, eu.Take(identity.Grant{Ahead: ptr(2 * time.Hour)}))
		}, "", "certificate expired at 15:00:00 UTC", "refused by the other side: tls: bad certificate"},
		{"a clock that is behind", func(l *lab, us, _ *Workload) {
			must(l.t, us.Take(identity.Grant{Ahead: ptr(-2 * time.Hour)}))
		}, "", "", "certificate not valid before 13:59:50 UTC"},
		{"another than was meant", func(*lab, *Workload, *Workload) {}, "spiffe://ap-south.duo/region/ap-south/gateway",
			"", "spiffe://eu-west.duo/region/eu-west/gateway is not the one that is meant"},
		{"a region that is none of the fleet", func(l *lab, _, eu *Workload) {
			must(l.t, eu.Take(identity.Grant{Bundles: map[string][][]byte{}, Gateways: map[string]string{"eu-west": l.gateways["eu-west"]}}))
		}, "", `domain "us-east.duo" is none of this fleet's`, "refused by the other side: tls: bad certificate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, "us-east", "eu-west")
			us, eu := l.workload("us-east"), l.workload("eu-west")
			tt.spoil(l, us, eu)
			to := tt.to
			if to == "" {
				to = eu.ID()
			}
			calling, answering := meet(t, us, eu, to)
			if tt.calls == "" && tt.called == "" {
				if calling != nil || answering != nil {
					t.Fatalf("%v, %v", calling, answering)
				}
				return
			}
			if r := Told(calling); r != nil {
				calling = r
			}
			if calling == nil || calling.Error() != tt.calls {
				t.Errorf("who calls says %v, want %q", calling, tt.calls)
			}
			if tt.called != "" && (answering == nil || answering.Error() != tt.called) {
				t.Errorf("who is called says %v, want %q", answering, tt.called)
			}
			sum := 0
			for _, w := range []*Workload{us, eu} {
				st, _ := w.Status()
				for _, r := range st.Refusals {
					sum += int(r.Times)
				}
			}
			if sum != 1 {
				t.Errorf("%d refusals are counted, want the one of who refused", sum)
			}
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ptr[T any](v T) *T { return &v }

// A stranger with crypto/tls alone: without a certificate, with one that it made itself, with one of the fleet's authority
// and a name that is not the fleet's.
func TestStrangersAreRefused(t *testing.T) {
	l := newLab(t, "us-east", "eu-west")
	eu := l.workload("eu-west")
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	selfSigned := func(id string) *tls.Certificate {
		u, err := url.Parse(id)
		must(t, err)
		usEast, _ := x509.ParseCertificate(l.authorities["us-east"].Certificate())
		template := &x509.Certificate{SerialNumber: usEast.SerialNumber, NotBefore: began, NotAfter: began.Add(time.Hour),
			URIs: []*url.URL{u}, AuthorityKeyId: usEast.SubjectKeyId, KeyUsage: x509.KeyUsageDigitalSignature}
		parent := *template
		parent.SubjectKeyId = usEast.SubjectKeyId
		der, err := x509.CreateCertificate(rand.Reader, template, &parent, key.Public(), key)
		must(t, err)
		return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	must(t, err)
	chain, err := l.authorities["us-east"].Sign(csr, "spiffe://us-east.duo/region/us-east/billing", time.Hour, l.now)
	must(t, err)
	for _, tt := range []struct {
		name  string
		shows *tls.Certificate
		want  identity.Reason
	}{
		{"nothing", nil, identity.NoCertificate},
		{"another domain's", selfSigned("spiffe://mallory.example/region/us-east/gateway"), identity.WrongDomain},
		{"a forged one that names the right key", selfSigned(l.gateways["us-east"]), identity.UnknownAuthority},
		{"another workload's of the fleet", &tls.Certificate{Certificate: chain, PrivateKey: key}, identity.WrongID},
		{"one without an ID", selfSigned("https://example.com/"), identity.WrongDomain},
	} {
		t.Run(tt.name, func(t *testing.T) {
			near, far := pipe(t)
			go func() {
				cfg := &tls.Config{InsecureSkipVerify: true}
				if tt.shows != nil {
					cfg.Certificates = []tls.Certificate{*tt.shows}
				}
				conn := tls.Client(near, cfg)
				_, _ = conn.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
				_, _ = conn.Read(make([]byte, 1))
			}()
			if _, err := eu.Accept(t.Context(), far); refused(err) != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

// Whatever is wrong, the rule that a prediction asks says of both sides what their handshake then says.
func TestTheRuleIsTheHandshake(t *testing.T) {
	rng := mathrand.New(mathrand.NewPCG(1, 2))
	for range 40 {
		l := newLab(t, "us-east", "eu-west")
		us, eu := l.workload("us-east"), l.workload("eu-west")
		for _, w := range []*Workload{us, eu} {
			if rng.IntN(3) == 0 {
				must(t, w.Take(identity.Grant{Ahead: ptr(time.Duration(rng.IntN(5)-2) * time.Hour)}))
			}
			bundles := map[string][][]byte{}
			for domain, b := range l.bundles {
				if rng.IntN(5) > 0 {
					bundles[domain] = b
				}
			}
			must(t, w.Take(identity.Grant{Bundles: bundles}))
		}
		if rng.IntN(4) == 0 {
			l.now = l.now.Add(59 * time.Minute)
			l.renew("us-east")
			if st, _ := us.Status(); st.Request != nil {
				l.grant(us, "us-east", time.Hour)
			}
		}
		want := func(verifier, shows *Workload) identity.Reason {
			v, _ := verifier.Status()
			s, _ := shows.Status()
			v.Domains = []string{"us-east.duo", "eu-west.duo"}
			if r := v.Refuses(s.SVID, nil); r != nil {
				return r.Reason
			}
			return ""
		}
		usSays, euSays := want(us, eu), want(eu, us)
		calling, answering := meet(t, us, eu, eu.ID())
		if got := refused(calling); usSays != "" && got != usSays {
			t.Fatalf("who calls refuses with %q, the rule says %q", got, usSays)
		}
		if got := refused(answering); usSays == "" && got != euSays {
			t.Fatalf("who is called refuses with %q, the rule says %q", got, euSays)
		}
		if usSays == "" && euSays == "" && errors.Join(calling, answering) != nil {
			t.Fatalf("%v, %v", calling, answering)
		}
	}
}

// Certificates are renewed before their end under a connection that goes on, and under new ones without a failed handshake.
func TestRenewalIsNotNoticed(t *testing.T) {
	l := newLab(t, "us-east", "eu-west")
	us, eu := l.workload("us-east"), l.workload("eu-west")
	near, far := pipe(t)
	accepted := make(chan *tls.Conn, 1)
	go func() {
		conn, _ := eu.Accept(context.Background(), far)
		accepted <- conn
	}()
	calling, err := us.Call(t.Context(), near, eu.ID())
	must(t, err)
	called := <-accepted
	issued := 0
	for range 30 { // three hours
		l.now = l.now.Add(6 * time.Minute)
		for region, w := range map[string]*Workload{"us-east": us, "eu-west": eu} {
			if st, err := w.Status(); err != nil {
				t.Fatal(err)
			} else if st.Request != nil {
				l.grant(w, region, time.Hour)
				issued++
			}
		}
		if a, b := meet(t, us, eu, eu.ID()); a != nil || b != nil {
			t.Fatalf("at %s: %v, %v", l.now, a, b)
		}
		_, err := calling.Write([]byte("x"))
		must(t, err)
		if n, err := called.Read(make([]byte, 1)); n != 1 {
			t.Fatal(err)
		}
	}
	if issued != 8 {
		t.Errorf("%d certificates were issued in three hours, want 8: one of each in 42 minutes", issued)
	}
}

// A certificate for another key, or of another workload, is not taken, and the one that is held stays.
func TestOnlyItsOwnCertificateIsTaken(t *testing.T) {
	l := newLab(t, "us-east", "eu-west")
	us := l.workload("us-east")
	eu, err := New(l.gateways["eu-west"], func() time.Time { return l.now })
	must(t, err)
	theirs, err := eu.Status()
	must(t, err)
	l.now = l.now.Add(50 * time.Minute)
	mine, err := us.Status()
	must(t, err)
	for name, chain := range map[string]func() ([][]byte, error){
		"another key": func() ([][]byte, error) {
			return l.authorities["us-east"].Sign(theirs.Request, us.ID(), time.Hour, l.now)
		},
		"another ID": func() ([][]byte, error) {
			return l.authorities["us-east"].Sign(mine.Request, "spiffe://us-east.duo/other", time.Hour, l.now)
		},
		"nothing": func() ([][]byte, error) { return [][]byte{}, nil },
		"noise":   func() ([][]byte, error) { return [][]byte{[]byte("noise")}, nil },
	} {
		got, err := chain()
		must(t, err)
		if err := us.Take(identity.Grant{Chain: got}); err == nil {
			t.Errorf("a certificate for %s was taken", name)
		}
	}
	if st, _ := us.Status(); st.SVID == nil || !bytes.Equal(st.Request, mine.Request) {
		t.Error("what it held, or its request, is gone")
	}
}

// Nothing of a key leaves a workload by what it says of itself.
func TestAStatusHasNoSecret(t *testing.T) {
	l := newLab(t, "us-east")
	us := l.workload("us-east")
	l.now = l.now.Add(50 * time.Minute)
	st, err := us.Status()
	must(t, err)
	raw, err := json.Marshal(st)
	must(t, err)
	for _, key := range []any{us.svid.PrivateKey, us.next.key} {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		must(t, err)
		secret := key.(*ecdsa.PrivateKey)
		d, err := secret.Bytes()
		must(t, err)
		for _, form := range [][]byte{der, d, fmt.Appendf(nil, "%x", d)} {
			if bytes.Contains(raw, form) {
				t.Error("a status contains a private key")
			}
		}
	}
}
