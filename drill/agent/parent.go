package agent

import "io"

// WithParent calls exit once parent ends: it is a pipe that the parent holds open
// and never writes to, so it ends when the parent does, whatever ended it. What
// is read from it is thrown away.
func WithParent(parent io.Reader, exit func()) {
	_, _ = io.Copy(io.Discard, parent) // an error means the same as the end: nobody holds the other side
	exit()
}
