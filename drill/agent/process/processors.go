package process

import (
	"os"
	"runtime"

	"github.com/fleetdrill/fleetdrill/drill/agent"
)

// sharing is by how many a machine's processors are shared where whole regions are processes on it: three regions, which
// most fleets have, and fleetdrill.
const sharing = 4

// limitProcessors has a region that shares its machine with the others run on its share of the processors alone. Go would
// wake a thread on another one for nearly each goroutine that is handed something, and a request hands on a dozen times:
// on two cores that cost a quarter of its processor time. $GOMAXPROCS decides where it is set.
func limitProcessors(role agent.Role) {
	if role == agent.RoleAll && os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(share(runtime.NumCPU()))
	}
}

// share is a region's part of so many processors.
func share(processors int) int { return max(1, processors/sharing) }
