package main

import (
	"context"
	"fmt"

	machine "github.com/fleetdrill/fleetdrill/drill/fleet/host"
)

// checkOn holds --on to what a fleet can run on; it asks nobody.
func (s *settings) checkOn() error {
	switch s.on {
	case "", onKind, onLocal:
		return nil
	}
	return fmt.Errorf("--on %s: a fleet runs on kind or local", s.on)
}

// chooseOn is what --on says; without it kind where a container engine answers,
// local otherwise. That may take seconds, and who interrupts it has not chosen local.
func (s *settings) chooseOn(ctx context.Context) (string, error) {
	if err := s.checkOn(); err != nil || s.on != "" {
		return s.on, err
	}
	_, err := machine.Detect(ctx)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return onLocal, nil
	}
	return onKind, nil
}
