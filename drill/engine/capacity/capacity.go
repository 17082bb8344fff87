// Package capacity says what a drill asks of the machine that it runs on: whether that can send its requests, and how many of them
// may wait at once.
package capacity

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/traffic"
)

// Limits is what this process may use. A field that is zero is not known, and nothing is refused for it.
type Limits struct {
	Processors int // that it may run on
	Files      int // descriptors that it may have open at once
}

const (
	// requestCost is the least processor time that a request takes of all processes of a fleet: under half of the
	// 1.2 ms that were measured at 1,200 requests/s over three local regions on two cores, a quarter of them writes. A
	// rate beyond it can't be sent whatever else is idle; one below it may still be too much, which "not sent" tells.
	requestCost = 500 * time.Microsecond

	// What descriptors go to. A request is a connection to a relay here and the relay's two, where it is a write of another
	// region's data two for its way on, and a share of the connections that are kept for the next ones.
	filesOfRequest = 5
	// filesOfRegion is the controller's questions that run at once to a region, with their relay's two, and its process's pipes.
	filesOfRegion = 15
	// filesOfProcess is journal, log, locks, terminal, pollers and timers, and what a command opens for a moment.
	filesOfProcess = 40
	// leastWaiting is how many requests a population must be able to have waiting to measure anything.
	leastWaiting = 8
)

// Fit says how many requests of a fleet may wait for answers here; the error is what the machine can't do, and what to do.
func (m Limits) Fit(spec topology.Fleet) (inFlight int, err error) {
	rate := 0.0
	for _, p := range spec.Users {
		rate += p.Rate
	}
	if most := float64(m.Processors) / requestCost.Seconds(); m.Processors > 0 && rate > most {
		return 0, fmt.Errorf("the users of %s are to send %s requests/s: this machine can send and answer at most %s (%s, %s of processor time each at the least), so lower their rates",
			spec.Name, format.Count(int64(rate)), format.Count(int64(most)), format.Plural(m.Processors, "processor", "processors"), requestCost)
	}
	if m.Files <= 0 {
		return traffic.DefaultInFlight, nil
	}
	n := len(spec.Regions)
	listeners := n + n*len(spec.Users) + n*(n-1)*(1+len(spec.Datasets))
	streams := 2 * (n - 1) * len(spec.Datasets)
	fixed := filesOfProcess + n*filesOfRegion + listeners + streams
	least := fixed + filesOfRequest*leastWaiting*len(spec.Users)
	if m.Files < least {
		return 0, fmt.Errorf("this process may open %d files, and a drill of %s needs %d: raise the limit (ulimit -n %d) or take a smaller fleet",
			m.Files, spec.Name, least, max(1024, least))
	}
	return min((m.Files-fixed)/filesOfRequest, traffic.DefaultInFlight), nil
}
