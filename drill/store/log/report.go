package log

import (
	"context"
	"sync"
)

// reportsInFlight is how many reports may be under way. With one, an entry that
// comes while it is out would wait for a whole round trip more, and sync would
// cost its users two; eight keep up with 200 writes a second over 40 ms each way.
const reportsInFlight = 8

// report sends the authority what is on disk here, the newest position each
// time. It begins with the first batch, since before that a part of the log may
// not be the authority's. Reports may overtake one another: all are of positions
// that were on disk, so a late one acknowledges nothing too early; but it may
// undo a newer one, so then the newer one is sent again.
func (f *following) report() {
	var sending sync.WaitGroup
	defer sending.Wait()
	slots := make(chan struct{}, reportsInFlight)
	for {
		select {
		case <-f.term.Context().Done():
			return
		case <-f.due:
		}
		select {
		case <-f.term.Context().Done():
			return
		case slots <- struct{}{}:
		}
		position := f.position()
		sending.Go(func() {
			defer func() { <-slots }()
			f.reportOne(position)
		})
	}
}

func (f *following) reportOne(position uint64) {
	ctx, cancel := context.WithTimeout(f.term.Context(), f.cfg.Request)
	defer cancel()
	if err := f.cfg.Upstream.Stored(ctx, f.term.Authority, f.cfg.Dataset, f.term.Epoch, f.cfg.Region, position); err != nil {
		// It may have arrived all the same, or yet arrive behind a newer one. The next
		// batch or heartbeat, some 100 ms away, asks for it again.
		f.cfg.Logger.Debug("report lost", "authority", f.term.Authority, "position", position, "error", err)
		f.mu.Lock()
		defer f.mu.Unlock()
		f.reportedAt = 0
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if position < f.reported {
		// A newer one was answered before: which of them the authority took last nobody
		// knows, and writes may wait there for what the newer one said.
		f.dueNow()
		return
	}
	f.reported, f.reportedAt = position, max(1, f.cfg.Clock())
}

// dueNow asks for a report.
func (f *following) dueNow() {
	select {
	case f.due <- struct{}{}:
	default:
	}
}
