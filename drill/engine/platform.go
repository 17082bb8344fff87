package engine

import (
	"context"
	"errors"

	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/config/governor"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// platformPort is the platform as actions see it: what it refuses changed nothing.
type platformPort struct {
	platform fleet.Platform
	governor *governor.Governor // nil where no repository governs the fleet
}

// Do does an op to a region's failure domain, or to the region alone.
func (p platformPort) Do(ctx context.Context, region, op string) (string, error) {
	return proved(p.platform.Do(ctx, region, fleet.Op(op)))
}

// DoZone does an op to a zone of a region.
func (p platformPort) DoZone(ctx context.Context, zone, op string) (string, error) {
	return proved(p.platform.DoZone(ctx, zone, fleet.Op(op)))
}

// Scale gives a region so many web replicas.
func (p platformPort) Scale(ctx context.Context, region string, replicas int) (string, error) {
	if err := p.platform.Can(fleet.OpScale); err != nil {
		return proved(fleet.Proof{}, err)
	}
	if p.governor != nil && p.governor.Has(region) {
		return p.governor.Scale(ctx, region, replicas, runbook.ByOperator) // else its reconciler would take it back
	}
	return proved(p.platform.Scale(ctx, region, replicas))
}

// proved is what an op was proved by, or its refusal.
func proved(proof fleet.Proof, err error) (string, error) {
	var cannot *fleet.Cannot
	switch {
	case errors.As(err, &cannot):
		return "", &rule.Refusal{Why: cannot.Why, Next: cannot.Next}
	case errors.Is(err, fleet.ErrDown):
		return "", &rule.Refusal{Why: err.Error(), Next: "restore it first"}
	case errors.Is(err, fleet.ErrCannot):
		return "", &rule.Refusal{Why: err.Error()}
	}
	return proof.Text, err
}

// limits is what a platform that is up can't do.
func limits(p fleet.Platform) []runbook.Limit {
	var out []runbook.Limit
	for _, op := range fleet.Ops {
		err := p.Can(op)
		var cannot *fleet.Cannot
		switch {
		case err == nil:
		case errors.As(err, &cannot):
			out = append(out, runbook.Limit{Op: runbook.Verb(op), Why: cannot.Why, Next: cannot.Next})
		default:
			out = append(out, runbook.Limit{Op: runbook.Verb(op), Why: err.Error()})
		}
	}
	return out
}
