package telemetry

import "time"

// Undisturbed is what links had carried at two moments between which nothing was broken: the first sample since the
// steady check began, and the last one before any fault.
type Undisturbed struct{ From, To *LinksAt }

// LinksAt is a sample of all links. It is not changed.
type LinksAt struct {
	T     time.Duration
	Links []Link
}

// Take notes a sample while nothing is broken.
func (u *Undisturbed) Take(now time.Duration, links []Link) {
	u.To = &LinksAt{T: now, Links: links}
	if u.From == nil {
		u.From = u.To
	}
}
