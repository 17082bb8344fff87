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
	return s.find(r.Context(), replica, r.URL.Query().Get("id"), r.URL.Query().Has("leading"))
}

// Lookup looks a write up in the region's replica; with leading it refuses where that does not lead.
func (s *stores) Lookup(ctx context.Context, dataset, id string, leading bool) (wire.Found, error) {
	replica, err := s.replica(dataset)
	if err != nil {
		return wire.Found{}, err
	}
	return s.find(ctx, replica, id, leading)
}

func (s *stores) find(ctx context.Context, replica Replica, id string, leading bool) (wire.Found, error) {
	if err := wire.CheckID(id); err != nil {
		return wire.Found{}, err
	}
	if leading {
		if err := leads(ctx, replica); err != nil {
			return wire.Found{}, fmt.Errorf("read %s in %s: %w", id, s.region, err)
		}
	}
	e, ok, err := replica.Lookup(ctx, id)
	if err != nil {
		return wire.Found{}, err
	}
	return wire.Found{Found: ok, Region: s.region, Entry: e}, nil
}

// leads refuses where a replica does not lead, or its lease is over. Where it leads it has every write that was acknowledged before,
// whatever comes until it is looked up.
func leads(ctx context.Context, replica Replica) error {
	switch st, err := replica.Status(ctx); {
	case err != nil:
		return err
	case st.Role != role.Authority:
		return store.ErrNotAuthority
	case st.LeaseLeft <= 0:
		return store.ErrFenced
	}
	return nil
}
