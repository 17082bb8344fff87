package discovery

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/apiserver"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// slice is an EndpointSlice as an API server has it.
func slice(service, region, address string, port int, ready string) string {
	return fmt.Sprintf(`{"metadata":{"labels":{"multicluster.kubernetes.io/service-name":%q,"multicluster.kubernetes.io/source-cluster":%q}},`+
		`"addressType":"IPv4","endpoints":[{"addresses":[%q],"conditions":{%s}}],"ports":[{"name":"http","port":%d}]}`, service, region, address, ready, port)
}

// server is an API server that has these slices, and a pod's way to it.
func server(t *testing.T, items *atomic.Pointer[string]) (_ *apiserver.Server, token string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			http.Error(w, "who are you", http.StatusUnauthorized)
			return
		}
		if r.URL.Path != "/apis/discovery.k8s.io/v1/namespaces/mine/endpointslices" || r.URL.Query().Get("labelSelector") != "multicluster.kubernetes.io/source-cluster" {
			t.Errorf("asked for %s", r.URL)
		}
		if items.Load() == nil {
			http.Error(w, "starting", http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintf(w, `{"kind":"EndpointSliceList","items":[%s]}`, *items.Load())
	}))
	t.Cleanup(s.Close)
	token = filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return apiserver.New(s.URL, "mine", token, s.Client()), token
}

func TestWhichEndpointsAreReady(t *testing.T) {
	var items atomic.Pointer[string]
	api, token := server(t, &items)
	all := strings.Join([]string{
		slice("data-orders", "us-east", "172.18.0.1", 4711, `"ready":true`),
		slice("data-orders", "us-west", "172.18.0.1", 4712, `"ready":false`),
		slice("data-carts", "us-west", "172.18.0.1", 4713, ``),
		`{"metadata":{"labels":{"multicluster.kubernetes.io/source-cluster":"x"}},"endpoints":[{"addresses":["1.2.3.4"]}],"ports":[{"port":1}]}`,
		`{"metadata":{"labels":{"multicluster.kubernetes.io/service-name":"data-x","multicluster.kubernetes.io/source-cluster":"x"}},"endpoints":[{"addresses":["1.2.3.4"]}],"ports":null}`,
	}, ",")
	items.Store(&all)
	got, err := readyOf(t.Context(), api)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got["data-orders"], []Endpoint{{"us-east", "http://172.18.0.1:4711"}}) || !slices.Equal(got["data-carts"], []Endpoint{{"us-west", "http://172.18.0.1:4713"}}) || len(got) != 2 {
		t.Errorf("%+v", got)
	}
	items.Store(nil)
	if _, err := readyOf(t.Context(), api); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("an API server that starts: %v", err)
	}
	if err := os.WriteFile(token, []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readyOf(t.Context(), api); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("a token that is not taken: %v", err)
	}
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	if _, err := apiserver.InCluster(); err == nil || !strings.Contains(err.Error(), "no pod") {
		t.Errorf("outside a cluster: %v", err)
	}
}

// The slices of the region's own cluster count, and while its API server says nothing what they said last. Of itself the region
// knows by itself.
func TestEndpointsFollowTheSlices(t *testing.T) {
	var items atomic.Pointer[string]
	api, _ := server(t, &items)
	f := &fleet{states: map[string]string{"a": "follows", "b": "dead", "c": "follows"}}
	topo := told(topology.DiscoveryFleet)
	topo.Datasets[0].Dataset.Regions = []string{"a", "b", "c"}
	topo.Discovery.Slices, topo.Discovery.Probe.Every = true, 5*time.Millisecond
	d := New(Config{
		Ask: func(ctx context.Context, region string) (wire.RegionStatus, error) {
			if region != "c" {
				t.Errorf("%s is asked, and the slices say how it is", region)
			}
			return f.ask(ctx, region)
		},
		Now: func() time.Duration { return 0 }, API: func() (*apiserver.Server, error) { return api, nil },
	})
	defer d.Close()
	await := func(what string, want ...string) {
		t.Helper()
		for began := time.Now(); ; time.Sleep(time.Millisecond) {
			if got := d.Status(); len(got) == 1 && slices.Equal(got[0].Endpoints, want) {
				return
			}
			if time.Since(began) > 30*time.Second {
				t.Fatalf("%s: %+v, want %v", what, d.Status(), want)
			}
		}
	}
	has := func(list ...string) { joined := strings.Join(list, ","); items.Store(&joined) }
	has(slice("data-orders", "a", "172.18.0.1", 4711, `"ready":true`), slice("data-orders", "b", "172.18.0.1", 4712, `"ready":false`))
	d.Told(topo)
	await("a is ready", "a")
	if ep, err := d.Pick(t.Context(), "orders"); err != nil || ep != (Endpoint{"a", "http://172.18.0.1:4711"}) {
		t.Errorf("%+v, %v", ep, err)
	}
	items.Store(nil)
	time.Sleep(20 * time.Millisecond)
	await("the API server is away", "a")
	has(slice("data-orders", "a", "172.18.0.1", 4711, `"ready":false`))
	await("nobody is ready")
	if _, err := d.Pick(t.Context(), "orders"); !errors.Is(err, wire.ErrNoAuthority) {
		t.Errorf("%v", err)
	}
	f.set("c", "leads")
	await("this region leads", "c")
}
