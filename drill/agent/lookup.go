package agent

import (
	"context"
	"fmt"
	"net/http"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

func (s *stores) lookup(_ http.ResponseWriter, r *http.Request, replica Replica) (any, error) {
	if r.URL.Query().Get("leading") != "" {
		return s.findLeading(r.Context(), replica, r.URL.Query().Get("id"))
	}
	return s.find(r.Context(), replica, r.URL.Query().Get("id"))
}

// Lookup looks a write up in the region's replica.
func (s *stores) Lookup(ctx context.Context, dataset, id string) (wire.Found, error) {
	replica, err := s.replica(dataset)
	if err != nil {
		return wire.Found{}, err
	}
	return s.find(ctx, replica, id)
}

// LookupLeading does where the replica leads, and refuses where it does not.
func (s *stores) LookupLeading(ctx context.Context, dataset, id string) (wire.Found, error) {
	replica, err := s.replica(dataset)
	if err != nil {
		return wire.Found{}, err
	}
	return s.findLeading(ctx, replica, id)
}

func (s *stores) find(ctx context.Context, replica Replica, id string) (wire.Found, error) {
	if err := wire.CheckID(id); err != nil {
		return wire.Found{}, err
	}
	e, ok, err := replica.Lookup(ctx, id)
	if err != nil {
		return wire.Found{}, err
	}
	return wire.Found{Found: ok, Region: s.region, Entry: e}, nil
}

// findLeading asks first whether the replica leads and its lease holds: then it has every write that was acknowledged before,
// whatever comes until it looks.
func (s *stores) findLeading(ctx context.Context, replica Replica, id string) (wire.Found, error) {
	st, err := replica.Status(ctx)
	switch {
	case err != nil:
		return wire.Found{}, err
	case st.Role != role.Authority:
		return wire.Found{}, fmt.Errorf("read %s of %s in %s: %w", id, st.Dataset, s.region, store.ErrNotAuthority)
	case st.LeaseLeft <= 0:
		return wire.Found{}, fmt.Errorf("read %s of %s in %s, whose lease is over: %w", id, st.Dataset, s.region, store.ErrFenced)
	}
	return s.find(ctx, replica, id)
}
