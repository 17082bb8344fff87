package readiness

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/attribution"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
)

// Gate refuses a region as the one that a dataset is moved to on purpose, where the fleet's gate refuses who is not ready. It is what a
// preflight says of the region, as a failover asks it; and since a switchover leaves the leader where it is, that has to get through too.
// In a dry run, where nothing was measured, it refuses nothing for what is not known.
func Gate(s *drill.State, d *drill.DatasetState, region string) *rule.Refusal {
	if !s.Fleet.Failover.Refuses() || region == d.Authority {
		return nil
	}
	stopped := func(r string) bool { return attribution.Stopped(s, r) }
	t := preflight.Target{Region: region, Dataset: d.Name}
	for _, gone := range []func(string) bool{stopped, Lost(s, d.Authority)} {
		for _, f := range (Question{s, d, region, gone}).Ask(All) {
			told := slices.ContainsFunc(t.Findings, func(o preflight.Finding) bool { return o.Check == f.Check })
			if !told && f.Refused() && (f.Status == preflight.Unready || len(d.Replicas) > 0) {
				t.Findings = append(t.Findings, f)
			}
		}
	}
	if len(t.Findings) == 0 {
		return nil
	}
	var next []string
	for _, f := range t.Findings {
		if f.Next != "" && !slices.Contains(next, f.Next) {
			next = append(next, f.Next)
		}
	}
	r := rule.Refuse(cmp.Or(strings.Join(next, ", "), "choose another region"), "%s is not ready to lead %s, and the fleet's gate refuses it: %s", region, d.Name, preflight.Unfit([]preflight.Target{t}, region))
	r.Shows = true
	return r
}

// Heir is the region, other than some, that a dataset would be moved to on purpose (rule.Heir), of those that the gate lets lead; ""
// where there is none, with why the first was refused, nil where none could lead at all.
func Heir(s *drill.State, d *drill.DatasetState, without ...string) (region string, no *rule.Refusal) {
	for {
		if region = rule.Heir(s, d, without...); region == "" {
			return "", no
		}
		refused := Gate(s, d, region)
		if refused == nil {
			return region, nil
		}
		no, without = cmp.Or(no, refused), append(slices.Clone(without), region)
	}
}
