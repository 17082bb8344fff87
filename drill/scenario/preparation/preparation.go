// Package preparation reads what a drill file says of the time before its first step: the question that it answers, and what must be so.
package preparation

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/strict"
)

// mostWrites bounds a lag, as counts of a drill file are bounded.
const mostWrites = 1_000_000

// Require reads what must be so before the first step.
func Require(s *strict.Source, n *yaml.Node) *runbook.Require {
	to := &runbook.Require{}
	before := len(s.Problems)
	whole := s.Mapping(n, "require", []strict.Key{
		{Name: "lag", Read: func(n *yaml.Node) { to.LagUnder = lag(s, n) }},
		{Name: "n_minus_1", Read: func(n *yaml.Node) { to.NMinusOne = asked(s, n, "require n_minus_1") }},
		{Name: "ready", Read: func(n *yaml.Node) { to.Ready = asked(s, n, "require ready") }},
	})
	if whole && len(n.Content) == 0 && len(s.Problems) == before {
		s.Bad(n, "require names nothing; write lag: under 100 writes, n_minus_1: true or ready: true, or leave it out")
	}
	return to
}

// Question reads what the drill answers. One that is nearly that of drills that ship would stand
// apart from them where drills are listed by their questions, so it is refused.
func Question(s *strict.Source, n *yaml.Node) string {
	const typos = 3
	v := s.Text(n, "the question", 60)
	for _, known := range runbook.Questions() {
		if v != known && strict.Distance(strings.ToLower(v), strings.ToLower(known)) <= typos {
			s.Bad(n, "the question %s is nearly that of drills that ship; did you mean %q?", strict.Quote(n), known)
			return ""
		}
	}
	return v
}

// lag reads "under 100 writes".
func lag(s *strict.Source, n *yaml.Node) *int {
	const example = "under 100 writes"
	v, ok := s.Scalar(n, "require lag", example)
	if !ok {
		return nil
	}
	number, under := strings.CutPrefix(v, "under ")
	number, writes := strings.CutSuffix(strings.TrimSuffix(number, "s"), " write")
	most, err := strconv.Atoi(number)
	switch {
	case !under || !writes || err != nil:
		s.Bad(n, "require lag %s is not understood; write it like %s", strict.Quote(n), example)
	case most < 1 || most > mostWrites:
		s.Bad(n, "require lag is %s; it takes 1 to %d writes", strict.Clip(v), mostWrites)
	default:
		return &most
	}
	return nil
}

// asked reads true. What is not required is left out, so that no file says that it does not matter.
func asked(s *strict.Source, n *yaml.Node, what string) bool {
	before := len(s.Problems)
	is := s.Boolean(n, what)
	if !is && len(s.Problems) == before {
		s.Bad(n, "%s is false; write true, or leave it out", what)
	}
	return is
}
