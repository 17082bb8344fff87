package objects

import (
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
)

// A nil store governs nothing: whoever started the region said what it runs.

// Capacity is what a web replica that starts now takes, in requests per second; 0 is any number.
func (s *Store) Capacity() float64 { return capacity(s.meant.Load()) }

// Version is what a web replica that starts now runs; "" where no object says it.
func (s *Store) Version() string {
	if m := s.meant.Load(); m != nil {
		return m.Version
	}
	return ""
}

// Serves is why the region serves nobody: it started again, and is to wait until a reconciler has told it what to run.
func (s *Store) Serves() error {
	if s == nil || !s.fenced || s.meant.Load() == nil { // what was given nothing was not away
		return nil
	}
	if !s.told.Load() {
		return fmt.Errorf("%s was away and has not been reconciled since it started: %w", s.region, wire.ErrUnconfigured)
	}
	return nil
}

// Admits is why the gateway refuses a user's request.
func (s *Store) Admits(write bool) error {
	if s == nil {
		return nil
	}
	if m := s.meant.Load(); m != nil && write && m.Flags[config.FlagReadOnly] == "true" {
		return fmt.Errorf("the flag %s is on in %s: %w", config.FlagReadOnly, s.region, wire.ErrReadOnly)
	}
	return nil
}

// Writes is why a dataset may not be written in the region: no role that is bound there allows it.
func (s *Store) Writes(dataset string) error {
	if s == nil {
		return nil
	}
	if m := s.meant.Load(); m != nil && !m.Writes(dataset) {
		return fmt.Errorf("no role in %s lets the web tier write %s: %w", s.region, dataset, wire.ErrForbidden)
	}
	return nil
}

// Secret is the name of the Secret with which the web tier writes; "" where no object says it.
func (s *Store) Secret() string {
	if s == nil {
		return ""
	}
	if m := s.meant.Load(); m != nil {
		return m.Secret
	}
	return ""
}

// Reaches is why the region may not talk to another one: a network policy keeps it from that.
func (s *Store) Reaches(region string) error {
	if s == nil {
		return nil
	}
	if m := s.meant.Load(); m != nil && !m.Reaches(region) {
		return fmt.Errorf("%s may not talk to %s: %w", s.region, region, wire.ErrPolicy)
	}
	return nil
}
