package below

import "syscall"

// Attributes of a region's process: a group of its own, so that a Ctrl-C in the
// terminal is not meant for it, and an end with the thread that forked it; or, for one
// that stays, a session of its own, so that the terminal's end is not meant for it either.
func Attributes(stays bool) *syscall.SysProcAttr {
	if stays {
		return &syscall.SysProcAttr{Setsid: true}
	}
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
