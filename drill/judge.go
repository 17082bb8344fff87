package drill

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The names of the objectives, as drill files and reports have them. RTO and
// RPO are in seconds, LostWrites a count, UsersAffected a share from 0 to 1.
const (
	ObjectiveRTO           = "rto"
	ObjectiveRPO           = "rpo"
	ObjectiveLostWrites    = "lost_writes"
	ObjectiveUsersAffected = "users_affected"
)

// JudgeObjectives holds the plan's objectives against what the state measured,
// and says how the drill went and why; why is "" when it passed. It never says
// Aborted, which only the engine knows. The state must have seen the final check
// and the ledgers' last audits.
//
// Evidence counts in this order. A drill that was not steady before its first
// step, or whose fault was never proved, is inconclusive whatever else happened:
// it did not test what it says. Then an objective missed, a write altered or a
// fleet that is not steady afterwards fails it. Then whatever was asked for and
// could not be measured, and a step that did not take effect, make it inconclusive.
func JudgeObjectives(s *State) ([]ObjectiveJudged, Verdict, string) {
	if s.Plan == nil {
		return nil, Inconclusive, "drilled by hand, against no objectives"
	}
	var judged []ObjectiveJudged
	var failed, unknown []string
	for _, o := range s.asked() {
		j, why := o.judge()
		judged = append(judged, j)
		switch {
		case j.Met == nil:
			unknown = append(unknown, why)
		case !*j.Met:
			failed = append(failed, why)
		}
	}
	for _, c := range s.Checks {
		if n := len(c.Mismatched); n > 0 {
			failed = append(failed, fmt.Sprintf("%d writes of %s in %s have other contents than were sent", n, c.Dataset, c.Region))
		}
	}
	failed = append(failed, s.splits()...)
	failed = append(failed, s.taken()...)
	after, why := steadiness(s.SteadyAfter, s.Plan.Steady, "after the last step")
	switch {
	case s.SteadyAfter == nil:
		unknown = append(unknown, why)
	case !after:
		failed = append(failed, why)
	}
	untested, undone := s.missing()
	if before, why := steadiness(s.SteadyBefore, s.Plan.Steady, "before the first step"); !before {
		untested = slices.Insert(untested, 0, why)
	}
	unknown = append(unknown, undone...)
	all := strings.Join(slices.Concat(untested, failed, unknown), "; ")
	switch {
	case len(untested) > 0:
		return judged, Inconclusive, all
	case len(failed) > 0:
		return judged, Failed, all
	case len(unknown) > 0:
		return judged, Inconclusive, all
	default:
		return judged, Passed, ""
	}
}

func steadiness(m *SteadyMeasured, asked Steady, when string) (bool, string) {
	switch {
	case m == nil:
		return false, "whether it was steady " + when + " was not measured"
	case !m.Met:
		return false, fmt.Sprintf("not steady %s: %.2f %% of %d requests succeeded, %.2f %% are asked for",
			when, m.Success*100, m.Requests, asked.Success*100)
	}
	return true, ""
}

// missing lists the plan's steps that did not take effect: faults and cordons,
// without which nothing was tested, and the others. A kill or freeze counts by
// its proof, everything else by the command that was carried out.
func (s *State) missing() (faults, others []string) {
	left := map[Command]int{} // took effect, not yet matched with a step
	said := map[Command]string{}
	for _, f := range s.Faults {
		left[Command{Verb: Verb(f.Fault), Region: f.Region}]++
	}
	for _, c := range s.Commands {
		key := c.Command
		key.By = ""
		switch {
		case c.Error != "":
			said[key] = ": " + c.Error
		case c.Ended != nil && key.Verb != VerbKill && key.Verb != VerbFreeze:
			left[key]++
		}
	}
	for _, step := range s.Plan.Steps {
		key := step.Command
		key.By = ""
		if step.Expect == ExpectRefused {
			continue // see taken
		}
		if left[key] > 0 {
			left[key]--
			continue
		}
		switch key.Verb {
		case VerbKill, VerbFreeze, VerbCordon, VerbPartition:
			faults = append(faults, fmt.Sprintf("%s was never proved%s", key, said[key]))
		case VerbNote:
			// A remark that got lost changes no verdict.
		case VerbWait:
			others = append(others, fmt.Sprintf("%s came to nothing%s", key, said[key]))
		default:
			others = append(others, fmt.Sprintf("%s did not take effect%s", key, said[key]))
		}
	}
	return faults, others
}

// taken lists the steps that the engine was to refuse and did not.
func (s *State) taken() []string {
	refused := map[Command]int{}
	for _, c := range s.Commands {
		if key := c.Command; c.Refused {
			key.By = ""
			refused[key]++
		}
	}
	var out []string
	for _, step := range s.Plan.Steps {
		key := step.Command
		key.By = ""
		switch {
		case step.Expect != ExpectRefused:
		case refused[key] > 0:
			refused[key]--
		default:
			out = append(out, fmt.Sprintf("%s was to be refused and was not", key))
		}
	}
	return out
}

