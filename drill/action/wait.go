package action

import (
	"context"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// wait holds the steps of a plan until the fleet is recovered, or steady.
var wait = Action{
	Verb:  runbook.VerbWait,
	Words: Words{Name: "wait", Done: "waited", Help: "hold the steps after it until users are served, or all is as before", Group: GroupProgram},
	Params: []param.Param{{Name: "for", Kind: param.KindCondition, Example: "recovered or steady", Help: "what is waited for",
		Field: func(c *runbook.Command) any { return &c.For }}},
	Check:    func(*drill.State, runbook.Command) *rule.Refusal { return nil },
	Do:       waitFor,
	Holds:    true,
	Harmless: true,
}

// waitLimit bounds one wait: a killed kind region was back within 40 s where it was
// measured; a drill must end on a machine that is five times slower.
const waitLimit = 5 * time.Minute

// waitFor returns once the fleet is recovered (users have recovered from every fault, and
// no other command is under way) or steady (that, and every region that was not taken away
// serves and every replica is current).
func waitFor(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
	limited, cancel := context.WithTimeout(ctx, waitLimit)
	defer cancel()
	err := r.awaitCalm(limited, c.For)
	switch {
	case err == nil:
		return port.Proof{}, nil
	case ctx.Err() != nil:
		return port.Proof{}, port.ErrStopped
	}
	return port.Proof{}, failed("the drill goes on with its next step", "not %s within %s", c.For, format.Span(waitLimit))
}

// awaitCalm returns once the fleet is recovered or steady. The controllers are asked between
// two looks at the state, with no lock of the bus held, and after each event anew.
func (r Rig) awaitCalm(ctx context.Context, condition string) error {
	steady := condition == runbook.WaitSteady
	for seen := uint64(0); ; {
		var away map[string]bool
		err := r.Events.Wait(ctx, func(s *drill.State) bool {
			if s.LastSeq <= seen || !rule.Recovered(s, r.ID) {
				return false
			}
			var whole bool
			away, whole = rule.Gathered(s)
			if !whole && steady {
				return false
			}
			seen = s.LastSeq
			return true
		})
		if err != nil || !steady || r.Data.Gathered(away) {
			return err
		}
	}
}

// Return waits until the fleet is steady, and no longer than within; false says that it is not.
// The error is ErrStopped where ctx ended first.
func Return(ctx context.Context, r Rig, within time.Duration) (steady bool, err error) {
	limited, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err = r.awaitCalm(limited, runbook.WaitSteady)
	if ctx.Err() != nil {
		return false, port.ErrStopped
	}
	return err == nil, nil
}
