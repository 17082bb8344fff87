//go:build unix

package host

import (
	"os/exec"
	"syscall"
)

// detach gives the engine's program a process group of its own, so that a Ctrl-C
// in the terminal reaches fleetdrill, which cleans up, and not the commands by
// which it does so.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
