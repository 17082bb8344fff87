package objects

import (
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Rules are what a region takes of its objects for what it lets through. Nil ones govern nothing: whoever started the region said
// what it runs. Their methods may be called from several goroutines.
type Rules struct {
	region string
	fenced bool // it serves nobody until it was told since it started
	// unread says that the objects are an API server's: until they were read, nothing is let through that depends on them.
	unread    bool
	confirmed atomic.Bool                    // a reconciler has told the region what to run since it started
	meant     atomic.Pointer[config.Meaning] // nil while the region was given nothing, or nothing was read
}

// Capacity is what each web replica takes, in requests per second; 0 is any number.
func (s *Rules) Capacity() float64 { return capacity(s.meant.Load()) }

// Serves is why the region serves nobody: it started again, and is to wait until a reconciler has told it what to run.
func (s *Rules) Serves() error {
	if s == nil || !s.fenced {
		return nil
	}
	if !s.confirmed.Load() {
		return fmt.Errorf("%s was away and has not been reconciled since it started: %w", s.region, wire.ErrUnconfigured)
	}
	return nil
}

// Admits is why a user's request is refused by what the web tier is to run.
func (s *Rules) Admits(write bool) error {
	if s == nil {
		return nil
	}
	if err := s.Serves(); err != nil {
		return err
	}
	m := s.meant.Load()
	switch {
	case m == nil && write:
		return s.known(m)
	case m == nil:
		return nil
	case strings.HasSuffix(m.Version, config.BadVersion):
		return fmt.Errorf("%s of the web tier of %s fails every request: %w", m.Version, s.region, wire.ErrVersion)
	case write && m.Flags[config.FlagReadOnly] == "true":
		return fmt.Errorf("the flag %s is on in %s: %w", config.FlagReadOnly, s.region, wire.ErrReadOnly)
	}
	return nil
}

// Writes is why a dataset may not be written in the region: no role that is bound there allows it.
func (s *Rules) Writes(dataset string) error {
	if s == nil {
		return nil
	}
	m := s.meant.Load()
	if err := s.known(m); err != nil {
		return err
	}
	if m != nil && !m.Writes(dataset) {
		return fmt.Errorf("no role in %s lets the web tier write %s: %w", s.region, dataset, wire.ErrForbidden)
	}
	return nil
}

// Reaches is why the region may not talk to another one: a network policy keeps it from that.
func (s *Rules) Reaches(region string) error {
	if s == nil {
		return nil
	}
	m := s.meant.Load()
	if err := s.known(m); err != nil {
		return err
	}
	if m != nil && !m.Reaches(region) {
		return fmt.Errorf("%s may not talk to %s: %w", s.region, region, wire.ErrPolicy)
	}
	return nil
}

// known is that an API server's objects were not read yet.
func (s *Rules) known(m *config.Meaning) error {
	if m == nil && s.unread {
		return fmt.Errorf("the gateway of %s has not read its objects from the API server yet: %w", s.region, wire.ErrUnconfigured)
	}
	return nil
}
