package localfleet

import (
	"context"
	"errors"
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/fleet/localfleet/below"
)

// session is what runs from the first Up to the end of Down.
type session struct {
	ctx     context.Context
	end     context.CancelFunc
	spawner *below.Spawner
	watches sync.WaitGroup
}

var errGoing = errors.New("the fleet is being taken down")

func newSession() *session {
	ctx, end := context.WithCancel(context.Background())
	return &session{ctx: ctx, end: end, spawner: below.OpenSpawner()}
}

// close ends what runs and waits for it. No region's process may be alive.
func (s *session) close() {
	s.end()
	s.watches.Wait()
	s.spawner.Close()
}

// bound makes a context end with the session, for the reason errGoing.
func (s *session) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.ctx, func() { cancel(errGoing) })
	return ctx, func() { stop(); cancel(nil) }
}

// reason is why a bound context ended.
func (s *session) reason(ctx context.Context) error {
	if s.ctx.Err() != nil {
		return errGoing
	}
	return context.Cause(ctx)
}
