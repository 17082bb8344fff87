package answer

import (
	"context"
	"net/http"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Awaited is a request's context, which ends when who asked does not wait any longer; of a
// request that does not say it ends after a limit of the agent's own, or with 0 not at all.
func Awaited(r *http.Request, otherwise time.Duration) (context.Context, context.CancelFunc, error) {
	left, err := wire.Timeout(r.Header, otherwise)
	if err != nil {
		return nil, nil, err
	}
	if left == 0 {
		return r.Context(), func() {}, nil
	}
	ctx, cancel := context.WithTimeout(r.Context(), left)
	return ctx, cancel, nil
}

// Answering is a context that ends early enough for an answer to reach who waits until ctx
// ends, and how long that is; where it has no end, after the time that is given.
func Answering(ctx context.Context, otherwise time.Duration) (context.Context, context.CancelFunc, time.Duration) {
	within := otherwise
	if deadline, ends := ctx.Deadline(); ends {
		within = topology.AnswerWithin(time.Until(deadline))
	}
	limited, cancel := context.WithTimeout(ctx, within)
	return limited, cancel, within
}

// Timed serves requests for as long as who asked waits, if they say so.
func Timed(region string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel, err := Awaited(r, 0)
		if err != nil {
			Error(w, region, err)
			return
		}
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
