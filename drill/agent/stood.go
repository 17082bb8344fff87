package agent

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/instrument"
)

// stoodFor is how long a standstill stays in the region's answers: who asks does so several times a second, and may itself
// not be heard for a while.
const stoodFor = 30 * time.Second

// stoodLeast is the shortest standstill that an agent tells: it does not know the probes' timeout, and who asks leaves out
// what could not make one look failed. It is four times the latest tick of a machine that is merely busy (instrument.Threshold).
const stoodLeast = 100 * time.Millisecond

// watchItself notes when this process does not run, until the agent leaves.
func (a *Agent) watchItself() *instrument.Watch {
	w := instrument.New(instrument.Config{Now: a.cfg.Clock, Threshold: stoodLeast})
	tick := time.NewTicker(instrument.EveryFor(stoodLeast))
	a.serving.Go(func() {
		defer tick.Stop()
		for {
			select {
			case <-a.leaving.Done():
				return
			case <-tick.C:
				w.Note()
			}
		}
	})
	return w
}

// stood is the standstills that ended lately.
func stood(w *instrument.Watch, now time.Duration) (lately []wire.Stood) {
	for n, s := range w.Spans() {
		if now-s.To <= stoodFor {
			lately = append(lately, wire.Stood{N: n, Ago: now - s.To, For: s.To - s.From})
		}
	}
	return lately
}
