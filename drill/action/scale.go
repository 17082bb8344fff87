package action

import (
	"context"
	"fmt"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/action/warning"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// scale gives a region another number of web replicas, none too: its data stays as it is.
var scale = Action{
	Verb: runbook.VerbScale,
	Words: Words{Name: "scale", Done: "scaled", Help: "scale the web tier: replicas that serve users",
		Key: "W", Group: GroupRegion, Rare: true},
	Params: []param.Param{param.Region, {Name: "replicas", Kind: param.KindReplicas, Example: "3", Help: "how many web replicas",
		Field: func(c *runbook.Command) any { return &c.Replicas }}},
	Check: checkScale,
	Confirm: func(s *drill.State, c runbook.Command) *Confirmation {
		return &Confirmation{Lines: warning.Scale(s, c)}
	},
	Assume: func(s *drill.State, c runbook.Command) []drill.Body {
		out := []drill.Body{drill.RegionScaled{Region: c.Region, Was: s.Region(c.Region).Web, Replicas: c.Replicas.N}}
		if up := c.Replicas.N > 0; up == s.Region(c.Region).Unserved {
			out = append(out, drill.RegionUnserved{Region: c.Region, On: !up}, drill.RegionJudged{Region: c.Region, Up: up})
		}
		return out
	},
	Do: scaleWeb,
}

// checkScale refuses a region that does not run, or not where its web replicas or what places them do, and a number that it
// has already.
func checkScale(s *drill.State, c runbook.Command) *rule.Refusal {
	if r := rule.Possible(s, c.Verb); r != nil {
		return r
	}
	if r := rule.Broken(s, c.Region); r != nil {
		return r
	}
	for _, f := range s.Region(c.Region).Parts {
		if f.Part != runbook.PartStore && f.Part != runbook.PartDisk {
			return rule.Refuse(fmt.Sprintf("%s it first", f.Effect.Undo), "%s is %s, and a replica could not start there", format.Part(c.Region, f.Part), f.Done).
				Since(f.Command).By(f.Effect.Undo)
		}
	}
	if r := s.Region(c.Region); r.Web == c.Replicas.N {
		return rule.Refuse("give another number", "%s has %s already", c.Region, format.Plural(r.Web, "web replica", "web replicas"))
	}
	return nil
}

func scaleWeb(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
	was := view(r, func(s *drill.State) int { return s.Region(c.Region).Web })
	began := r.Events.Now()
	proof, err := r.Platform.Scale(ctx, c.Region, c.Replicas.N)
	if err != nil {
		return port.Proof{}, fail(err, "look at the region with `fleetdrill status`, and scale it again")
	}
	r.Events.Emit(drill.RegionScaled{Region: c.Region, Was: was, Replicas: c.Replicas.N, Took: r.Events.Now() - began, Proof: proof})
	return port.Proof{Text: proof}, nil
}
