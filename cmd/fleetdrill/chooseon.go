package main

import (
	"context"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/fleet/platforms"
)

// checkOn holds --on to what a fleet can run on; it asks nobody.
func (s *settings) checkOn() error {
	if s.on == "" {
		return nil
	}
	if _, err := platforms.Find(s.on); err != nil {
		return fmt.Errorf("--on %s: %w", s.on, err)
	}
	return nil
}

// chooseOn is what --on says, else what the settings file says; without either the best platform that can run here. That may
// take seconds, and who interrupts it has not chosen the next one.
func (s *settings) chooseOn(ctx context.Context) (string, error) {
	if err := s.checkOn(); err != nil || s.on != "" {
		return s.on, err
	}
	if s.first.On != "" {
		return s.first.On, nil
	}
	best, err := platforms.Best(ctx)
	return best.Name, err
}
