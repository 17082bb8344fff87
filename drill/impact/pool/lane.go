package pool

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/impact/recovery"
)

// Lane is the connections from one place to another over time, a slice after another.
type Lane struct {
	pool    *Pool
	opening []float64 // the share of requests that open one
	opened  []float64 // a second
}

// NewLane begins with the connections that there are.
func NewLane(p *Pool) *Lane { return &Lane{pool: p} }

// Share goes on until a time, and is the share of requests that open a connection then: come is how many come a second, and what they meet.
func (l *Lane) Share(at time.Duration, come func(at time.Duration) (perSecond float64, w Way)) float64 {
	for len(l.opening) <= int(at/recovery.Slice) {
		perSecond, w := come(time.Duration(len(l.opening)) * recovery.Slice)
		share := l.pool.Step(perSecond, w)
		l.opening, l.opened = append(l.opening, share), append(l.opened, share*perSecond)
	}
	return l.opening[at/recovery.Slice]
}

// Opened is how many a second were opened at a time until which it has gone on.
func (l *Lane) Opened(at time.Duration) float64 { return l.opened[at/recovery.Slice] }
