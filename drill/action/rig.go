package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Rig is what an action is done with: the command's number, and a port to each part of a
// drill. Ports return results; what becomes an event is emitted by the action.
type Rig struct {
	ID       int  // the command's
	Part     bool // it is a part of another one, which predicts and counts for both
	Events   port.Events
	Platform port.Platform
	Network  port.Network
	Router   port.Router
	Users    port.Users
	Data     port.Data
	Trust    port.Trust // where the fleet has identities
	Writer   port.Writer
	Config   port.Config // nil where no repository governs the fleet
	Sleep    func(context.Context, time.Duration) error
	// FaultID numbers a fault.
	FaultID func() int
	// Run carries out another command as a part of this one and waits for it.
	Run func(context.Context, runbook.Command) error
}

// fail makes a failure of an error, unless that is a refusal or a failure already.
func fail(err error, next string) error {
	var refused *rule.Refusal
	var failed *port.Failure
	if errors.As(err, &refused) || errors.As(err, &failed) {
		return err
	}
	return &port.Failure{Err: err, Next: next}
}

// failed makes a failure: what to do next, and what went wrong.
func failed(next, format string, args ...any) error {
	return &port.Failure{Err: fmt.Errorf(format, args...), Next: next}
}

// view asks the state.
func view[T any](r Rig, ask func(*drill.State) T) (out T) {
	r.Events.View(func(s *drill.State) { out = ask(s) })
	return out
}

// begun numbers faults of this command that take effect from now on, and makes them known
// before they are proved.
func (r Rig) begun(faults ...drill.FaultProved) []drill.FaultProved {
	from := r.Events.Now()
	for i, f := range faults {
		f.ID, f.Command, f.From = r.FaultID(), r.ID, from
		faults[i] = f
		r.Events.Emit(drill.FaultBegun(f))
	}
	return faults
}

// proved emits begun faults that a proof, each one's own or of all, showed to have taken effect: users are counted
// from their beginning.
func (r Rig) proved(proof string, faults ...drill.FaultProved) {
	r.Users.OpenImpact(r.ID, faults[0].From)
	for _, f := range faults {
		f.Proof = cmp.Or(f.Proof, proof)
		r.Events.Emit(f)
	}
}

// data does a command by the failover controller of its dataset.
func data(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
	proof, err := r.Data.Command(ctx, c)
	return port.Proof{Text: proof}, err
}
