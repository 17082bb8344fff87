package verdict

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Fact is what was measured of an objective: Judged is how it was held against its goal, nil where the
// drill asks for none.
type Fact struct {
	Label, Came string
	Goal        string // "" for none
	Judged      *drill.ObjectiveJudged
}

// About is what was measured about a clause of a hypothesis, by the words that each objective's are
// known by. It helps a person to hold the two against each other and judges nothing itself.
func About(s *drill.State, clause string) (all []Fact) {
	clause = strings.ToLower(clause)
	for _, o := range All {
		if !o.saidIn(clause) {
			continue
		}
		judged := false
		for i, j := range s.Objectives {
			if j.Name == o.Name {
				all, judged = append(all, factOf(&s.Objectives[i])), true
			}
		}
		if v := o.Measure(s, ""); !judged && v.Known && !v.Bound {
			all = append(all, Fact{Label: o.Label, Came: Brief(o.Name, v.N)})
		}
	}
	return all
}

func (o Objective) saidIn(clause string) bool {
	for _, words := range o.Says {
		if strings.Contains(clause, words) {
			return true
		}
	}
	return false
}

func factOf(j *drill.ObjectiveJudged) Fact {
	f := Fact{Label: Label(j.Name), Came: "unknown", Goal: Brief(j.Name, j.Target), Judged: j}
	if j.Dataset != "" {
		f.Label += " of " + j.Dataset
	}
	if j.AtLeast {
		f.Goal = "at least " + f.Goal
	} else {
		f.Goal = "at most " + f.Goal
	}
	if j.Measured != nil {
		f.Came = Brief(j.Name, *j.Measured)
	}
	return f
}
