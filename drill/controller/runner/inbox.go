package runner

import (
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/controller/acks"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
)

// inbox is the observations that wait for the loop. To put one in blocks nobody.
type inbox struct {
	bell chan struct{} // rung where there is something to take

	mu    sync.Mutex
	waits []exchange.Observation
	acks  acks.Tally
	news  bool // the acknowledgements can't wait for the next tick
}

func newInbox() *inbox { return &inbox{bell: make(chan struct{}, 1)} }

func (i *inbox) put(o exchange.Observation) {
	i.mu.Lock()
	i.waits = append(i.waits, o)
	i.mu.Unlock()
	i.ring()
}

func (i *inbox) acked(region string, epoch uint64, at time.Duration) {
	i.mu.Lock()
	news := i.acks.Add(region, epoch, at)
	i.news = i.news || news
	i.mu.Unlock()
	if news {
		i.ring()
	}
}

func (i *inbox) ring() {
	select {
	case i.bell <- struct{}{}:
	default:
	}
}

// take is all that waits, in order; with acks, the acknowledgements too.
func (i *inbox) take(acks bool) []exchange.Observation {
	i.mu.Lock()
	defer i.mu.Unlock()
	all := i.waits
	i.waits = nil
	if acks || i.news {
		i.news = false
		if a, some := i.acks.Take(); some {
			all = append(all, exchange.Acked{Sum: a})
		}
	}
	return all
}
