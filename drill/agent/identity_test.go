package agent

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/identity"
	ca "github.com/fleetdrill/fleetdrill/drill/identity/authority"
	"github.com/fleetdrill/fleetdrill/drill/identity/workload"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

const controllerID = "spiffe://control.duo/failover-controller"

func gatewayID(region string) string {
	return "spiffe://" + region + ".duo/region/" + region + "/gateway"
}

// trusting is a lab whose regions have identities, and the controller that commands them.
type trusting struct {
	*lab
	authorities map[string]*ca.Authority
	bundles     map[string][][]byte
	gateways    map[string]string
	controller  *workload.Workload
}

func newTrusting(t testing.TB, ttl time.Duration, names ...string) *trusting {
	l := &trusting{authorities: map[string]*ca.Authority{}, bundles: map[string][][]byte{}, gateways: map[string]string{}}
	for _, name := range append(names, "control") {
		a, err := ca.New(name+".duo", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		l.authorities[name], l.bundles[name+".duo"] = a, [][]byte{a.Certificate()}
		if name != "control" {
			l.gateways[name] = gatewayID(name)
		}
	}
	var err error
	if l.controller, err = workload.New(controllerID, time.Now); err != nil {
		t.Fatal(err)
	}
	st, err := l.controller.Status()
	if err == nil {
		var g identity.Grant
		g, err = l.grant("control", st, time.Hour)
		must(t, func(context.Context) error { return l.controller.Take(g) })
	}
	if err != nil {
		t.Fatal(err)
	}
	l.lab = newLab(t, func(c *Config) { c.ID = gatewayID(c.Region) }, names...)
	for name, r := range l.regions {
		l.join(r, name, ttl)
		r.client = as(r, name, l.controller)
	}
	return l
}

func (l *trusting) grant(name string, st identity.Status, ttl time.Duration) (identity.Grant, error) {
	chain, err := l.authorities[name].Sign(st.Request, st.ID, ttl, time.Now())
	return identity.Grant{Chain: chain, Bundles: l.bundles, Gateways: l.gateways, Controllers: []string{controllerID}, RotateBefore: ttl / 3}, err
}

// join gives a region its certificate, as the signer does.
func (l *trusting) join(r *region, name string, ttl time.Duration) {
	signer := r.as(name, wire.Inside(testToken, name))
	must(l.t, func(ctx context.Context) error {
		st, err := wire.Identity(ctx, signer)
		if err != nil || st.Request == nil {
			return err
		}
		g, err := l.grant(name, st, ttl)
		if err == nil {
			_, err = wire.Grant(ctx, signer, g)
		}
		return err
	})
}

// as is a workload's client of a region.
func as(r *region, name string, w *workload.Workload) *wire.Client {
	secure := func(ctx context.Context, raw net.Conn) (net.Conn, error) { return w.CallGateway(ctx, raw, name) }
	return wire.NewClient(wire.ClientConfig{Base: r.url(), Region: name, Token: testToken, HTTP: &http.Client{Transport: wire.NewShortOver(secure, 8)}})
}

// Users speak plain HTTP; regions and the controller speak mutual TLS, over one port; and the data gets there.
func TestAFleetWithIdentities(t *testing.T) {
	l := newTrusting(t, time.Hour, "us-east", "eu-west")
	l.lead("us-east", 1)
	user := l.regions["eu-west"].as("eu-west", testToken)
	must(t, func(ctx context.Context) error {
		_, err := user.Write(ctx, orders, store.Write{ID: "w1", Payload: []byte("x")})
		return err
	})
	wait(t, "the write in the other region", func() bool { return l.count("eu-west") == 1 })
}

// What comes in plain is refused unless users may ask it, and says why; so is who has the fleet's token alone.
func TestPlainCallersAreRefused(t *testing.T) {
	l := newTrusting(t, time.Hour, "us-east", "eu-west")
	l.lead("us-east", 1)
	at := l.regions["us-east"]
	for asked, want := range map[string]int{
		"GET " + wire.PathHealth: 200, "GET " + wire.PathLive: 200, "GET " + wire.PathApp + orders + "/w1": 200,
		"GET " + wire.PathStatus: 401, "PUT " + wire.PathTopology: 401, "POST " + wire.PathStore + orders + "/promote": 401,
		"GET " + wire.PathStore + orders + "/audit": 401, "GET " + wire.PathStore + orders + "/stream": 401, "POST " + wire.PathWrite + orders: 401,
		"GET " + wire.PathPeers + "eu-west/v1/status": 401, "GET " + wire.PathIdentity: 401, "PUT " + wire.PathIdentity: 401, "GET /v1/web": 401,
		"GET /v1/unheard-of":     401,
		"GET " + wire.PathConfig: 401, "PUT " + wire.PathConfig: 401, "POST " + wire.PathConfigDiff: 401, "POST " + wire.PathConfigEdit: 401,
		"POST " + wire.PathConfigKeep: 401, "POST " + wire.PathConfigConfirm: 401,
	} {
		method, path, _ := strings.Cut(asked, " ")
		res := get(t, method, at.url()+path, http.Header{wire.HeaderToken: {testToken}})
		if res.StatusCode != want {
			t.Errorf("%s is answered %s, want %d", asked, res.Status, want)
		}
	}
	st, err := wire.Identity(t.Context(), at.as("us-east", wire.Inside(testToken, "us-east")))
	if err != nil || len(st.Refusals) != 1 || st.Refusals[0].Reason != identity.NoCertificate || st.Refusals[0].Times != 17 {
		t.Errorf("it says that it refused %+v, %v", st.Refusals, err)
	}
}

// A region may copy from another one and write to it, and not command it.
func TestARegionDoesNotCommand(t *testing.T) {
	l := newTrusting(t, time.Hour, "us-east", "eu-west")
	l.lead("us-east", 1)
	eu, err := workload.New(gatewayID("eu-west"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	st, _ := eu.Status()
	g, err := l.grant("eu-west", st, time.Hour)
	if err == nil {
		err = eu.Take(g)
	}
	if err != nil {
		t.Fatal(err)
	}
	c := as(l.regions["us-east"], "us-east", eu)
	if _, err := c.StoreStatus(t.Context(), orders); err != nil {
		t.Errorf("a region may not ask another one: %v", err)
	}
	for name, ask := range map[string]func() error{
		"reads":    func() error { _, err := wire.Config(t.Context(), c); return err },
		"gives":    func() error { _, err := wire.ApplyConfig(t.Context(), c, wire.ConfigApply{}); return err },
		"compares": func() error { _, err := wire.DiffConfig(t.Context(), c, nil); return err },
		"edits":    func() error { _, err := wire.EditConfig(t.Context(), c, wire.ConfigEdit{}); return err },
		"prunes":   func() error { _, err := wire.KeepConfig(t.Context(), c, nil); return err },
		"confirms": func() error { _, err := wire.ConfirmConfig(t.Context(), c); return err },
	} {
		if err := ask(); err == nil || !strings.Contains(err.Error(), "failover controller's to ask") {
			t.Errorf("a region %s what another one runs: %v", name, err)
		}
	}
	if _, err := c.Promote(t.Context(), orders, 2); err == nil || !strings.Contains(err.Error(), "failover controller's to ask") {
		t.Errorf("a region had another one promoted: %v", err)
	}
}

// A region without the other's bundle refuses its writes, and the user is told that it was for want of trust.
func TestAWriteToWhoDoesNotTrust(t *testing.T) {
	l := newTrusting(t, time.Hour, "us-east", "eu-west")
	l.push("us-east", 1)
	own := map[string][][]byte{"us-east.duo": l.bundles["us-east.duo"], "control.duo": l.bundles["control.duo"]}
	signer := l.regions["us-east"].as("us-east", wire.Inside(testToken, "us-east"))
	must(t, func(ctx context.Context) error {
		_, err := wire.Grant(ctx, signer, identity.Grant{Bundles: own})
		return err
	})
	_, err := l.regions["eu-west"].as("eu-west", testToken).Write(t.Context(), orders, store.Write{ID: "w1", Payload: []byte("x")})
	if err == nil || status(t, err) != http.StatusBadGateway || !strings.Contains(err.Error(), "do not trust each other") {
		t.Errorf("%v", err)
	}
	st, err := wire.Identity(t.Context(), signer)
	if err != nil || len(st.Refusals) != 1 || st.Refusals[0].Error() != "unknown authority of domain eu-west.duo" || st.Refusals[0].Peer != gatewayID("eu-west") {
		t.Errorf("us-east says that it refused %+v, %v", st.Refusals, err)
	}
}

// A stranger's TLS is refused in the handshake: nothing of HTTP is read from it.
func TestAStrangersHandshakeIsRefused(t *testing.T) {
	l := newTrusting(t, time.Hour, "us-east")
	at := l.regions["us-east"]
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(at.url(), "http:", "https:", 1)+wire.PathLive, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err == nil {
		_ = res.Body.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "certificate required") {
		t.Errorf("a caller without a certificate was answered: %v", err)
	}
}
