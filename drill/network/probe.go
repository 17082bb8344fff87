package network

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/link"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Probe sends one request over the link between two places, on a connection of its own,
// and gives it up after some time. rtt is how long the answer took: the handshake and the
// request, each a round trip. silent says that nothing came back at all; err is nil only for an answer.
func (n *Network) Probe(ctx context.Context, a, b string, within time.Duration) (rtt time.Duration, silent bool, err error) {
	l := n.between(a, b)
	if l == nil {
		return 0, false, fmt.Errorf("there is no link between %q and %q", a, b)
	}
	url, region := crossing(n, l)
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	began := n.cfg.Now()
	silent, err = n.cfg.Probe(ctx, url, region)
	return n.cfg.Now() - began, silent, err
}

// Line is one connection over the link between two places, from the first where that is not the
// far end of them all: nothing is asked where the controller stands. ask sends so many bytes
// and returns once so many have come back, and says how long that took; within bounds it,
// silent says that nothing came back at all. hangUp ends the connection.
func (n *Network) Line(a, b string) (ask func(ctx context.Context, send, take int, within time.Duration) (took time.Duration, silent bool, err error), hangUp func()) {
	l := n.between(a, b)
	if l == nil {
		return func(context.Context, int, int, time.Duration) (time.Duration, bool, error) {
			return 0, false, fmt.Errorf("there is no link between %q and %q", a, b)
		}, func() {}
	}
	url, region := crossing(n, l)
	if relay, between := n.peers[[2]string{a, b}]; between {
		url, region = "http://"+relay.Addr().String(), b
	}
	echo, hangUp := n.cfg.Line(url, region)
	return func(ctx context.Context, send, take int, within time.Duration) (time.Duration, bool, error) {
		ctx, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		began := n.cfg.Now()
		silent, err := echo(ctx, send, take)
		return n.cfg.Now() - began, silent, err
	}, hangUp
}

// Shape is how what goes from one place to another is shaped now; the zero shape where no link
// joins them.
func (n *Network) Shape(from, to string) topology.Shape {
	l := n.between(from, to)
	if l == nil {
		return topology.Shape{}
	}
	s, back := l.Shape()
	if a, _ := l.Ends(); a != from {
		s = back
	}
	return topology.Shape{RTT: s.RTT, Jitter: s.Jitter, Bandwidth: s.Bandwidth, Loss: s.Loss}
}

// crossing is where a request is sent to so that it crosses a link, and the region at its
// far end.
func crossing(n *Network, l *link.Link) (url, region string) {
	a, b := l.Ends()
	if a == topology.EndControl {
		return n.ControlURL(b), b
	}
	if relay, between := n.peers[[2]string{a, b}]; between {
		return "http://" + relay.Addr().String(), b
	}
	return n.UserURL(a, b), b
}

// Passed is the payload that has been delivered from one place to another.
func (n *Network) Passed(from, to string) uint64 {
	l := n.between(from, to)
	if l == nil {
		return 0
	}
	ab, ba := l.Bytes()
	if a, _ := l.Ends(); a == from {
		return ab
	}
	return ba
}

// Resent is the segments from one place to another that loss has cost, each sent again.
func (n *Network) Resent(from, to string) uint64 {
	l := n.between(from, to)
	if l == nil {
		return 0
	}
	ab, ba := l.Losses()
	if a, _ := l.Ends(); a == from {
		return ab.Segments
	}
	return ba.Segments
}

// UserBytes is the payload that has passed between all users and a region.
func (n *Network) UserBytes(region string) uint64 {
	var sum uint64
	for _, p := range n.cfg.Fleet.Users {
		sum += n.Passed(p.Name, region) + n.Passed(region, p.Name)
	}
	return sum
}
