package fleet

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Op is something that a platform can do to a region that is up, or was.
type Op string

// The ops. Kill, freeze and restore act on the region's whole failure domain, cordon,
// uncordon and scale on the region alone.
const (
	// OpKill takes the domain away at once, as a power failure would.
	OpKill Op = "kill"
	// OpFreeze stops the domain without ending it: connections hang.
	OpFreeze Op = "freeze"
	// OpRestore undoes a kill or a freeze, whichever holds. It returns once the gateway of
	// each of the domain's regions answers with that region's name, from a web replica that
	// started (or was thawed) after the fault.
	OpRestore Op = "restore"
	// OpCordon makes the region unschedulable and evicts its workload. The proof is what
	// was written, as read back.
	OpCordon Op = "cordon"
	// OpUncordon lets the workload return and waits until the gateway answers.
	OpUncordon Op = "uncordon"
	// OpScale changes how many web replicas the region has. It is done by Scale, which takes their number.
	OpScale Op = "scale"
	// OpKillTier takes the region's web tier away alone, and keeps it away: gateway and store go on. OpRestore brings
	// it back.
	OpKillTier Op = "kill-tier"
	// OpKillControlPlane takes the API server of the region's cluster away, and keeps it away: what runs there goes on.
	// OpRestore brings it back.
	OpKillControlPlane Op = "kill-control-plane"
	// OpHangStore has no write to the region's stores come to an end; the rest goes on, and says that the region is well.
	// OpRestore lets them.
	OpHangStore Op = "hang-store"
	// OpFillDisk has the disk of the region's stores refuse each write as full; what is there is read. OpRestore makes room.
	OpFillDisk Op = "fill-disk"
)

// Disk is how an op has the disk of a region's stores fail; DiskWorks is not at all.
func (o Op) Disk() store.DiskFault {
	switch o {
	case OpHangStore:
		return store.DiskHangs
	case OpFillDisk:
		return store.DiskFull
	}
	return store.DiskWorks
}

// Ops is every op that Can answers for, in the order in which a person would try them.
var Ops = []Op{OpKill, OpFreeze, OpRestore, OpCordon, OpUncordon, OpScale, OpKillTier, OpKillControlPlane, OpHangStore, OpFillDisk}

// OpsOfZone is the ops that a zone takes by itself.
var OpsOfZone = []Op{OpKill, OpFreeze, OpRestore}

// ErrCannot is in the error of Can: this platform has no such op, here or at all.
var ErrCannot = errors.New("can't be done here")

// Cannot is the error of Can: why the op can't be done, and what to do instead ("" where
// there is nothing). It is an ErrCannot.
type Cannot struct{ Why, Next string }

// Error is the reason and what to do instead.
func (c *Cannot) Error() string {
	if c.Next == "" {
		return ErrCannot.Error() + ": " + c.Why
	}
	return ErrCannot.Error() + ": " + c.Why + "; " + c.Next
}

// Unwrap returns ErrCannot.
func (c *Cannot) Unwrap() error { return ErrCannot }

// ErrNumber is the error of Do where Scale is meant.
var ErrNumber = fmt.Errorf("%w: %s takes a number of replicas", ErrCannot, OpScale)

// Known refuses an op that is not in Ops, with a *Cannot.
func (o Op) Known() error {
	if slices.Contains(Ops, o) {
		return nil
	}
	return &Cannot{Why: fmt.Sprintf("%q is not an op", o), Next: fmt.Sprintf("use one of %v", Ops)}
}

// Proof is evidence that something took effect: what was seen, and when.
type Proof struct {
	At   time.Time
	Text string // "container exited 137, port refuses"
}
