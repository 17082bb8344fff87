package action

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/change"
	"github.com/fleetdrill/fleetdrill/drill/impact"
	"github.com/fleetdrill/fleetdrill/drill/impact/rollout"
	"github.com/fleetdrill/fleetdrill/drill/measure/gitops"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// commit changes what all regions are to run, or one of them: in the repository, from where reconcilers bring it there.
var commit = Action{
	Verb: runbook.VerbCommit,
	Words: Words{Name: "commit", Done: "committed", Help: "commit a change to the repository",
		Key: "i", Group: GroupConfig, Rare: true},
	Params: []param.Param{{Name: "change", Kind: param.KindText, Example: change.Whats()[0], Forms: change.Whats()[1:], Help: "what to what",
		Field: func(c *runbook.Command) any { return &c.Text }}},
	Check: func(s *drill.State, c runbook.Command) *rule.Refusal {
		if r := rule.Governed(s); r != nil {
			return r
		}
		what, err := change.Parse(c.Text, s.Fleet.RegionNames())
		if err != nil {
			return rule.Refuse("write a change like "+change.Whats()[0], "%s", err)
		}
		if what.What == change.Weights && len(s.Fleet.Routing.Weights) == 0 {
			return rule.Refuse("name a fleet whose routing has weights", "the router of %s goes by no weights: its policy is %s", s.Fleet.Name, s.Fleet.Routing.Policy)
		}
		return nil
	},
	Confirm: confirmImpact,
	Predict: func(s *drill.State, c runbook.Command) runbook.Impact {
		what, err := change.Parse(c.Text, s.Fleet.RegionNames())
		if err != nil || s.Config == nil {
			return runbook.Impact{}
		}
		if what.What == change.Weights {
			return impact.PredictWeights(s, c, what.Weights, runbook.VerbRevert)
		}
		return impact.PredictCommit(s, c, what.Region, what.Fields(), runbook.VerbRevert)
	},
	Assume: func(_ *drill.State, c runbook.Command) []drill.Body {
		return []drill.Body{drill.Configured{News: config.Committed{Revision: config.Revision{Subject: c.Text, Author: c.By}}}}
	},
	Do: withRepository(func(ctx context.Context, r Rig, c runbook.Command) (string, error) {
		began := r.Events.Now()
		proof, err := r.Config.Commit(ctx, c.Text, c.By)
		if err == nil { // whom it affects is counted until the drill ends
			r.Users.OpenImpact(r.ID, began)
		}
		return proof, err
	}, "look at the repository"),
	Undo: runbook.VerbRevert,
}

// revert takes the newest commit back, by another one.
var revert = Action{
	Verb: runbook.VerbRevert,
	Words: Words{Name: "revert", Done: "reverted", Help: "take the newest commit back by another one",
		Key: "V", Group: GroupConfig, Rare: true, Mends: true},
	Params: []param.Param{{Name: "commit", Kind: param.KindText, Optional: true, Example: "67b6790", Help: "which commit, the newest without one",
		Field: func(c *runbook.Command) any { return &c.Text }}},
	Check: func(s *drill.State, _ runbook.Command) *rule.Refusal {
		if r := rule.Governed(s); r != nil {
			return r
		}
		if s.Config == nil || !slices.ContainsFunc(s.Config.Commits, func(c *config.CommitAt) bool { return c.Revision.Author != config.Author }) {
			return rule.Refuse("", "there is no commit to take back")
		}
		return nil
	},
	Confirm: func(s *drill.State, c runbook.Command) *Confirmation {
		if lines := rollout.RevertLines(s); c.Text == "" && len(lines) > 0 {
			return &Confirmation{Lines: lines}
		}
		return nil
	},
	Do: withRepository(func(ctx context.Context, r Rig, c runbook.Command) (string, error) {
		proof, err := r.Config.Revert(ctx, c.Text, c.By)
		if err == nil {
			awaitReverted(ctx, r)
		}
		return proof, err
	}, "take it back with git"),
}

// awaitReverted ends the count of whom commits affected, once no region has a revision any more that was taken back; where nobody
// brings the newest to the regions, or not soon, it goes on.
func awaitReverted(ctx context.Context, r Rig) {
	every := view(r, func(s *drill.State) time.Duration { return s.Fleet.Config.Every })
	limited, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		if r.Sleep(limited, 2*every+revertedWithin) == nil {
			cancel()
		}
	}()
	if r.Events.Wait(limited, func(s *drill.State) bool { return !s.Config.Reverted() }) != nil {
		return
	}
	for _, id := range view(r, func(s *drill.State) []int { return gitops.Done(s, runbook.VerbCommit) }) {
		r.Users.CloseImpact(id, r.Events.Now())
	}
}

// revertedWithin is how much longer than two intervals regions may take to have what takes a commit back.
const revertedWithin = 5 * time.Second

// drift changes one region by hand, past the repository.
var drift = Action{
	Verb: runbook.VerbDrift,
	Words: Words{Name: "drift", Done: "changed by hand", Help: "change a region by hand, past the repository",
		Key: "I", Group: GroupConfig, Rare: true},
	Params: []param.Param{param.Region, {Name: "kind", Kind: param.KindWord, Example: config.DriftScale, Among: driftKinds(), Help: "what is changed",
		Field: func(c *runbook.Command) any { return &c.Text }}},
	Check: func(s *drill.State, c runbook.Command) *rule.Refusal {
		if r := rule.Governed(s); r != nil {
			return r
		}
		return rule.Broken(s, c.Region)
	},
	Confirm: func(s *drill.State, c runbook.Command) *Confirmation {
		lines := []string{c.Region + ": " + config.Said(c.Text, driftsTo)}
		edit, err := config.EditOf(c.Text, driftsTo, s.Fleet.DatasetsOf(topology.Population{}))
		if err != nil || s.Config == nil {
			return &Confirmation{Lines: lines}
		}
		return &Confirmation{Lines: append(lines, impact.DriftLines(s, c, edit.Fields())...)}
	},
	Do: withRepository(func(ctx context.Context, r Rig, c runbook.Command) (string, error) {
		datasets := view(r, func(s *drill.State) []string { return s.Fleet.DatasetsOf(topology.Population{}) })
		return r.Config.Edit(ctx, c.Region, c.Text, driftsTo, datasets)
	}, "look at the region's objects"),
}

// driftKinds is all kinds of drift, each with what it does.
func driftKinds() (all []param.Word) {
	for _, kind := range config.DriftKinds() {
		all = append(all, param.Word{Text: kind, Note: config.Said(kind, driftsTo)})
	}
	return all
}

// driftsTo is the number of web replicas that drift by hand leaves a region with: what somebody gives a standby to save money.
const driftsTo = 1

// withRepository does what needs a repository: a platform may give regions what they run by itself.
func withRepository(do func(context.Context, Rig, runbook.Command) (string, error), next string) func(context.Context, Rig, runbook.Command) (port.Proof, error) {
	return func(ctx context.Context, r Rig, c runbook.Command) (port.Proof, error) {
		if r.Config == nil {
			return port.Proof{}, rule.Refuse("use --on local or --on kind", "this platform gives regions what they run by itself")
		}
		c.By = cmp.Or(c.By, runbook.ByOperator)
		proof, err := do(ctx, r, c)
		if err != nil {
			return port.Proof{}, fail(err, next)
		}
		return port.Proof{Text: proof}, nil
	}
}
