package host

import (
	"context"
	"strconv"
)

// DefaultShares is the weight of a container that was made without one, in the CPU shares
// of cgroup v1, in which docker, podman and nerdctl take and say it: the kernel's default
// (cpu.shares). With cgroup v2 the runtime translates it to cpu.weight.
const DefaultShares = 1024

// SetShares gives a container its weight against the engine's other containers, while
// processors are short, in CPU shares. It works on one that is stopped, which starts with
// that weight.
func (e *Runtime) SetShares(ctx context.Context, id string, shares int64) error {
	_, err := e.Run(ctx, LookWithin, "update", "--cpu-shares", strconv.FormatInt(shares, 10), id)
	return err
}

// Shares is the container's weight in CPU shares.
func (c Container) Shares() int64 {
	if c.HostConfig.CPUShares == 0 { // the engine's way to say that none was asked for
		return DefaultShares
	}
	return c.HostConfig.CPUShares
}

// BootShares is the weight of a node that boots, in CPU shares, against the 1024 of one
// that serves. A boot wants every processor for half a minute: at equal weights, on two
// cores, the regions beside it answered no probe in time and were judged lost one after
// the other (eight failovers for one fault). At 64 that happened once while a compiler ran
// beside; at 32 a boot gets what the others leave, which is nearly all of an idle machine.
const BootShares = 32

// OwnShares is the weight of a node that does not boot, from what the engine says of it.
// One that is that small was left by a fleetdrill that ended during the boot.
func OwnShares(seen int64) int64 {
	if seen <= BootShares {
		return DefaultShares
	}
	return seen
}
