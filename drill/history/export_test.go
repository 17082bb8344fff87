package history

import (
	"io"
	"time"
)

// What the tests see, which read back what was written and so stand outside: package edn stands above this one.

// Hangs is hangs.
const Hangs = hangs

// RecordIn is a Recorder with room for so many operations that wait for the disk.
func RecordIn(out io.WriteCloser, now func() time.Duration, room int) *Recorder {
	return record(out, now, room)
}

// Line is the operation as a Recorder writes it.
func (op Op) Line() []byte { return op.append(nil) }

// Ended is closed once nothing more is written.
func (r *Recorder) Ended() <-chan struct{} { return r.written }
