package estimate

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Beside is how long something ran, beside about how long it takes: "12 s of ~21 s".
func (e Estimate) Beside(ran time.Duration) string {
	write := format.Age // what takes seconds does not flicker
	if e.Whole < 5*time.Second {
		write = format.Span
	}
	return write(ran) + " of ~" + write(e.Whole)
}

// String is what an estimate is made from, as a screen says it once for all that it shows.
func (b Basis) String() string {
	switch b {
	case Here:
		return "as before in this drill"
	case Last:
		return "as last time on this machine"
	}
	return "a model: not measured on this machine yet"
}
