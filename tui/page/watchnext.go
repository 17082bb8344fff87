package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/docs"
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// watchNext is what comes next, as the state has it: what runs, then what is to be waited for,
// then what the plan does next, then what a person can do.
func watchNext(n keys.Now) fact {
	f := fact{asks: "WATCH NEXT", st: style.Strong}
	for _, look := range []func(keys.Now) (answer, about string){
		nextPhase, nextStage, nextAnswer, nextCopy, nextStep, nextKey,
	} {
		if answer, about := look(n); answer != "" {
			f.answer, f.about = answer, []string{about}
			return f
		}
	}
	f.answer, f.about = "nothing", []string{"nothing is under way"}
	return f
}

// nextPhase is the end of the warm-up or of the last check.
func nextPhase(n keys.Now) (answer, about string) {
	s := n.State
	switch s.Phase {
	case drill.PhaseSteady:
		about = "then you decide what happens"
		if s.Plan != nil && len(s.Plan.Steps) > 0 {
			about = "then: " + s.Plan.Steps[0].Command.String()
		}
		if left := -n.Elapsed(n.Now); left > 0 {
			return "warm-up " + format.Age(upTo(left)), about
		}
		return "warm-up", about
	case drill.PhaseFinal:
		return "last check", "then every confirmed write is looked for, and the drill is judged"
	}
	return "", ""
}

// nextStage is what the failover of the dataset in focus, or of another, comes to next.
func nextStage(n keys.Now) (answer, about string) {
	f := openOf(n)
	if f == nil {
		return "", ""
	}
	stage, _ := f.Current()
	takeover := func(dangerous bool) string {
		return press(n, func(a action.Action) bool { return a.Moves && a.Words.Mends && a.Words.Dangerous == dangerous })
	}
	switch {
	case f.Blocked != nil && stage != drill.StageReroute:
		return "it is stuck", takeover(true) + "failover of " + f.Dataset + ": " + f.Blocked.Reason
	case stage == drill.StageDecide && n.State.Fleet.Failover.ByOperator():
		return "you decide", takeover(false) + "which region leads " + f.Dataset + " next?"
	}
	next := slices.Index(drill.FailoverStages, stage) + 1
	if next >= len(drill.FailoverStages) {
		return "first write", means(string(stage))
	}
	return string(drill.FailoverStages[next]), means(string(drill.FailoverStages[next]))
}

// openOf is the failover that is not over: that of the dataset in focus first.
func openOf(n keys.Now) *drill.Failover {
	if d := n.Chosen(); d != nil {
		if f := running(n.State, d.Name); f != nil {
			return f
		}
	}
	for _, d := range n.State.Datasets {
		if f := running(n.State, d.Name); f != nil {
			return f
		}
	}
	return nil
}

// means is what the glossary says of a word first; "" where it has none.
func means(word string) string {
	e, _ := docs.Define(word)
	first, _, _ := strings.Cut(strings.TrimSuffix(e.Meaning, "."), ": ")
	return first
}

// nextAnswer is when users who still ask a lost region are sent elsewhere.
func nextAnswer(n keys.Now) (answer, about string) {
	s := n.State
	if len(measure.Unrecovered(s)) == 0 || measure.AffectedNow(s).Affected == 0 {
		return "", ""
	}
	if ttl := s.Fleet.LastMoved(); ttl > 0 {
		return "users move", "they ask where to go within " + format.Span(ttl) + ", as resolvers' answers expire"
	}
	return "users move", "the load balancer sends their next request elsewhere"
}

// nextCopy is the replica that copies, with what it still needs.
func nextCopy(n keys.Now) (answer, about string) {
	for _, r := range n.State.Rejoins {
		d := n.State.Dataset(r.Dataset)
		if r.Done != nil || d == nil {
			continue
		}
		answer = "copy to " + r.Region
		about = fmt.Sprintf("%s is back and copies what it missed of %s", r.Region, r.Dataset)
		if sample := d.Replicas[r.Region]; sample != nil && sample.OwedBytes != nil {
			about += ", " + format.Bytes(*sample.OwedBytes) + " to go"
		}
		if left := measure.CatchUp(n.State, d, r.Region); left.Known {
			about += ", about " + format.Span(left.D)
		}
		return answer, about
	}
	return "", ""
}

// nextStep is what is under way, or what the plan does next and when.
func nextStep(n keys.Now) (answer, about string) {
	s := n.State
	for _, c := range s.Commands {
		if c.Ended == nil {
			return c.Command.String(), "under way for " + format.Age(n.Now-c.Began)
		}
	}
	if s.Plan == nil {
		return "", ""
	}
	at, what := s.Plan.End, "the last check, and the result"
	if next := s.Step + 1; next < len(s.Plan.Steps) {
		at, what = s.Plan.Steps[next].At, "then: "+s.Plan.Steps[next].Command.String()
	}
	if left := at - n.Elapsed(n.Now); left > 0 {
		return "in " + format.Age(upTo(left)), what
	}
	return "", ""
}

// nextKey is what a person can do: put right what is broken, go back to where it began, or
// break something.
func nextKey(n keys.Now) (answer, about string) {
	s := n.State
	for _, f := range s.Faults {
		if f.Lifted != nil {
			continue
		}
		at := n
		at.Region = cmp.Or(f.Region, n.Region)
		if key := press(at, byVerb(f.Effect.Undo)); key != "" {
			where := format.Where(f.FaultProved)
			return string(f.Effect.Undo) + " " + where, key + where + " is " + cmp.Or(f.Done, string(f.Fault)) + " still"
		}
	}
	for _, c := range slices.Backward(s.Commands) {
		for _, region := range c.Effect.Empties {
			at := n
			at.Region = region
			if key := press(at, byVerb(c.Effect.Undo)); key != "" {
				return string(c.Effect.Undo) + " " + region, key + region + " takes no users and no work while it is cordoned"
			}
		}
	}
	planned := func(a action.Action) bool { return a.Moves && !a.Words.Mends && !a.Words.Dangerous }
	for _, d := range s.Datasets {
		at := n
		at.Dataset, at.Region = d.Name, d.Spec.Authority
		if d.Authority != d.Spec.Authority && d.Authority != "" {
			if key := press(at, planned); key != "" {
				return "back to " + at.Region, fmt.Sprintf("%sin %s; %s leads %s, where %s did at first", key, at.Region, d.Authority, d.Name, at.Region)
			}
		}
	}
	if key := press(n, func(a action.Action) bool { return a.Words.Dangerous }); key != "" {
		return "your move", key + "it says what losing " + n.Region + " would cost, and asks"
	}
	return "", ""
}

func byVerb(v runbook.Verb) func(action.Action) bool {
	return func(a action.Action) bool { return a.Verb == v }
}

// press names the key of the first action of a kind that can be done now, before what it is
// for; "" where none can.
func press(n keys.Now, is func(action.Action) bool) string {
	for _, b := range n.Keys {
		if b.Intent.Op == keys.Act && b.Show != "" && is(b.Intent.Action) && b.Off(n) == "" {
			return "press " + b.Show + ": "
		}
	}
	return ""
}
