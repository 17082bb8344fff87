package below

import "syscall"

// Attributes of a region's process: a group of its own, so that a Ctrl-C in the
// terminal is not meant for it. Its standard input ends it with its parent. One that stays
// has a session of its own, so that the terminal's end is not meant for it either.
func Attributes(stays bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: !stays, Setsid: stays}
}
