package history

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// queued is how many operations may wait for the disk: eight seconds' worth of 2,000
// requests a second, some 8 MB.
const queued = 32 << 10

// hangs is how long a disk may take nothing while a caller waits for it: a laptop's that is busy
// with much else takes two seconds now and then (controller/health).
const hangs = 5 * time.Second

// ErrBehind ends a history whose disk could not keep up, ErrHung one whose disk takes nothing.
var (
	ErrBehind = errors.New("the disk did not keep up with the requests")
	ErrHung   = fmt.Errorf("the disk took nothing for %s", hangs)
)

// Recorder writes a history. A caller waits for a lock and never for the disk: one goroutine
// writes. Where that falls behind or fails, the history ends with the last operation that it
// took, which leaves a valid history of the time until then; Close says so. A nil Recorder
// keeps nothing. Its methods may be called from several goroutines.
type Recorder struct {
	now func() time.Duration

	mu       sync.Mutex
	queue    chan Op
	pressure *backpressure // how callers wait for room in the queue; nil where they don't
	idle     []int         // processes whose operation has ended
	process  int           // the next one that nobody was yet
	index    int
	writes   []Written
	err      error // why nothing is taken any more
	closed   bool

	broken  atomic.Bool   // the disk failed
	written chan struct{} // closed once all is on disk and the file is closed
	failed  error         // of the writing goroutine, to be read after written
}

// Written is a key that a write was begun for.
type Written struct{ Dataset, Key string }

// Call is an operation that has begun, or the zero Call of a nil Recorder.
type Call struct{ op Op }

// Record begins a history on out, which it closes. now is the drill's clock.
func Record(out io.WriteCloser, now func() time.Duration) *Recorder {
	return record(out, now, queued)
}

func record(out io.WriteCloser, now func() time.Duration, room int) *Recorder {
	r := &Recorder{now: now, queue: make(chan Op, room), written: make(chan struct{})}
	go r.write(out)
	return r
}

// write drains the queue onto the disk.
func (r *Recorder) write(out io.WriteCloser) {
	defer close(r.written)
	buffer := bufio.NewWriterSize(out, 64<<10)
	var line []byte
	for op := range r.queue {
		line = append(op.append(line[:0]), '\n')
		_, err := buffer.Write(line)
		if err == nil && len(r.queue) == 0 {
			err = buffer.Flush() // what has happened is there for whoever reads along
		}
		if err != nil && r.failed == nil {
			r.failed = err
			r.broken.Store(true) // without mu, which a caller that waits has
		}
	}
	if err := buffer.Flush(); err != nil && r.failed == nil {
		r.failed = err
	}
	if err := out.Close(); err != nil && r.failed == nil {
		r.failed = err
	}
}

// end lets nothing more in. It wants mu.
func (r *Recorder) end(why error) {
	if r.err == nil {
		r.err = fmt.Errorf("after operation %d: %w", r.index, why)
	}
}

// put stamps an operation and queues it. It wants mu: the order of the lines is that of
// what happened.
func (r *Recorder) put(op *Op) {
	if r.err != nil || r.closed || r.broken.Load() {
		return
	}
	op.Index, op.Time = r.index, r.now()
	select {
	case r.queue <- *op:
		r.index++
	default:
		if why := r.pressure.wait(r.queue, *op); why != nil {
			r.end(why)
			return
		}
		r.index++
	}
}

// backpressure is how callers wait for the disk.
type backpressure struct {
	ctx   context.Context
	after After
}

// After has one item after a time; stop frees it before.
type After func(time.Duration) (c <-chan time.Time, stop func())

// wait queues an operation once there is room, or says why nobody waits any longer.
func (p *backpressure) wait(queue chan<- Op, op Op) error {
	if p == nil {
		return ErrBehind
	}
	over, stop := p.after(hangs)
	defer stop()
	select {
	case queue <- op:
		return nil
	case <-over:
		return ErrHung
	case <-p.ctx.Done():
		return context.Cause(p.ctx)
	}
}

// Backpressure makes callers wait for the disk from now on, until ctx ends: what is measured by the
// time that it takes is over. A disk that hangs ends the history all the same.
func (r *Recorder) Backpressure(ctx context.Context, after After) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pressure = &backpressure{ctx, after}
}

// Invoke says that an operation begins: call it before anything is sent. Of op it takes what
// is known of it (F, Key, a write's Value, Dataset, Population, Region). Each call is ended once.
func (r *Recorder) Invoke(op Op) Call {
	if r == nil {
		return Call{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.idle); n > 0 {
		op.Process, r.idle = r.idle[n-1], r.idle[:n-1]
	} else {
		op.Process = r.process
		r.process++
	}
	op.Type = Invoke
	if r.put(&op); op.F == Write {
		r.writes = append(r.writes, Written{op.Dataset, op.Key})
	}
	return Call{op}
}

// Written are the writes that have begun, in their order, but for the first so many.
func (r *Recorder) Written(after int) []Written {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.writes[min(after, len(r.writes)):])
}

// Found is what an operation that took effect was told.
type Found struct {
	Value           Value // of a read
	Node            string
	Epoch, Position uint64
}

// OK says that the operation took effect: call it once its answer is there.
func (r *Recorder) OK(c Call, found Found) {
	if c.op.F != Write {
		c.op.Value = found.Value
	}
	c.op.Node, c.op.Epoch, c.op.Position = found.Node, found.Epoch, found.Position
	r.over(c.op, OK)
}

// Fail says that the operation certainly took no effect. A read that was not answered failed.
func (r *Recorder) Fail(c Call, why string) {
	c.op.Error = why
	r.over(c.op, Fail)
}

// Info says that nobody knows whether the operation took effect or will.
func (r *Recorder) Info(c Call, why string) {
	c.op.Error = why
	r.over(c.op, Info)
}

func (r *Recorder) over(op Op, t Type) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	op.Type = t
	r.put(&op)
	if t != Info {
		r.idle = append(r.idle, op.Process)
	}
}

// Close ends the history and waits until it is on disk, or ctx ends; a disk that is known to hang
// is not waited for. It returns why the history is not whole, if it is not. A second call
// does the same.
func (r *Recorder) Close(ctx context.Context) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.queue)
	}
	taken := r.index
	if errors.Is(r.err, ErrHung) {
		var leave context.CancelCauseFunc
		ctx, leave = context.WithCancelCause(ctx)
		leave(ErrHung)
	}
	r.mu.Unlock()
	select {
	case <-r.written:
	case <-ctx.Done():
		return fmt.Errorf("write the history: its disk does not answer: %w; name a file on another disk", context.Cause(ctx))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed != nil {
		r.end(r.failed)
	}
	if r.err == nil {
		return nil
	}
	next := "name a file on a faster disk"
	if errors.Is(r.err, syscall.ENOSPC) || errors.Is(r.err, syscall.EDQUOT) {
		next = "make room there, or name a file on another disk"
	} else if !errors.Is(r.err, ErrBehind) {
		next = "name a file on another disk"
	}
	return fmt.Errorf("write the history: it ends before the drill did, %w (%d operations were taken); %s", r.err, taken, next)
}

// Digest stands for the bytes of a value: the first 8 bytes of their SHA-256 in hexadecimal.
func Digest(payload []byte) string {
	sum := sha256.Sum256(payload)
	return hex.EncodeToString(sum[:8])
}
