package wire

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// mostTimeout bounds what a request may say that its sender waits: a fleet file's longest duration.
const mostTimeout = 24 * time.Hour

// setTimeout says in a request how long the answer may take where it arrives: what the context leaves, less the way
// there and back. Nothing is said where the context has no end.
func setTimeout(ctx context.Context, h http.Header, away time.Duration) {
	deadline, ends := ctx.Deadline()
	if !ends {
		return
	}
	left := min(max(time.Until(deadline)-away, time.Millisecond), mostTimeout)
	h.Set(HeaderTimeout, strconv.FormatInt(left.Milliseconds(), 10))
}

// Timeout is how long the sender of a request still waits for its answer; otherwise where it does not say. ErrBad
// where what it says is no time.
func Timeout(h http.Header, otherwise time.Duration) (time.Duration, error) {
	said := h.Get(HeaderTimeout)
	if said == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(said, 10, 64)
	if err != nil || n < 1 || n > mostTimeout.Milliseconds() {
		return 0, fmt.Errorf("%s %.30q is not 1 to %d milliseconds: %w", HeaderTimeout, said, mostTimeout.Milliseconds(), ErrBad)
	}
	return time.Duration(n) * time.Millisecond, nil
}
