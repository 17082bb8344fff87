package limit

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// SuccessName is the limit of the share of requests that succeed.
const SuccessName = "success_below"

// Success watches the share of requests that succeed, window by window: it is crossed once that was too low for as long as the plan says.
// Its zero value is ready.
type Success struct {
	low   bool
	since time.Duration
}

// Take takes the window that ends now in, of which so many requests of so many succeeded. It is false as long as the plan sets no limit.
func (w *Success) Take(now time.Duration, ok, requests int, a runbook.Abort) (crossed bool) {
	if a.For <= 0 || requests > 0 && float64(ok)/float64(requests) >= a.SuccessBelow {
		w.Forget()
		return false
	}
	if !w.low {
		w.low, w.since = true, now
	}
	return now-w.since >= a.For
}

// Forget drops what was seen, where a window says nothing.
func (w *Success) Forget() { *w = Success{} }

// TooLow is what Take found.
func TooLow(a runbook.Abort) drill.LimitCrossed {
	return drill.LimitCrossed{Limit: SuccessName, Why: fmt.Sprintf("fewer than %s of requests succeeded for %s", format.Percent(a.SuccessBelow), format.Span(a.For))}
}
