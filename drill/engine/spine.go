package engine

import (
	"context"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/bus"
)

// spine is the bus as the controllers of this package call it. It goes with them.
type spine struct{ bus *bus.Bus }

func (s *spine) now() time.Duration                    { return s.bus.Now() }
func (s *spine) emit(b drill.Body) drill.Event         { return s.bus.Emit(b) }
func (s *spine) view(look func(*drill.State))          { s.bus.View(look) }
func sleep(ctx context.Context, d time.Duration) error { return (bus.Real{}).Sleep(ctx, d) }
