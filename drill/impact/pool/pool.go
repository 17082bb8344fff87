// Package pool predicts how many requests open a connection, where connections are kept for the next request: a new one costs
// handshakes first.
package pool

import (
	"math"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/impact/recovery"
)

// Pool is the connections from one place to another, followed a slice (recovery.Slice) after another. Each has one request at a time,
// and who finds none idle opens one for itself, as wire.Short does. Requests come as a Poisson process and take their time each by
// itself, so that how many are under way is Poisson-distributed about its mean (an M/G/∞ queue; Palm and Khinchin).
type Pool struct {
	handshakes float64 // round trips before a new connection's first request
	kept       float64 // connections that there are, idle and busy
	underWay   float64 // requests, on average
	now        int
	ends       []ending // by slice
}

// ending is how many requests end in a slice: answered, so that their connection is kept, and given up, so that it is closed.
type ending struct{ answered, gaveUp float64 }

// Way is what requests meet in a slice.
type Way struct {
	Took      time.Duration // until the answer, over a connection that is open
	RoundTrip time.Duration // of a handshake
	Within    time.Duration // who asks gives up after so long; 0 is never
}

// settling is how long the first requests are followed one slice after another: longer than handshakes over any link that ships.
const settling = time.Second

// New is the connections that have gathered while so many requests a second came for so long: the first requests found none, and from
// then on there are as many as were ever under way at once.
func New(handshakes, perSecond float64, w Way, lasted time.Duration) *Pool {
	p := &Pool{handshakes: handshakes}
	if perSecond <= 0 {
		return p
	}
	for range min(lasted, settling) / recovery.Slice {
		p.Step(perSecond, w)
	}
	if lasted > settling {
		p.kept = max(p.kept, most(p.underWay, perSecond*lasted.Seconds()))
	}
	return p
}

// most is how many of so many requests are under way at once at most, with a mean under way: as many as one of the requests is
// expected to meet.
func most(mean, requests float64) float64 {
	last := math.Log(max(requests, 1))
	if last == 0 {
		return requests
	}
	for k := 1.0; ; k++ {
		next := math.Log(requests * recovery.Exceeds(mean, k-1))
		if next <= 0 {
			return k - 1 + last/(last-next)
		}
		last = next
	}
}

// at is what ends in a slice so long ahead.
func (p *Pool) at(ahead int) *ending {
	for len(p.ends) <= p.now+ahead {
		p.ends = append(p.ends, ending{})
	}
	return &p.ends[p.now+ahead]
}

// Step goes on by a slice in which so many requests a second come, and is the share of them that open a connection.
func (p *Pool) Step(perSecond float64, w Way) (opening float64) {
	over := *p.at(0)
	p.now++
	p.underWay = max(0, p.underWay-over.answered-over.gaveUp)
	if p.kept -= over.gaveUp; over.gaveUp > 0 {
		// Where one did not answer in time, those that are idle are closed too (peers.Failed): none is left unless nobody gave up.
		p.kept = p.underWay + max(0, p.kept-p.underWay)*math.Exp(-over.gaveUp)
	}
	p.kept = max(p.kept, 0)
	n := perSecond * recovery.Slice.Seconds()
	opening = p.allBusy(n)
	p.send(n*(1-opening), w.Took, w.Within)
	p.send(n*opening, w.Took+time.Duration(p.handshakes*float64(w.RoundTrip)), w.Within)
	p.kept += n * opening
	p.underWay += n
	return opening
}

// allBusy is the chance that one of so many who ask finds no connection idle: as many as there are, or more, would be under way at once.
// Where few are idle on average, it is at least what that leaves: the chance that any is idle is no more than their mean (Markov's
// inequality), and no more are used than there are.
func (p *Pool) allBusy(n float64) float64 {
	whole := math.Floor(p.kept)
	part := p.kept - whole
	busy := (1-part)*p.least(whole) + part*p.least(whole+1)
	return max(busy, 1-max(0, p.kept-p.underWay)/max(1, n))
}

// least is the chance that so many requests are under way at least.
func (p *Pool) least(n float64) float64 {
	if n <= 0 {
		return 1
	}
	return recovery.Exceeds(p.underWay, n-1)
}

// send notes when requests end that take so long: between two slices, some in the one and some in the other.
func (p *Pool) send(n float64, took, within time.Duration) {
	fails := within > 0 && took > within
	if fails {
		took = within
	}
	whole := int(took / recovery.Slice)
	part := float64(took%recovery.Slice) / float64(recovery.Slice)
	for i, share := range []float64{1 - part, part} {
		if end := p.at(whole + i); fails {
			end.gaveUp += n * share
		} else {
			end.answered += n * share
		}
	}
}
