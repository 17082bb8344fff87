package agent

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/apiserver"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A region in pods goes by its cluster's objects: who may write, whether writes are refused, and, once it was away, nobody is served
// until it was told; and a web pod by the version that it was started with.
func TestARegionInPodsGoesByItsClustersObjects(t *testing.T) {
	var flag, bound atomic.Value
	flag.Store("false")
	bound.Store("")
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		items := map[string]string{
			"configmaps":   fmt.Sprintf(`{"metadata":{"name":"features"},"data":{"read-only":%q}}`, flag.Load()),
			"roles":        `{"metadata":{"name":"write-orders"},"rules":[{"apiGroups":["fleetdrill.dev"],"resourceNames":["orders"],"verbs":["create"]}]}`,
			"rolebindings": bound.Load().(string),
		}[path.Base(r.URL.Path)]
		if r.URL.Query().Get("watch") == "" { // a watch ends at once here, and it is listed again
			_, _ = fmt.Fprintf(w, `{"metadata":{"resourceVersion":"1"},"items":[%s]}`, items)
		}
	}))
	t.Cleanup(api.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	gatewayAddr, webAddr, storeAddr := address(t), address(t), address(t)
	web := Config{Role: RoleWeb, Listen: webAddr, Run: "web", Replica: "web-a", Gateway: "http://" + gatewayAddr, WebVersion: "v1"}
	first := pod(t, web)
	defer func() { closePod(t, first) }()
	storePod := pod(t, Config{Role: RoleStore, Listen: storeAddr, Run: "store-run", Data: t.TempDir(), Gateway: "http://" + gatewayAddr})
	defer closePod(t, storePod)
	gw := pod(t, Config{
		Role: RoleGateway, Listen: gatewayAddr, Run: "gateway-run", Web: []string{"http://" + webAddr}, Store: "http://" + storeAddr,
		Governed: true, Fenced: true, Cluster: func() (*apiserver.Server, error) {
			return apiserver.New(api.URL, "fleetdrill", token, api.Client()), nil
		},
	})
	defer closePod(t, gw)
	l := &lab{t: t, regions: map[string]*region{}, data: topology.Dataset{Name: orders, Engine: "log", Mode: topology.ModeAsync, Regions: []string{"us-east"}}}
	c := wire.NewClient(wire.ClientConfig{Base: "http://" + gatewayAddr, Region: "us-east", Token: testToken})
	l.regions["us-east"] = &region{agent: gw, client: c}
	l.lead("us-east", 1)
	n := 0
	await := func(what string, want error) {
		t.Helper()
		for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
			n++
			_, err := l.write("us-east", fmt.Sprint("w", n))
			if want == nil && err == nil || want != nil && errors.Is(err, want) {
				return
			}
			if time.Since(began) > 30*time.Second {
				t.Fatalf("%s: %v, want %v", what, err, want)
			}
		}
	}
	await("nobody told it", wire.ErrUnconfigured)
	if _, err := c.Health(t.Context()); !errors.Is(err, wire.ErrUnconfigured) {
		t.Errorf("its health: %v", err)
	}
	if st, err := wire.Config(t.Context(), c); err != nil || st.Given.Confirmed {
		t.Errorf("%+v, %v", st, err)
	}
	if st, err := wire.ConfirmConfig(t.Context(), c); err != nil || !st.Given.Confirmed {
		t.Errorf("%+v, %v", st, err)
	}
	await("no role is bound", wire.ErrForbidden)
	bound.Store(`{"metadata":{"name":"write-orders"},"roleRef":{"name":"write-orders"}}`)
	await("a role is bound", nil)
	flag.Store("true")
	await("a flag is on", wire.ErrReadOnly)
	flag.Store("false")
	await("it is off", nil)
	closePod(t, first)
	web.WebVersion = "v2-bad"
	first = pod(t, web)
	await("a version with a bug", wire.ErrVersion)
}
