package provision

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const token = "stood up"

// stood is a platform whose regions are agents in this process; what a test does not need of one, it has not.
type stood struct {
	fleet.Platform
	agents map[string]*agent.Agent

	mu    sync.Mutex
	given map[string]int
}

func (s *stood) Token() string { return token }

func (s *stood) Address(_ context.Context, region string) (string, error) {
	return s.agents[region].Addr(), nil
}

func (s *stood) Govern(region string, replicas int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given[region] = replicas
}

func standing(t *testing.T, f topology.Fleet) *stood {
	t.Helper()
	s := &stood{agents: map[string]*agent.Agent{}, given: map[string]int{}}
	for _, name := range f.RegionNames() {
		c := agent.Config{Region: name, Role: agent.RoleAll, Token: token, Listen: "127.0.0.1:0", Run: name, Data: t.TempDir(), Governed: true}
		if topology.Secured(f) {
			c.ID = topology.GatewayID(f, name)
		}
		a, err := agent.Start(c)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_ = a.Close(ctx)
		})
		s.agents[name] = a
	}
	return s
}

// A fleet that is brought up without a drill serves: each region has its certificate where there are any, and the web replicas of its
// fleet file. Joined again, it is given the same, and nothing starts anew.
func TestAFleetWithoutADrillServes(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	three := 3
	for name, identity := range map[string]*topology.Identity{"plain": nil, "secured": {Trust: topology.TrustFederated, TTL: time.Hour, RotateBefore: 20 * time.Minute}} {
		t.Run(name, func(t *testing.T) {
			f := topology.Fleet{
				Name: "stood-up", Regions: []topology.Region{{Name: "a"}, {Name: "b", Web: &three}}, Datasets: []topology.Dataset{{Name: "orders"}},
				Web: topology.Web{Replicas: 2}, Config: &topology.Config{Mode: topology.ConfigManual, Every: time.Hour}, Identity: identity,
			}
			s, keys := standing(t, f), t.TempDir()
			var first time.Time // when all ran what they were given first
			for range 2 {
				p, err := Begin(t.Context(), Config{Fleet: f, Platform: s, Keys: keys, Now: time.Now, Report: func(drill.Body) {}})
				if err == nil {
					err = p.Regions(t.Context())
				}
				if err := errors.Join(err, p.End()); err != nil {
					t.Fatal(err)
				}
				if first.IsZero() {
					first = time.Now()
				}
			}
			if want := map[string]int{"a": 2, "b": 3}; !maps.Equal(s.given, want) {
				t.Errorf("the platform was told of %v web replicas, not %v", s.given, want)
			}
			for region, a := range s.agents {
				client := wire.NewClient(wire.ClientConfig{Base: "http://" + a.Addr(), Region: region, HTTP: &http.Client{Transport: wire.NewTransport()}})
				if h, err := client.Health(t.Context()); err != nil || h.Started.After(first) {
					t.Errorf("%s: %+v, %v; all ran at %s", region, h, err, first)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "*config*")); len(left) > 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}

// A fleet that no repository governs is its platform's alone.
func TestOthersAreThePlatforms(t *testing.T) {
	p, err := Begin(t.Context(), Config{Fleet: topology.Fleet{Name: "plain"}, Platform: &stood{}})
	if p != nil || err != nil {
		t.Fatal(p, err)
	}
	if err := errors.Join(p.Regions(t.Context()), p.End()); err != nil {
		t.Error(err)
	}
}

// A region that refuses what it is to run is no fleet that is up.
func TestARevisionThatCannotBeRenderedIsNone(t *testing.T) {
	f := topology.Fleet{Name: "broken", Regions: []topology.Region{{Name: "a"}}, Config: &topology.Config{Mode: topology.ConfigPull, Every: time.Hour, Repository: filepath.Join(t.TempDir(), "nowhere")}}
	p, err := Begin(t.Context(), Config{Fleet: f, Platform: standing(t, f), Now: time.Now, Report: func(drill.Body) {}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Regions(t.Context()); err == nil {
		t.Error("a fleet whose repository is nowhere was called up")
	}
	if err := p.End(); err != nil {
		t.Error(err)
	}
}

// A replica that is ready is not reached yet where its cluster has still to tell its nodes of it: the fleet is up once it is.
func TestAFleetIsUpOnceItsRegionsAnswer(t *testing.T) {
	f := topology.Fleet{Name: "slow", Regions: []topology.Region{{Name: "a"}, {Name: "b", Web: new(int)}}, Web: topology.Web{Replicas: 1}}
	asked := 0
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked++; asked < 3 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		w.Header().Set(wire.HeaderRegion, "a")
		_, _ = w.Write([]byte(`{"region":"a","replica":"web-1"}`))
	}))
	defer gateway.Close()
	none := httptest.NewServer(http.NotFoundHandler()) // has no web tier, and is not asked for one
	defer none.Close()
	clients := map[string]*wire.Client{}
	for region, base := range map[string]string{"a": gateway.URL, "b": none.URL} {
		clients[region] = wire.NewClient(wire.ClientConfig{Base: base, Region: region})
	}
	if err := answering(t.Context(), f, clients); err != nil || asked != 3 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := answering(ended, f, map[string]*wire.Client{"a": clients["b"]}); err == nil {
		t.Error("a region that never answers is up")
	}
}
