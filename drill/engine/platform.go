package engine

import (
	"context"
	"errors"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

// platformPort is the platform as actions see it: what it refuses changed nothing.
type platformPort struct{ platform fleet.Platform }

// Do does an op to a region's failure domain, or to the region alone.
func (p platformPort) Do(ctx context.Context, region, op string) (string, error) {
	if err := p.platform.Can(fleet.Op(op)); err != nil {
		why, next, _ := strings.Cut(err.Error(), "; ")
		return "", &action.Refusal{Why: why, Next: next}
	}
	proof, err := p.platform.Do(ctx, region, fleet.Op(op))
	switch {
	case errors.Is(err, fleet.ErrDown):
		return "", &action.Refusal{Why: err.Error(), Next: "restore it first"}
	case errors.Is(err, fleet.ErrCannot):
		return "", &action.Refusal{Why: err.Error()}
	}
	return proof.Text, err
}
