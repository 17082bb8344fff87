// Package candidate asks who may be promoted (package succession) of replicas as their
// stores say what they hold. It is pure.
package candidate

import (
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/succession"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Rule is what the controller promotes by.
type Rule = succession.Rule

// Breach is the rules that a test leaves out.
type Breach = succession.Breach

// Question is succession.Question, with what each replica held when it last answered as its
// store said it.
type Question struct {
	Dataset topology.Dataset
	Links   []topology.Link
	Rule    Rule
	Lead    string
	Behind  []string
	Heard   map[string]store.Status
	Breach  Breach
}

func (q Question) asked() succession.Question {
	return succession.Question{Dataset: q.Dataset, Links: q.Links, Rule: q.Rule, Lead: q.Lead, Behind: q.Behind, Heard: replicas(q.Heard), Breach: q.Breach}
}

func replicas(said map[string]store.Status) map[string]succession.Replica {
	out := map[string]succession.Replica{}
	for region, s := range said {
		out[region] = succession.Replica{LastIn: s.LastIn, Position: s.Position, Entries: s.Entries, Seeding: !s.Whole(), Unread: s.Unread}
	}
	return out
}

// MostAdvanced is the whole replica with the newest last entry; "" where there is none.
func (q Question) MostAdvanced(answers map[string]store.Status) string {
	return q.asked().MostAdvanced(replicas(answers))
}

// Certain is the region to promote, or what is missing where there is none.
func (q Question) Certain(answers map[string]store.Status) (to, reason string) {
	return q.asked().Certain(replicas(answers))
}

// Gated is whom a gate lets lead; passed is who would, and is not ready.
func (q Question) Gated(targets []preflight.Target, answers map[string]store.Status, to string) (ready string, passed []string, reason string) {
	return q.asked().Gated(targets, replicas(answers), to)
}

// Uncertain says why a region may lack writes that the mode has to keep; "" when it has them.
func (q Question) Uncertain(to string, answers map[string]store.Status) string {
	return q.asked().Uncertain(to, replicas(answers))
}

// Chosen is an operator's choice where that is as certain, or forced: then it has to
// answer and to be whole.
func (q Question) Chosen(to string, forced bool, answers map[string]store.Status) (region, reason string) {
	switch s, ok := answers[to]; {
	case !ok:
		return "", to + " does not answer"
	case s.Seeding:
		return "", to + ": " + store.ErrSeeding.Error()
	case s.Mute:
		return "", to + ": its database does not answer"
	}
	if forced {
		return to, ""
	}
	if reason := q.Uncertain(to, answers); reason != "" {
		return "", reason
	}
	return to, ""
}
