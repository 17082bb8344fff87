package localfleet

import "syscall"

// attributes of a region's process: a group of its own, so that a Ctrl-C in the
// terminal is not meant for it. Its standard input ends it with its parent.
func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
