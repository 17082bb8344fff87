package fleet

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
)

// Governed is of a platform whose regions can get what they run by their repository (topology.Fleet.Config): Up returns once each
// one's gateway answers, before it has a web replica.
type Governed interface {
	// Govern tells the platform how many web replicas a region was given, so that it knows how many to wait for.
	Govern(region string, replicas int)
}

// Give gives a region what it is to run first, or leaves that to the first reconciliation.
type Give func(ctx context.Context, region string, target reconciler.Target)

// Clusters is of a platform whose regions' objects are kept by API servers of their own. Of one that is not, the regions' agents keep
// them.
type Clusters interface {
	// Objects is a region's, for who stands where the station is asked from. The error is ErrDown of a region that was never up.
	Objects(region string, from Station) (reconciler.Objects, error)
	// First has Up call give for each region as soon as its API server takes objects, before a gateway of it answers. Up returns after it.
	First(give Give)
}

// Station is a region's gateway, asked from where the region's reconciler stands: what can't reach that can't reach the region's API
// server either. Errors wrap reconciler.ErrAway or reconciler.ErrHub.
type Station interface {
	// Given says whether the region was told since it started.
	Given(ctx context.Context) (config.Given, error)
	// Confirm tells the region that it was.
	Confirm(ctx context.Context) error
}