// splits holds what was seen of two authorities at once against what was expected.
func (s *State) splits() []string {
	var seen []string
	for _, d := range s.Datasets {
		for _, b := range d.Splits {
			seen = append(seen, fmt.Sprintf("%s and %s both acknowledged writes of %s", b.Old, b.New, d.Name))
		}
	}
	switch want := s.Plan.Objectives.SplitBrain; {
	case want == SplitBrainShown && len(seen) == 0:
		return []string{"no split brain was seen, and the drill is to show one"}
	case want == SplitBrainNone:
		return seen
	}
	return nil
}

// objective is one that the plan asks for, and the largest value measured. It is
// only a lower bound while something that counts towards it is unknown.
type objective struct {
	name   string
	target float64
	value  float64
	known  bool // anything was measured
	bound  bool // a part is unknown, so value is a lower bound
}

func (s *State) asked() []objective {
	var list []objective
	o := s.Plan.Objectives
	if o.RTO != nil {
		list = append(list, s.longestRTO(o.RTO.Seconds()))
	}
	if o.RPO != nil {
		list = append(list, s.longestRPO(o.RPO.Seconds()))
	}
	if o.LostWrites != nil {
		list = append(list, s.allLost(float64(*o.LostWrites)))
	}
	if o.UsersAffected != nil {
		h := s.AffectedEver()
		list = append(list, objective{name: ObjectiveUsersAffected, target: *o.UsersAffected, value: h.Share, known: h.Known})
	}
	return list
}

// judge compares. A lower bound above the target is a miss; below it, nothing
// is known and nothing is said to be measured.
func (o objective) judge() (ObjectiveJudged, string) {
	j := ObjectiveJudged{Name: o.name, Target: o.target}
	if !o.known || o.bound && o.value <= o.target {
		return j, o.name + " was not measured"
	}
	j.Measured, j.Met = ptr(o.value), ptr(o.value <= o.target)
	least := ""
	if o.bound {
		least = "at least "
	}
	return j, fmt.Sprintf("%s %s%s, asked for at most %s", o.name, least, o.say(o.value), o.say(o.target))
}

func (o objective) say(v float64) string {
	switch o.name {
	case ObjectiveLostWrites:
		return fmt.Sprintf("%.0f", v)
	case ObjectiveUsersAffected:
		return fmt.Sprintf("%.1f %%", v*100)
	default:
		return fmt.Sprintf("%.3f s", v)
	}
}

func (o *objective) take(d time.Duration) {
	o.value, o.known = max(o.value, d.Seconds()), true
}

// longestRTO is the longest that a dataset took no writes while its authority
// moved, by failover or switchover. A failover that never came to an acknowledged
// write has lasted until now at least.
func (s *State) longestRTO(target float64) objective {
	o := objective{name: ObjectiveRTO, target: target}
	for _, f := range s.Failovers {
		if rto, done := f.RTO(); done {
			o.take(rto)
		} else if start, began := f.Ends[StageFault]; began {
			o.take(s.Now - start)
			o.bound = true
		}
	}
	for _, m := range s.Moves {
		if m.Open {
			o.bound = true
			continue
		}
		o.take(m.Blocked)
	}
	return o
}

// longestRPO is the longest span from a lost acknowledgement to the fault that
// lost it. A failover whose ledger was not checked leaves it open, and so does a
// loss that no failover explains. Without a failover it is zero once every
// dataset's last audit found nothing lost.
func (s *State) longestRPO(target float64) objective {
	o := objective{name: ObjectiveRPO, target: target}
	for _, f := range s.Failovers {
		if rpo, checked := f.RPO(); checked {
			o.take(rpo)
		} else {
			o.bound = true
		}
	}
	for _, c := range s.Checks {
		if s.Failover(c.Failover) != nil {
			continue
		}
		by := map[*Failover][]LostWrite{}
		for _, l := range c.Lost {
			f := s.lostBy(c.Dataset, l)
			by[f] = append(by[f], l)
		}
		for f, lost := range by {
			if f != nil {
				o.take(f.lostSpan(lost))
			} else {
				o.bound = true
			}
		}
	}
	if len(s.Failovers) == 0 && !o.bound && s.audited() {
		o.known = true
	}
	return o
}

// lostBy is the failover that lost a write, nil where none can have: the first to an
// epoch after the one that it was acknowledged in, else (a journal without epochs) the
// last one whose fault came after it.
func (s *State) lostBy(dataset string, w LostWrite) *Failover {
	if w.Epoch > 0 {
		for _, f := range s.Failovers {
			if f.Dataset == dataset && f.Epoch > w.Epoch {
				return f
			}
		}
		return nil
	}
	for _, f := range slices.Backward(s.Failovers) {
		if start, began := f.Ends[StageFault]; began && f.Dataset == dataset && w.Acked <= start {
			return f
		}
	}
	return nil
}

func (s *State) allLost(target float64) objective {
	o := objective{name: ObjectiveLostWrites, target: target, known: len(s.Checks) > 0, bound: !s.audited()}
	for _, d := range s.Datasets {
		o.value += float64(len(s.LostIDs(d.Name)))
	}
	return o
}

// audited reports whether every dataset's ledger was checked at the end.
func (s *State) audited() bool {
	for _, d := range s.Datasets {
		if _, checked := s.FinalCheck(d.Name); !checked {
			return false
		}
	}
	return true
}
