package router

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// health is what a region's probes come to, taken in one after the other. It is by thresholds up or down, and up for users
// only once it has held: thresholds count in probes, HoldDown is a time.
type health struct {
	limits    topology.Probe
	verdict   verdict // what users go by
	threshold verdict // by DownAfter and UpAfter alone
	failing   bool    // what the last probe came to
	run       int     // of probes that came to the same, the last included
	began     time.Duration
	downs     []time.Duration // when it went down by the thresholds, within FlapWindow
	flapping  bool
}

type verdict int

const (
	unknown verdict = iota
	isUp
	isDown
)

// finding is what a probe's result changed.
type finding struct {
	turned bool          // the verdict
	held   time.Duration // from now on: it is up by the thresholds, and must answer for so long yet
	fell   bool          // it was held, and is down by the thresholds again
	flaps  bool          // flapping began or ended
}

// take takes in what the probe that was sent at a time came to. The first success makes a region up at once: whoever
// brought it up has verified it.
func (h *health) take(failing bool, at time.Duration) (f finding) {
	if h.run == 0 || failing != h.failing {
		h.failing, h.run, h.began = failing, 0, at
	}
	h.run++
	first := h.verdict == unknown && !failing
	switch {
	case failing && h.threshold != isDown && h.run >= h.limits.DownAfter:
		if h.threshold == isUp {
			h.downs = append(h.downs, at)
		}
		h.threshold = isDown
		f.turned, f.fell = h.verdict != isDown, h.verdict == isDown
		h.verdict = isDown
	case !failing && h.threshold != isUp && (first || h.run >= h.limits.UpAfter):
		h.threshold = isUp
		f.held = h.left(at)
	case !failing && h.run == 1:
		f.held = h.left(at) // the time begins anew
	}
	switch {
	case failing || h.threshold != isUp || h.verdict == isUp:
		f.held = 0
	case first || h.left(at) <= 0:
		h.verdict, f.turned, f.held = isUp, true, 0
	}
	f.flaps = h.flap(at)
	return f
}

// left is for how long it must still answer without a failure until it is up.
func (h *health) left(at time.Duration) time.Duration {
	return h.limits.Hold(len(h.recent(at))) - (at - h.began)
}

// recent is when it went down lately.
func (h *health) recent(at time.Duration) []time.Duration {
	for len(h.downs) > 0 && at-h.downs[0] > topology.FlapWindow {
		h.downs = h.downs[1:]
	}
	return h.downs
}

// flap reports whether flapping began or ended.
func (h *health) flap(at time.Duration) bool {
	was := h.flapping
	h.flapping = len(h.recent(at)) >= topology.FlapDowns
	return h.flapping != was
}
