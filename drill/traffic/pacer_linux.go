package traffic

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// kernelPacer waits for a kernel timer through the runtime's poller. A time.Timer
// rests on epoll_wait's milliseconds, and what it is late would count as the
// fleet's latency.
type kernelPacer struct {
	fd   int
	file *os.File

	watched context.Context // whose end ends the wait
	unwatch func() bool
}

func newPacer() pacer {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return newTimerPacer() // out of descriptors, most likely: a little late is better than never
	}
	return &kernelPacer{fd: fd, file: os.NewFile(uintptr(fd), "timerfd"), unwatch: func() bool { return true }}
}

func (p *kernelPacer) wait(ctx context.Context, d time.Duration) error {
	if unix.TimerfdSettime(p.fd, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(max(d, 1)))}, nil) != nil {
		return p.fallBack(ctx, d)
	}
	if p.watched != ctx {
		p.unwatch()
		// A deadline in the past ends the read that is under way.
		p.watched, p.unwatch = ctx, context.AfterFunc(ctx, func() { _ = p.file.SetReadDeadline(time.Unix(1, 0)) })
	}
	var expirations [8]byte
	if _, err := p.file.Read(expirations[:]); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return p.fallBack(ctx, d)
	}
	return nil
}

// fallBack waits all the same when the kernel's timer does not, which is not known
// to happen: users that fell silent would pass for calm.
func (p *kernelPacer) fallBack(ctx context.Context, d time.Duration) error {
	t := newTimerPacer()
	defer t.close()
	return t.wait(ctx, d)
}

func (p *kernelPacer) close() {
	p.unwatch()
	_ = p.file.Close()
}
