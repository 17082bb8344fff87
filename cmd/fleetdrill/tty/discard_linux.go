package tty

import (
	"os"

	"golang.org/x/sys/unix"
)

// discardOutput throws away what a terminal was sent and did not read.
func discardOutput(f *os.File) {
	_ = unix.IoctlSetInt(int(f.Fd()), unix.TCFLSH, unix.TCOFLUSH)
}
