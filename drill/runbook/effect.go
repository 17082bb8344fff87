package runbook

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Effect is what a command does to a fleet, or a fault while it holds, as data: whoever
// predicts, tells or draws one asks this and not for its name. An action computes it from
// the fleet and the command alone.
type Effect struct {
	// Stops are the regions that answer nobody. Still says that they only stand still and go on
	// where they stopped; else what ran there is gone.
	Stops []string `json:"stops,omitempty"`
	Still bool     `json:"still,omitempty"`
	// Weakens are the regions of which a part is gone and the rest goes on.
	Weakens []Weakening `json:"weakens,omitempty"`
	// Empties are the regions that are emptied on purpose, once their authority and their
	// users have moved.
	Empties []string `json:"empties,omitempty"`
	// Cuts are the ways that nothing crosses. One is enough to keep two places apart, since
	// an answer is as good as lost.
	Cuts []topology.Way `json:"cuts,omitempty"`
	// Reshapes are the ways that have the Shape.
	Reshapes []topology.Way `json:"reshapes,omitempty"`
	Shape    topology.Shape `json:"shape,omitzero"`
	// Undo is the verb that lifts it; "" where none does.
	Undo Verb `json:"undo,omitempty"`
}

// Weakening is what a region loses while the rest of it goes on.
type Weakening struct {
	Region string `json:"region"`
	// Part is what is gone: a zone by its name, or one of the parts below.
	Part string `json:"part"`
	// Web is the part of the web tier that is left, from 0 to 1.
	Web float64 `json:"web"`
	// Store says that the region's replicas answer nobody, or store nothing.
	Store bool `json:"store,omitempty"`
	// Trust says that it goes on as before, and that what is gone is by what others trust it, or it them.
	Trust bool `json:"trust,omitempty"`
}

// Parts of a region as what is gone, beside zones.
const (
	PartWeb          = "web tier"
	PartControlPlane = "API server"
	PartStore        = "store"
	PartDisk         = "disk" // of the store
	PartBundles      = "bundle exchange"
	PartAuthority    = "certificate authority"
	PartRenewal      = "certificate renewal"
	PartClock        = "clock"
	PartSigner       = "signer" // of the hub, or of the failover controller where there is none
)

// IsZero reports whether nothing is taken away.
func (e Effect) IsZero() bool { return !e.Breaks() && len(e.Empties) == 0 }

// Breaks reports whether it is a fault, which counts once it is proved. What is emptied on
// purpose is none.
func (e Effect) Breaks() bool { return len(e.Stops)+len(e.Cuts)+len(e.Reshapes)+len(e.Weakens) > 0 }

// MayMove reports whether an authority can have to move for it: not where only web tiers or API servers are gone, whose regions'
// stores work. Of what takes nothing away that is known, it can.
func (e Effect) MayMove() bool {
	return len(e.Stops)+len(e.Cuts)+len(e.Reshapes)+len(e.Empties) > 0 || len(e.Weakens) == 0 ||
		slices.ContainsFunc(e.Weakens, func(w Weakening) bool { return w.Store })
}

// Separates reports whether it keeps two places from talking.
func (e Effect) Separates(a, b string) bool {
	return a != b && slices.ContainsFunc(e.Cuts, func(w topology.Way) bool { return w.Has(a, b) || w.Has(b, a) })
}

// Touches reports whether it cuts or shapes the link between two places, one way at least.
func (e Effect) Touches(a, b string) bool {
	on := func(w topology.Way) bool { return w.Has(a, b) || w.Has(b, a) }
	return a != b && (slices.ContainsFunc(e.Cuts, on) || slices.ContainsFunc(e.Reshapes, on))
}

// On is the part of it that is on one region.
func (e Effect) On(region string) Effect {
	if slices.Contains(e.Stops, region) {
		return Effect{Stops: []string{region}, Still: e.Still, Undo: e.Undo}
	}
	e.Weakens = slices.DeleteFunc(slices.Clone(e.Weakens), func(w Weakening) bool { return w.Region != region })
	if len(e.Weakens) > 0 {
		return Effect{Weakens: e.Weakens, Still: e.Still, Undo: e.Undo}
	}
	return Effect{}
}

// StopsStore reports whether the replicas in a region answer nobody, with the region or by themselves.
func (e Effect) StopsStore(region string) bool {
	return slices.Contains(e.Stops, region) || slices.ContainsFunc(e.Weakens, func(w Weakening) bool { return w.Region == region && w.Store })
}

// StopsWeb reports whether a region serves no user, with all of it or without its web tier.
func (e Effect) StopsWeb(region string) bool {
	return slices.Contains(e.Stops, region) || slices.ContainsFunc(e.Weakens, func(w Weakening) bool { return w.Region == region && w.Web == 0 })
}
