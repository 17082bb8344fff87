package action

import (
	"cmp"
	"context"
	"errors"
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
	Words: Words{Name: "wait", Done: "waited", Help: "hold the steps after it until users are served, regions are back, or both", Group: GroupProgram},
	Params: []param.Param{{Name: "for", Kind: param.KindCondition, Example: "recovered, caught-up or steady", Help: "what is waited for",
		Field: func(c *runbook.Command) any { return &c.For }}},
	Check:    func(*drill.State, runbook.Command) *rule.Refusal { return nil },
	Do:       waitFor,
	Holds:    true,
	Harmless: true,
}

// waitLimit bounds one wait: a killed kind region was back within 40 s where it was
// measured; a drill must end on a machine that is five times slower.
const waitLimit = 5 * time.Minute

// mendLimit bounds a wait for what nobody of the drill mends: as long as a person takes who sees it and puts it right. A choice.
const mendLimit = 30 * time.Second

// waitFor returns once no other command is under way, and the fleet is recovered (users have recovered from every fault),
// caught up (every region that was not taken away serves, and every replica is current) or steady (both).
func waitFor(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
	limited, cancel := context.WithTimeout(ctx, waitLimit)
	defer cancel()
	err := r.awaitCalm(limited, c.For)
	const next = "the drill goes on with its next step"
	switch {
	case err == nil:
		return port.Proof{}, nil
	case ctx.Err() != nil:
		return port.Proof{}, port.ErrStopped
	case limited.Err() == nil:
		return port.Proof{}, failed(next, "not %s: %w", c.For, err)
	}
	return port.Proof{}, failed(next, "not %s within %s", c.For, format.Span(waitLimit))
}

// unmended is since when users can't recover for what nobody of the drill mends; nil while that is not so.
type unmended struct{ since *time.Duration }

// tooLong is why they don't, once that has stood for mendLimit; nil before.
func (u *unmended) tooLong(s *drill.State) error {
	why := rule.Unmended(s)
	switch {
	case why == "":
		u.since = nil
	case u.since == nil:
		u.since = new(s.Now)
	case s.Now-*u.since >= mendLimit:
		return errors.New(why)
	}
	return nil
}

// awaitCalm returns once the fleet is recovered, caught up or steady. The controllers are asked between
// two looks at the state, with no lock of the bus held, and after each event anew. It is given up where users can't recover.
func (r Rig) awaitCalm(ctx context.Context, condition string) error {
	users, regions := condition != runbook.WaitCaughtUp, condition != runbook.WaitRecovered
	var stands unmended
	for seen := uint64(0); ; {
		var away map[string]bool
		var hopeless error
		err := r.Events.Wait(ctx, func(s *drill.State) bool {
			if s.LastSeq <= seen {
				return false
			}
			if !users && !rule.Idle(s, r.ID) {
				return false
			}
			if users && !rule.Recovered(s, r.ID) {
				hopeless = stands.tooLong(s)
				return hopeless != nil
			}
			var whole bool
			away, whole = rule.Gathered(s)
			if !whole && regions {
				return false
			}
			seen = s.LastSeq
			return true
		})
		if err = cmp.Or(err, hopeless); err != nil || !regions || r.Data.Gathered(away) {
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
