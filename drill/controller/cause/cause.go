// Package cause says what a region's loss is put down to: a fault of this drill or none, and
// from when on it is counted. It is pure.
package cause

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// lossy is the share of lost segments from which on a brownout may keep a region from being
// heard. A probe is two round trips (a handshake and a request), and a lost handshake is
// sent again only after a second (RFC 6298, 2.1): at 2 % three probes in a row, four times a
// second, fail about once in an hour.
const lossy = 0.02

// narrow is the bandwidth, in bits per second, below which the answers of a region's stores
// to the controller may take too long: a few of them are asked for five times a second, at one
// to two thousand bytes each.
const narrow = 256_000

// roundTrips is what a question over a new connection takes of them: the handshake's and its own.
const roundTrips = 2

// Condition is what this drill does to a region. Broken is a fault on the region itself; Fault
// and From are of whatever may keep the controller from it, a partition too.
type Condition struct {
	Region   string
	Broken   bool
	Cordoned bool
	Fault    int // 0 is none
	From     time.Duration
	// Shape is what a brownout makes of the link to the controller, over which answers still come;
	// zero where the fault is none.
	Shape topology.Shape
}

// Loss is a region that can't serve, as it was found out. Times are on the engine's clock.
type Loss struct {
	At    time.Duration // when it was
	Known bool          // it has answered before
	Heard time.Duration // when that was the last time
	// Since is when it began, where that is known better than by the last answer; 0 where it
	// is not. Own says that the region's store says so itself: then no link is to blame.
	Since time.Duration
	Own   bool
}

// Verdict is what a loss is put down to: a fault of the drill, or 0, when the loss began at the
// latest, and what is to be said of it; "" is nothing.
type Verdict struct {
	Fault  int
	Began  time.Duration
	Remark string
}

// Of judges a loss. limit is how long an answer is waited for at most.
func Of(c Condition, l Loss, limit time.Duration) Verdict {
	// A brownout lets answers through: a loss begins after the last of them, and one that is not
	// bad enough to hold them back is no cause.
	began := c.From
	if !c.Shape.IsZero() && l.Known {
		began = max(began, l.Heard)
	}
	switch {
	case c.Fault != 0 && (c.Broken || !l.Own && hides(c.Shape, limit)):
		return Verdict{Fault: c.Fault, Began: min(began, l.At)}
	case l.Since != 0:
		return Verdict{Began: min(l.Since, l.At), Remark: "no fault of this drill"}
	case l.Known: // it was lost some time after its last answer
		return Verdict{Began: min(l.Heard, l.At), Remark: "no fault of this drill, counted from its last answer"}
	}
	return Verdict{Began: l.At}
}

// hides reports whether a link of a shape may keep answers back for longer than is waited for.
// Where there is no shape, nothing crosses.
func hides(s topology.Shape, limit time.Duration) bool {
	return s.IsZero() || roundTrips*(s.RTT+s.Jitter) >= limit || s.Loss >= lossy || s.Bandwidth > 0 && s.Bandwidth < narrow
}
