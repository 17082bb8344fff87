package objects

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/apiserver"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
)

// server is an API server as far as a gateway asks one: it lists what there is of a resource, and tells of changes.
type server struct {
	mu      sync.Mutex
	objects map[string][]config.Object // by resource
	changed chan struct{}              // closed at the next change
	version int                        // of all of it, as a list says it
	away    bool
}

var resourceOf = map[string]string{"ConfigMap": "configmaps", "Deployment": "deployments", "NetworkPolicy": "networkpolicies", "Role": "roles", "RoleBinding": "rolebindings"}

// has makes these all that there is.
func (s *server) has(objects ...config.Object) {
	s.change(func() {
		s.objects = map[string][]config.Object{}
		for _, o := range objects {
			kind, _ := o["kind"].(string)
			s.objects[resourceOf[kind]] = append(s.objects[resourceOf[kind]], o)
		}
	})
}

func (s *server) change(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
	s.version++
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.away || r.Header.Get("Authorization") != "Bearer secret" {
		http.Error(w, "no", http.StatusServiceUnavailable)
		return
	}
	of := s.objects[path.Base(r.URL.Path)]
	if r.URL.Query().Get("watch") == "" {
		// As a real one, which says the type of a list's items once.
		var items []config.Object
		for _, o := range of {
			bare := config.Copy(o)
			delete(bare, "kind")
			delete(bare, "apiVersion")
			items = append(items, bare)
		}
		kind := map[string]string{"configmaps": "ConfigMapList", "deployments": "DeploymentList", "networkpolicies": "NetworkPolicyList", "roles": "RoleList", "rolebindings": "RoleBindingList"}[path.Base(r.URL.Path)]
		_ = json.NewEncoder(w).Encode(map[string]any{"kind": kind, "apiVersion": "v1", "metadata": map[string]any{"resourceVersion": strconv.Itoa(s.version)}, "items": items})
		return
	}
	if r.URL.Query().Get("resourceVersion") != strconv.Itoa(s.version) { // what it knows has gone on: it is to list anew
		return
	}
	changed := s.changed
	s.mu.Unlock()
	select {
	case <-changed:
	case <-r.Context().Done():
	}
	s.mu.Lock()
	now := s.objects[path.Base(r.URL.Path)]
	for _, o := range of { // those that went
		_ = json.NewEncoder(w).Encode(map[string]any{"type": "DELETED", "object": o})
	}
	for _, o := range now {
		_ = json.NewEncoder(w).Encode(map[string]any{"type": "ADDED", "object": o})
	}
}

// The gateway of a region whose cluster has its objects goes by them as they are, and by what they were while nobody answers.
func TestAGatewayGoesByItsClustersObjects(t *testing.T) {
	t.Parallel()
	s := &server{objects: map[string][]config.Object{}, changed: make(chan struct{}), away: true}
	at := httptest.NewServer(s)
	t.Cleanup(at.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rules := Follow(t.Context(), apiserver.New(at.URL, "fleetdrill", token, at.Client()), "east", true, func() time.Duration { return 0 }, slog.New(slog.DiscardHandler))
	await := func(what string, holds func() bool) {
		t.Helper()
		for began := time.Now(); !holds(); time.Sleep(time.Millisecond) {
			if time.Since(began) > 30*time.Second {
				t.Fatalf("%s: writes %v, reaches %v, admits %v", what, rules.Writes("orders"), rules.Reaches("west"), rules.Admits(true))
			}
		}
	}
	if !errors.Is(rules.Writes("orders"), wire.ErrUnconfigured) || !errors.Is(rules.Reaches("west"), wire.ErrUnconfigured) {
		t.Errorf("before anything was read: %v, %v", rules.Writes("orders"), rules.Reaches("west"))
	}
	all := revision(web(2, "v1", "0"))
	s.change(func() { s.away = false })
	s.has(all[:5]...)
	await("the region has its objects", func() bool { return rules.Writes("orders") == nil && rules.Reaches("west") == nil })
	if !errors.Is(rules.Reaches("south"), wire.ErrPolicy) || !errors.Is(rules.Writes("carts"), wire.ErrForbidden) {
		t.Errorf("what they do not allow: %v, %v", rules.Reaches("south"), rules.Writes("carts"))
	}
	if !errors.Is(rules.Serves(), wire.ErrUnconfigured) {
		t.Errorf("a fenced region that nobody told: %v", rules.Serves())
	}
	mux := http.NewServeMux()
	ServeRules(mux, func(h http.Handler) http.Handler { return h }, rules)
	answered := httptest.NewRecorder()
	mux.ServeHTTP(answered, httptest.NewRequest(http.MethodPost, wire.PathConfigConfirm, nil))
	var status wire.ConfigStatus
	if err := json.Unmarshal(answered.Body.Bytes(), &status); err != nil || !status.Given.Confirmed || rules.Serves() != nil || rules.Admits(true) != nil {
		t.Errorf("once it was told: %s, %v, %v", answered.Body, rules.Serves(), rules.Admits(true))
	}

	rotated, err := config.EditOf(config.DriftSecret, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.has(append(slices.Clone(all[:5]), rotated.Objects...)...)
	await("the web tier writes with other credentials", func() bool { return rules.Secret() == config.Rotated })

	s.has(all[0], all[2], all[3], all[4]) // the binding is gone
	await("the role is bound to nobody", func() bool { return errors.Is(rules.Writes("orders"), wire.ErrForbidden) })
	flagged := config.Copy(all[2])
	flagged["data"] = map[string]any{config.FlagReadOnly: "true"}
	s.has(all[0], all[1], flagged, all[3])
	await("a flag is on, and a policy gone", func() bool {
		return errors.Is(rules.Admits(true), wire.ErrReadOnly) && errors.Is(rules.Reaches("west"), wire.ErrPolicy) && rules.Writes("orders") == nil
	})
	if rules.Admits(false) != nil {
		t.Errorf("a read: %v", rules.Admits(false))
	}
	s.change(func() { s.away = true })
	time.Sleep(20 * time.Millisecond)
	if !errors.Is(rules.Admits(true), wire.ErrReadOnly) {
		t.Errorf("while the API server is away: %v", rules.Admits(true))
	}
}
