package agent

import (
	"context"
	"errors"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A read that is to be answered by the authority finds what a replica nearby lacks, fails where nobody leads, and is refused by a
// replica that does not lead, or not any more.
func TestReadsOfTheAuthority(t *testing.T) {
	l := newLab(t, nil, "a", "b")
	l.lead("a", 1)
	if _, err := l.write("a", "w"); err != nil {
		t.Fatal(err)
	}
	b := l.regions["b"].client
	found, err := b.Read(t.Context(), orders, "w", topology.ReadsAuthority)
	if err != nil || !found.Found || found.Region != "a" {
		t.Errorf("by way of b: %+v, %v; want it of a", found, err)
	}
	if found, err = l.regions["a"].client.Read(t.Context(), orders, "w", topology.ReadsAuthority); err != nil || !found.Found || found.Region != "a" {
		t.Errorf("by way of a: %+v, %v", found, err)
	}
	if _, err := b.Lookup(t.Context(), orders, "w", true); !errors.Is(err, store.ErrNotAuthority) {
		t.Errorf("b, which follows: %v", err)
	}
	if _, err := b.Read(t.Context(), orders, "w", "somewhere"); !errors.Is(err, wire.ErrBad) {
		t.Errorf("from somewhere: %v", err)
	}
	must(t, func(ctx context.Context) error { _, err := l.regions["a"].client.Fence(ctx, orders, 2); return err })
	if _, err := b.Read(t.Context(), orders, "w", topology.ReadsAuthority); !errors.Is(err, store.ErrNotAuthority) && !errors.Is(err, store.ErrFenced) {
		t.Errorf("a, which is locked out: %v", err)
	}
	if found, err = l.regions["a"].client.Read(t.Context(), orders, "w", ""); err != nil || !found.Found {
		t.Errorf("who reads nearby does not mind: %+v, %v", found, err)
	}
	nobody := l.topology("b", "", 2)
	must(t, func(ctx context.Context) error { _, err := b.PutTopology(ctx, nobody); return err })
	if _, err := b.Read(t.Context(), orders, "w", topology.ReadsAuthority); !errors.Is(err, wire.ErrNoAuthority) {
		t.Errorf("of nobody: %v", err)
	}
}
