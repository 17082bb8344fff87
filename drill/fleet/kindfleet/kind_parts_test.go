package kindfleet

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/gateway"
)

// Faults of a part of a region, on a region that TestKindFleet has up.

// serves reports whether users of a region are served now.
func serves(t *testing.T, f *Platform, region string) error {
	t.Helper()
	address, err := f.Address(t.Context(), region)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err = gateway.Probe(ctx, address, region)
	return err
}

// done does an op and looks whether its proof begins as it should.
func done(t *testing.T, f *Platform, region string, op fleet.Op, want string) {
	t.Helper()
	began := time.Now()
	proof, err := f.Do(t.Context(), region, op)
	if err != nil || !strings.HasPrefix(proof.Text, want) {
		t.Fatalf("%s of %s: %q, %v; want %q", op, region, proof.Text, err, want)
	}
	t.Logf("MEASURED %s to proof: %.1f s: %s", op, time.Since(began).Seconds(), proof.Text)
}

func scaleToNoneAndBack(t *testing.T, f *Platform) {
	for _, tt := range []struct {
		replicas int
		want     string
	}{{0, "scale read back: 0, 0 pods ready, "}, {2, "scale read back: 2, 2 pods ready, web-"}} {
		proof, err := f.Scale(t.Context(), "two", tt.replicas)
		if err != nil || !strings.HasPrefix(proof.Text, tt.want) {
			t.Fatalf("scale to %d: %q, %v", tt.replicas, proof.Text, err)
		}
		if err := serves(t, f, "two"); (err == nil) != (tt.replicas > 0) {
			t.Errorf("with %d replicas: %v", tt.replicas, err)
		}
	}
}

func killTierAndRestore(t *testing.T, f *Platform, ev *events) {
	starts := get(t, f, "two", "/starts")
	done(t, f, "two", fleet.OpKillTier, "2 web pods killed and none started, the gateway serves nobody, the store's pod is ready")
	if err := serves(t, f, "two"); err == nil {
		t.Error("a region without its web tier serves users")
	}
	if now := get(t, f, "two", "/starts"); now != starts {
		t.Errorf("the store began anew: %q, and %q before", now, starts)
	}
	done(t, f, "two", fleet.OpRestore, "container runs, web-")
	if err := serves(t, f, "two"); err != nil {
		t.Error(err)
	}
	if failed := ev.find(func(b drill.Body) bool { _, is := b.(drill.TaskFailed); return is }); failed != nil {
		t.Errorf("a task failed: %+v", failed)
	}
}

func killControlPlaneAndRestore(t *testing.T, f *Platform) {
	starts := get(t, f, "two", "/starts")
	done(t, f, "two", fleet.OpKillControlPlane, "API server of fleetdrill-kt-two-control-plane does not answer, two answers")
	if err := serves(t, f, "two"); err != nil {
		t.Errorf("a region without its API server: %v", err)
	}
	if _, err := f.Scale(t.Context(), "two", 3); !errors.Is(err, fleet.ErrDown) {
		t.Errorf("scaled without an API server: %v", err)
	}
	done(t, f, "two", fleet.OpRestore, "container runs, web-")
	if now := get(t, f, "two", "/starts"); now != starts {
		t.Errorf("the store began anew: %q, and %q before", now, starts)
	}
	if proof, err := f.Scale(t.Context(), "two", 2); err != nil {
		t.Errorf("scaled by the API server that is back: %+v, %v", proof, err)
	}
}
