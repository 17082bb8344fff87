package action

import (
	"context"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/readiness"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// drain empties a region: its datasets move away by switchover, the router sends users
// elsewhere, and once they have gone the region is made unschedulable and its workload evicted.
func drain(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
	// It is no fault that users recover from: whom it affects is counted until it is done.
	r.Users.OpenImpact(r.ID, r.Events.Now())
	defer func() { r.Users.CloseImpact(r.ID, r.Events.Now()) }()
	for _, move := range view(r, func(s *drill.State) []runbook.Command { return moves(s, c) }) {
		if err := r.Run(ctx, move); err != nil && view(r, func(s *drill.State) bool { return s.Dataset(move.Dataset).Authority == c.Region }) {
			return port.Proof{}, failed("see the switchover's error", "%s could not be moved away, so %s is not cordoned", move.Dataset, c.Region)
		}
	}
	for _, partner := range view(r, func(s *drill.State) []runbook.Command { return partners(s, c) }) {
		_ = r.Run(ctx, partner) // else its writes wait, as was predicted
	}
	r.Router.SetDraining(c.Region, true)
	if err := awaitDrained(ctx, r, c.Region); err != nil {
		r.Router.SetDraining(c.Region, false)
		return port.Proof{}, fail(err, "its users stay; try again")
	}
	proof, err := r.Platform.Do(ctx, c.Region, string(c.Verb))
	if err != nil {
		r.Router.SetDraining(c.Region, false)
		return port.Proof{}, fail(err, "uncordon "+c.Region+" and look at `fleetdrill status`")
	}
	r.Events.Emit(drill.RegionCordoned{Region: c.Region, On: true, Proof: proof})
	return port.Proof{Text: proof}, nil
}

// moves is the switchovers that take every authority out of a region.
func moves(s *drill.State, c runbook.Command) []runbook.Command {
	var out []runbook.Command
	for _, d := range s.Datasets {
		if d.Authority == c.Region {
			to, _ := readiness.Heir(s, d, c.Region)
			out = append(out, runbook.Command{Verb: runbook.VerbSwitchover, Dataset: d.Name, To: to, By: c.By})
		}
	}
	return out
}

// partners gives each dataset whose sync partner is to be cordoned another one, where there
// is one. Where there is none its writes will wait, as was predicted: whether they are
// worth less is not for a cordon to decide.
func partners(s *drill.State, c runbook.Command) []runbook.Command {
	var out []runbook.Command
	for _, d := range s.Datasets {
		if d.Spec.Mode != topology.ModeSync || d.Spec.With != c.Region {
			continue
		}
		if to := rule.Heir(s, d, c.Region, d.Authority); to != "" {
			out = append(out, runbook.Command{Verb: runbook.VerbMode, Dataset: d.Name, Mode: topology.ModeSync, With: to, By: c.By})
		}
	}
	return out
}

// drainQuiet is how long no user's byte may pass, once no resolver has an old answer, before a region
// counts as drained, and drainLimit how long that is waited for.
const (
	drainQuiet = 500 * time.Millisecond
	drainLimit = 10 * time.Second
)

// awaitDrained waits for the users' cached answers to expire and their last requests to
// end: until no byte passes between users and the region.
func awaitDrained(ctx context.Context, r Rig, region string) error {
	kept := view(r, func(s *drill.State) time.Duration { return s.Fleet.LastMoved() })
	bytes, since := r.Network.UserBytes(region), r.Events.Now()
	moved := since + kept // a cached answer may be idle until then, and be used once more
	for {
		if r.Sleep(ctx, drainQuiet/10) != nil {
			return port.ErrStopped
		}
		now := r.Events.Now()
		if b := r.Network.UserBytes(region); b != bytes {
			bytes, since = b, now
		}
		if now >= moved && now-since >= drainQuiet {
			return nil
		}
		if now > moved+drainLimit {
			return failed("its users stay; try again", "users still reach %s %s after it was drained", region, format.Span(kept+drainLimit))
		}
	}
}
