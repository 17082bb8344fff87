package agent

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Replicas are started and stopped while the region runs; without one it refuses users and probes, and serves all else.
func TestTheWebTierIsScaled(t *testing.T) {
	l := newLab(t, nil, "us-east", "eu-west")
	l.lead("us-east", 1)
	us := l.regions["us-east"].client
	served := func(n int) map[string]bool {
		t.Helper()
		by := map[string]bool{}
		for i := range 2 * n {
			got, err := l.write("us-east", fmt.Sprintf("w-%d-%d", n, i))
			if err != nil {
				t.Fatal(err)
			}
			by[got.Replica] = true
		}
		return by
	}
	for _, n := range []int{3, 1, 4} {
		listed, err := wire.ScaleWeb(t.Context(), us, n)
		if err != nil || len(listed) != n {
			t.Fatalf("scaled to %d: %v, %v", n, listed, err)
		}
		if by := served(n); len(by) != n || !by["web-1"] {
			t.Errorf("of %d replicas %v served", n, by)
		}
	}
	if listed, err := wire.ScaleWeb(t.Context(), us, 0); err != nil || len(listed) != 0 {
		t.Fatalf("scaled to none: %v, %v", listed, err)
	}
	if _, err := l.write("us-east", "refused"); !errors.Is(err, wire.ErrNoWeb) || status(t, err) != http.StatusServiceUnavailable {
		t.Errorf("a user's write: %v", err)
	}
	if _, err := us.Health(t.Context()); !errors.Is(err, wire.ErrNoWeb) {
		t.Errorf("a probe: %v", err)
	}
	if live, err := wire.Live(t.Context(), us); err != nil || live.Replica != "gateway" {
		t.Errorf("its gateway: %+v, %v", live, err)
	}
	if _, err := us.Status(t.Context()); err != nil {
		t.Errorf("the controller's question: %v", err)
	}
	if got, err := l.write("eu-west", "by-another-region"); err != nil || got.Authority != "us-east" {
		t.Errorf("a write of another region's user: %+v, %v", got, err)
	}
	if _, err := us.Append(t.Context(), orders, 1, store.Write{ID: "direct"}); err != nil {
		t.Errorf("its store: %v", err)
	}
	for _, n := range []int{-1, 65} {
		if _, err := wire.ScaleWeb(t.Context(), us, n); !errors.Is(err, wire.ErrBad) {
			t.Errorf("scaled to %d: %v", n, err)
		}
	}
	stranger := l.regions["us-east"].as("us-east", "not the token")
	if _, err := wire.ScaleWeb(t.Context(), stranger, 2); !errors.Is(err, wire.ErrUnauthorized) {
		t.Errorf("a stranger: %v", err)
	}
}
