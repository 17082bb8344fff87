package port

import (
	"context"
	"errors"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/gauge"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Events is the event bus. Wait returns once the condition holds of the state.
type Events interface {
	Now() time.Duration
	Emit(drill.Body) drill.Event
	View(func(*drill.State))
	Wait(context.Context, func(*drill.State) bool) error
}

// Platform does an op (kill, freeze, restore, cordon, uncordon) to a region and says what
// proved it. Kill, freeze and restore act on its whole failure domain. A *rule.Refusal says that
// nothing was changed.
type Platform interface {
	Do(ctx context.Context, region, op string) (proof string, err error)
	// DoZone does a kill, freeze or restore to a zone of a region, and leaves the region's others as they are.
	DoZone(ctx context.Context, zone, op string) (proof string, err error)
	// Scale gives the region so many web replicas.
	Scale(ctx context.Context, region string, replicas int) (proof string, err error)
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

// Trust is by what regions take each other for what they are.
type Trust interface {
	// Break breaks a region's, as the verb says, and returns what its gateway says of itself then.
	Break(ctx context.Context, region, verb string) (proof string, err error)
	// Mend gives it back all that was broken.
	Mend(ctx context.Context, region string) (proof string, err error)
	// Kill takes the signer away, and returns what became of certificates that were asked for then; Restore starts it again.
	Kill(ctx context.Context) (proof string, err error)
	Restore(ctx context.Context) (proof string, err error)
}

// Writer sends a write as one of a population's users. sent is told its id, and the region that
// the user's resolver named ("" for none), before it goes out. An error says that it was never sent
// for no fault of the fleet's.
type Writer interface {
	Write(ctx context.Context, population, dataset string, payload []byte, sent func(id, region string)) (Written, error)
}

// Written is what the user was told: By confirmed it, or Error says why nobody did.
type Written struct {
	Took         time.Duration
	By           string
	Epoch, Index uint64
	Error        string
}

// Config is the fleet's repository, and what is done past it.
type Config interface {
	// Commit adds a commit of a change in words; Revert takes one back, by how its hash begins, or where that is "" the newest.
	// Reconcilers bring it to the regions in their own time.
	Commit(ctx context.Context, words, by string) (proof string, err error)
	Revert(ctx context.Context, which, by string) (proof string, err error)
	// Edit changes a region by hand: a kind of package config, with a number of web replicas or datasets where that takes them.
	Edit(ctx context.Context, region, kind string, replicas int, datasets []string) (proof string, err error)
}

// Data hands a command to the failover controller of its dataset and returns its proof. A
// *rule.Refusal says that nothing was changed. Gathered reports whether every replica outside
// the regions that are away hears from its authority.
type Data interface {
	Command(ctx context.Context, c runbook.Command) (proof string, err error)
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

// ErrStopped is the failure of an action that the end of the drill cut short.
var ErrStopped = errors.New("the drill was stopped first")
