package runbook

import "time"

// WaitTakes is about how long one wait of a plan holds the steps after it, on a local fleet: the
// twelve drills that ship took 390 s together (docs/benchmarks.md), of which their 23 waits
// were what their steps, steady checks and fleets do not explain. A kind region that
// has to boot takes most of a minute.
const WaitTakes = 3 * time.Second

// Expected is about how long the plan takes on a local fleet that is up: a model, made of the
// steady check before and after, the time until the end, and the waits.
func (p Plan) Expected() time.Duration {
	whole := 2*p.Steady.For + p.End
	for _, s := range p.Steps {
		if s.Command.For != "" { // it waits for something
			whole += WaitTakes
		}
	}
	return whole
}
