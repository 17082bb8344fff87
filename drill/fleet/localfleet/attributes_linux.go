package localfleet

import "syscall"

// attributes of a region's process: a group of its own, so that a Ctrl-C in the
// terminal is not meant for it, and an end with the thread that forked it.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
