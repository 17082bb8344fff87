package localfleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
)

// Two regions of one cluster are one failure domain: what takes one takes both, and a
// cordon takes one alone.
func TestDomain(t *testing.T) {
	l := upLab(t, "", func(c *Config) {
		c.Fleet.Regions[0].Cluster, c.Fleet.Regions[1].Cluster = "shared", "shared"
	})
	ctx := context.Background()
	served := func(want ...string) {
		t.Helper()
		for _, r := range []string{"a", "b", "c"} {
			if l.serves(r) != slices.Contains(want, r) {
				t.Errorf("%s serves: %t, want only %v to", r, l.serves(r), want)
			}
		}
	}
	a, b := l.pid("a"), l.pid("b")
	proof, err := l.Do(ctx, "b", fleet.OpKill)
	if text, want := proved(t, proof, err), fmt.Sprintf("a: process %d killed by signal 9, port refuses; b: process %d killed by signal 9, port refuses", a, b); text != want {
		t.Errorf("proof %q, want %q", text, want)
	}
	served("c")
	if _, err := l.Do(ctx, "a", fleet.OpKill); !errors.Is(err, fleet.ErrDown) {
		t.Errorf("its other region again: %v", err)
	}
	proof, err = l.Do(ctx, "a", fleet.OpRestore)
	if text := proved(t, proof, err); !strings.Contains(text, "web-1 of a answers") || !strings.Contains(text, "web-1 of b answers") {
		t.Errorf("proof %q", text)
	}
	served("a", "b", "c")

	proof, err = l.Do(ctx, "a", fleet.OpFreeze)
	if text := proved(t, proof, err); strings.Count(text, "stopped (state T), probe silent") != 2 {
		t.Errorf("proof %q", text)
	}
	if stopped, err := below.Stopped(ctx, l.pid("b")); err != nil || !stopped {
		t.Errorf("b is stopped: %t, %v", stopped, err)
	}
	proof, err = l.Do(ctx, "b", fleet.OpRestore)
	if text := proved(t, proof, err); strings.Count(text, "continued") != 2 {
		t.Errorf("proof %q", text)
	}

	if _, err := l.Do(ctx, "a", fleet.OpCordon); err != nil {
		t.Fatal(err)
	}
	served("b", "c")
	proof, err = l.Do(ctx, "b", fleet.OpKill)
	if text := proved(t, proof, err); !strings.HasPrefix(text, "a: region is down: process") || !strings.Contains(text, "it is cordoned") || !strings.Contains(text, "b: process") {
		t.Errorf("proof %q", text)
	}
	proof, err = l.Do(ctx, "b", fleet.OpRestore)
	if text := proved(t, proof, err); !strings.Contains(text, "it is cordoned") || !strings.Contains(text, "web-1 of b answers") {
		t.Errorf("proof %q", text)
	}
	served("b", "c")
	if _, err := l.Do(ctx, "a", fleet.OpUncordon); err != nil {
		t.Fatal(err)
	}
	served("a", "b", "c")
}
