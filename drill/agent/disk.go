package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"syscall"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/answer"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

const (
	// hangsFor is for how long a write must not have come to an end before its disk is said to hang: a hundred times what one
	// takes on a disk that works.
	hangsFor = 300 * time.Millisecond
	// worksWithin is how long a write may take on a disk that works again, with all that waited for it going first.
	worksWithin = 5 * time.Second
)

// setDisk has the disk under a replica fail, or work again, and answers with what a write shows that was tried then.
func setDisk(w http.ResponseWriter, r *http.Request, replica Replica) (any, error) {
	var q wire.DiskRequest
	if err := answer.Decode(w, r, &q); err != nil {
		return nil, err
	}
	breakable, can := replica.(store.Breakable)
	switch {
	case !can:
		return nil, fmt.Errorf("this engine's disk can't be made to fail: %w", wire.ErrBad)
	case q.Fault != store.DiskWorks && q.Fault != store.DiskHangs && q.Fault != store.DiskFull:
		return nil, fmt.Errorf("%.70q is no fault of a disk, use %s or %s: %w", q.Fault, store.DiskHangs, store.DiskFull, wire.ErrBad)
	}
	if err := breakable.BreakDisk(r.Context(), q.Fault); err != nil {
		return nil, err
	}
	within := worksWithin
	if q.Fault == store.DiskHangs {
		within = hangsFor
	}
	ctx, cancel := context.WithTimeout(r.Context(), within)
	defer cancel()
	return diskTried(q.Fault, within, breakable.TryDisk(ctx))
}

// diskTried judges a write by the fault that it was to meet; within is how long it was waited for at the most.
func diskTried(fault store.DiskFault, within time.Duration, err error) (wire.DiskTried, error) {
	var tried wire.DiskTried
	switch {
	case fault == store.DiskHangs && errors.Is(err, context.DeadlineExceeded):
		tried.Waited = within
		return tried, nil
	case fault == store.DiskFull && errors.Is(err, syscall.ENOSPC):
		tried.Refused = err.Error()
		return tried, nil
	case fault == store.DiskWorks && err == nil:
		return tried, nil
	case err == nil:
		return tried, fmt.Errorf("a write is on disk, though that %s", told(fault))
	}
	return tried, fmt.Errorf("a write to a disk that %s: %w", told(fault), err)
}

// told is what a disk does by its fault.
func told(fault store.DiskFault) string {
	switch fault {
	case store.DiskHangs:
		return "hangs"
	case store.DiskFull:
		return "is full"
	}
	return "works"
}
