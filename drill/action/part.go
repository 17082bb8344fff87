package action

import (
	"context"
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What breaks a part of a region (a zone, its web tier) leaves the rest to go on, and is one fault on that part.

// checkPart refuses to break a part of a region that is not whole: nil for what names no part.
func checkPart(s *drill.State, c runbook.Command) *rule.Refusal {
	for _, w := range EffectOf(s.Fleet, c).Weakens {
		if r := rule.Broken(s, w.Region); r != nil {
			return r
		}
		for _, f := range s.Region(w.Region).Parts {
			if f.Part == w.Part {
				return rule.Refuse(fmt.Sprintf("%s it first", f.Effect.Undo), "%s is %s", format.Part(w.Region, w.Part), f.Done).
					Since(f.Command).By(f.Effect.Undo)
			}
		}
	}
	return nil
}

// breakPart breaks parts of regions, and counts their faults once the platform has proved it. Links stay as they are: the
// region goes on.
func breakPart(r Rig, effect runbook.Effect, faults []drill.FaultProved, do func() (string, error)) (port.Proof, error) {
	begun := r.begun(faults...)
	proof, err := do()
	if err != nil {
		return port.Proof{}, fail(err, "look at the region with `fleetdrill status`; no fault is counted")
	}
	r.proved(proof, begun...)
	return port.Proof{Text: proof}, nil
}

// restoreZone brings a zone back, and leaves the region's other parts as they are: what ran there and had a fault of its own
// starts without it, so that is done anew.
func restoreZone(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
	proof, err := r.Platform.DoZone(ctx, c.Domain.Name, string(c.Verb))
	if err != nil {
		return port.Proof{}, fail(err, "try restore again, or `fleetdrill status` for what is left of it")
	}
	of, _ := topology.RegionOfZone(view(r, func(s *drill.State) topology.Fleet { return s.Fleet }), c.Domain.Name)
	liftParts(r, of.Name, c.Domain.Name, proof, doneBy(c.Verb))
	if err := breakAgain(ctx, r, of.Name); err != nil {
		return port.Proof{}, fail(err, "the zone is back; restore its region, which ends the other fault too")
	}
	return port.Proof{Text: proof}, nil
}

// breakAgain does the faults once more that hold on what runs in a region's zones. Where another zone is away it may have
// what they are on, and they are done when that is back.
func breakAgain(ctx context.Context, r Rig, region string) error {
	var again []drill.FaultKind
	away := false
	r.Events.View(func(s *drill.State) {
		for _, f := range s.Region(region).Parts {
			away = away || topology.IsZone(s.Fleet, f.Part)
			if slices.Contains([]string{runbook.PartWeb, runbook.PartStore, runbook.PartDisk}, f.Part) {
				again = append(again, f.Fault)
			}
		}
	})
	for _, kind := range again {
		if _, err := r.Platform.Do(ctx, region, string(kind)); err != nil && !away {
			return err
		}
	}
	return nil
}

// liftParts ends the faults on a part of a region, on all of them where none is named.
func liftParts(r Rig, region, part, proof, done string) {
	var open []*drill.Fault
	r.Events.View(func(s *drill.State) {
		if at := s.Region(region); at != nil {
			open = append(open, at.Parts...)
		}
	})
	for _, f := range open {
		if (part == "" || f.Part == part) && f.Effect.Undo == runbook.VerbRestore {
			r.Events.Emit(drill.FaultLifted{ID: f.ID, Region: region, Proof: proof, Done: done})
		}
	}
}

// assumeRestored takes for granted that the faults on a region, or on one part of it, end.
func assumeRestored(s *drill.State, region, part string) []drill.Body {
	r := s.Region(region)
	if r == nil {
		return nil
	}
	var out []drill.Body
	if r.Fault != nil && part == "" {
		out = append(out, drill.FaultLifted{ID: r.Fault.ID, Region: region})
	}
	for _, f := range rule.BrokenParts(s, region, runbook.VerbRestore) {
		if part == "" || f.Part == part {
			out = append(out, drill.FaultLifted{ID: f.ID, Region: region})
		}
	}
	return out
}
