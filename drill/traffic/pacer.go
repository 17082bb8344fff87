package traffic

import (
	"context"
	"time"
)

// pacer waits for due times. It belongs to one goroutine.
type pacer interface {
	// wait returns after d, or the context's error.
	wait(ctx context.Context, d time.Duration) error
	close()
}

// timerPacer is the portable pacer.
type timerPacer struct{ timer *time.Timer }

func newTimerPacer() pacer {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &timerPacer{timer: t}
}

func (p *timerPacer) wait(ctx context.Context, d time.Duration) error {
	p.timer.Reset(d)
	select {
	case <-p.timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *timerPacer) close() { p.timer.Stop() }
