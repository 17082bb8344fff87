package objects

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Rules are what a region takes of its objects for what it lets through. Nil ones govern nothing: whoever started the region said
// what it runs. Their methods may be called from several goroutines.
type Rules struct {
	region string
	fenced bool // it serves nobody until it was told since it started
	// unread says that the objects are an API server's: until they were read, nothing is let through that depends on them.
	unread bool
	// now is a monotonic clock, and started its time when the region did.
	now     func() time.Duration
	started time.Duration

	told            atomic.Bool                    // a reconciler gave it all of a revision, or said so, since it started
	again           atomic.Bool                    // it started with what it was given before, and was not told anything since
	served, refused atomic.Int64                   // users' requests, from its start until it was told
	meant           atomic.Pointer[config.Meaning] // nil while the region was given nothing, or nothing was read
}

// tell takes down that the region was told, and says how it did until then, if it started again and was not told before.
func (s *Rules) tell() *config.Before {
	if s.told.Swap(true) || !s.again.Swap(false) {
		return nil
	}
	return &config.Before{Time: s.now() - s.started, Served: int(s.served.Load()), Refused: int(s.refused.Load())}
}

// Count counts a user's request, as long as the region runs what it had from before its start.
func (s *Rules) Count(served bool) {
	switch {
	case s.told.Load():
	case served:
		s.served.Add(1)
	default:
		s.refused.Add(1)
	}
}

// Capacity is what a web replica that starts now takes, in requests per second; 0 is any number.
func (s *Rules) Capacity() float64 { return capacity(s.meant.Load()) }

// Version is what a web replica that starts now runs; "" where no object says it.
func (s *Rules) Version() string {
	if m := s.meant.Load(); m != nil {
		return m.Version
	}
	return ""
}

// Serves is why the region serves nobody: it started again, and is to wait until a reconciler has told it what to run.
func (s *Rules) Serves() error {
	if s == nil || !s.fenced || s.meant.Load() == nil && !s.unread { // what was given nothing was not away
		return nil
	}
	if !s.told.Load() {
		return fmt.Errorf("%s was away and has not been reconciled since it started: %w", s.region, wire.ErrUnconfigured)
	}
	return nil
}

// Admits is why the gateway refuses a user's request.
func (s *Rules) Admits(write bool) error {
	if s == nil || !write {
		return nil
	}
	m, err := s.known()
	if err == nil && m != nil && m.Flags[config.FlagReadOnly] == "true" {
		err = fmt.Errorf("the flag %s is on in %s: %w", config.FlagReadOnly, s.region, wire.ErrReadOnly)
	}
	return err
}

// Writes is why a dataset may not be written in the region: no role that is bound there allows it.
func (s *Rules) Writes(dataset string) error {
	if s == nil {
		return nil
	}
	m, err := s.known()
	if err == nil && m != nil && !m.Writes(dataset) {
		err = fmt.Errorf("no role in %s lets the web tier write %s: %w", s.region, dataset, wire.ErrForbidden)
	}
	return err
}

// Secret is the name of the Secret with which the web tier writes; "" where no object says it.
func (s *Rules) Secret() string {
	if s == nil {
		return ""
	}
	if m := s.meant.Load(); m != nil {
		return m.Secret
	}
	return ""
}

// Reaches is why the region may not talk to another one: a network policy keeps it from that.
func (s *Rules) Reaches(region string) error {
	if s == nil {
		return nil
	}
	m, err := s.known()
	if err == nil && m != nil && !m.Reaches(region) {
		err = fmt.Errorf("%s may not talk to %s: %w", s.region, region, wire.ErrPolicy)
	}
	return err
}

// known is what the region goes by; the error is that an API server's objects were not read yet.
func (s *Rules) known() (*config.Meaning, error) {
	m := s.meant.Load()
	if m == nil && s.unread {
		return nil, fmt.Errorf("the gateway of %s has not read its objects from the API server yet: %w", s.region, wire.ErrUnconfigured)
	}
	return m, nil
}
