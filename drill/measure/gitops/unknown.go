package gitops

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/config"
)

// Unknown is since when nobody can say what a region has, and why; nil while it is known. A region that is gone has no
// configuration that anybody could read, also before its reconciler misses it: what was known of it is of before.
func Unknown(s *drill.State, region string) (since *config.Since) {
	at := func(t time.Duration, why string) {
		if since == nil || t < since.At {
			since = &config.Since{At: t, Why: why}
		}
	}
	switch r := s.Region(region); {
	case r == nil:
	case r.Fault != nil:
		at(r.Fault.From, "it is "+r.Fault.Done)
	case r.Health == drill.HealthDown && attribution.Cause(s, region) == nil: // else it may be away from those alone who judge it
		at(r.Changed, "it is down")
	}
	if c := s.Config.Region(region); c != nil && c.Away != nil {
		at(c.Away.At, "its reconciler does not reach it")
	}
	if s.Config != nil && s.Config.Suspended != nil {
		at(s.Config.Suspended.At, "the hub does not answer")
	}
	return since
}

// knownAgain is when what a region has was last known anew, after it was Unknown; 0 where it always was known.
func knownAgain(s *drill.State, region string) (at time.Duration) {
	for _, f := range s.Faults {
		if f.Region == region && f.Part == "" && f.Lifted != nil {
			at = max(at, *f.Lifted)
		}
	}
	if c := s.Config.Region(region); c != nil {
		at = max(at, c.BackAt)
	}
	return at
}
