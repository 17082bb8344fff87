package engine

import (
	"context"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
)

// dataPort is the failover controllers as actions see them.
type dataPort struct{ keepers map[string]*keeper }

// Command hands a command to the controller of its dataset and waits for the answer.
func (p dataPort) Command(ctx context.Context, c drill.Command) (string, error) {
	reply := make(chan outcome, 1)
	select {
	case p.keepers[c.Dataset].requests <- request{command: c, reply: reply}:
	case <-ctx.Done():
		return "", errStopped
	}
	select {
	case out := <-reply:
		switch {
		case out.err == nil:
			return out.proof, nil
		case out.refused:
			return "", &action.Refusal{Why: out.err.Error(), Next: out.next}
		}
		return "", &action.Failure{Err: out.err, Next: out.next}
	case <-ctx.Done():
		return "", errStopped
	}
}

// Gathered reports whether every replica outside the regions that are away hears from its
// authority.
func (p dataPort) Gathered(away map[string]bool) bool {
	for _, k := range p.keepers {
		if !k.gathered(away) {
			return false
		}
	}
	return true
}
