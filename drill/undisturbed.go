package drill

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// Undisturbed is what links had carried at two moments between which nothing was broken: the first sample since the
// steady check began, and the last one before any fault.
type Undisturbed struct{ From, To *LinksAt }

// LinksAt is a sample of all links. It is not changed.
type LinksAt struct {
	T     time.Duration
	Links []telemetry.Link
}

// take notes a sample while nothing was broken.
func (u *Undisturbed) take(s *State, links []telemetry.Link) {
	if s.SteadyBegan == nil || len(s.Faults) > 0 {
		return
	}
	u.To = &LinksAt{T: s.Now, Links: links}
	if u.From == nil {
		u.From = u.To
	}
}
