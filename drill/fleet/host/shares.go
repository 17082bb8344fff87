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
