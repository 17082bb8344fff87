package action

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/gauge"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Rig is what an action is done with: the command's number, and a port to each part of a
// drill. Ports return results; what becomes an event is emitted by the action.
type Rig struct {
	ID       int // the command's
	Events   Events
	Platform Platform
	Network  Network
	Router   Router
	Users    Users
	Data     Data
	Sleep    func(context.Context, time.Duration) error
	// FaultID numbers a fault.
	FaultID func() int
	// Run carries out another command as a part of this one and waits for it.
	Run func(context.Context, drill.Command) error
}

// Events is the event bus. Wait returns once the condition holds of the state.
type Events interface {
	Now() time.Duration
	Emit(drill.Body) drill.Event
	View(func(*drill.State))
	Wait(context.Context, func(*drill.State) bool) error
}

// Platform does an op (kill, freeze, restore, cordon, uncordon) to a region and says what
// proved it. Kill, freeze and restore act on its whole failure domain. A *Refusal says that
// nothing was changed.
type Platform interface {
	Do(ctx context.Context, region, op string) (proof string, err error)
}

// Network holds directions of links silent, or in another shape. A hold has a name; lifting
// it leaves the others.
type Network interface {
	// Isolate silences a region's links; false where a hold of that name is there already,
	// which stays.
	Isolate(name, region string) bool
	Silence(name string, ways [][2]string) error
	Reshape(name string, ways [][2]string, shape topology.Shape) error
	Lift(name string) bool
	// Silent reports whether any direction between two places is silent.
	Silent(a, b string) bool
	gauge.Network
	// Passed is the bytes delivered from one place to another.
	Passed(from, to string) uint64
	// UserBytes is the bytes between all users and a region.
	UserBytes(region string) uint64
}

// Router sends users elsewhere while a region drains.
type Router interface {
	SetDraining(region string, on bool)
}

// Users counts whom a command's fault affects, from when it could first affect one.
type Users interface {
	OpenImpact(command int, from time.Duration)
	// CloseImpact ends the count of what is no fault; that of a fault ends once users have
	// recovered from it.
	CloseImpact(command int, at time.Duration)
}

// Data hands a command to the failover controller of its dataset and returns its proof. A
// *Refusal says that nothing was changed. Gathered reports whether every replica outside
// the regions that are away hears from its authority.
type Data interface {
	Command(ctx context.Context, c drill.Command) (proof string, err error)
	Gathered(away map[string]bool) bool
}

// Proof is what showed that an action took effect.
type Proof struct {
	Text string
}

// Failure is an action that went wrong, and what to do next.
type Failure struct {
	Err  error
	Next string
}

// Error is what went wrong.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns what went wrong.
func (f *Failure) Unwrap() error { return f.Err }

// fail makes a failure of an error, unless that is a refusal or a failure already.
func fail(err error, next string) error {
	var refused *Refusal
	var failed *Failure
	if errors.As(err, &refused) || errors.As(err, &failed) {
		return err
	}
	return &Failure{Err: err, Next: next}
}

// failed makes a failure: what to do next, and what went wrong.
func failed(next, format string, args ...any) error {
	return &Failure{Err: fmt.Errorf(format, args...), Next: next}
}

// ErrStopped is the failure of an action that the end of the drill cut short.
var ErrStopped = errors.New("the drill was stopped first")

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
		f.ID, f.Command, f.From, f.Done = r.FaultID(), r.ID, from, doneWord(&drill.Fault{FaultProved: f})
		faults[i] = f
		r.Events.Emit(drill.FaultBegun(f))
	}
	return faults
}

// proved emits begun faults that a proof showed to have taken effect: users are counted
// from their beginning.
func (r Rig) proved(proof string, faults ...drill.FaultProved) {
	r.Users.OpenImpact(r.ID, faults[0].From)
	for _, f := range faults {
		f.Proof = proof
		r.Events.Emit(f)
	}
}

// data does a command by the failover controller of its dataset.
func data(ctx context.Context, r Rig, c drill.Command) (Proof, error) {
	proof, err := r.Data.Command(ctx, c)
	return Proof{proof}, err
}
