package main

import (
	"context"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill/fleet/machine"
)

// chooseOn is what --on says; without it kind where a container engine answers,
// local otherwise.
func (s *settings) chooseOn(ctx context.Context) (string, error) {
	switch s.on {
	case onKind, onLocal:
		return s.on, nil
	case "":
		if _, err := machine.FindEngine(ctx); err != nil {
			return onLocal, nil
		}
		return onKind, nil
	default:
		return "", fmt.Errorf("--on %s: a fleet runs on kind or local", s.on)
	}
}
