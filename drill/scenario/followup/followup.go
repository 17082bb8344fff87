// Package followup says what a failover may do beside the commands of a plan: a dry run follows every way it could go.
package followup

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Of is what failovers could do next, each way as its events: notice that an
// authority is lost, or promote a region. What a policy would choose is left open.
func Of(s *drill.State) [][]drill.Body {
	var out [][]drill.Body
	if s.HubLost() != nil {
		return nil // nobody decides
	}
	for _, d := range s.Datasets {
		f := s.OpenFailover(d.Name)
		if f == nil {
			if d.Authority != "" && s.FaultOn(d.Authority) != nil {
				id := len(s.Failovers) + 1
				out = append(out, []drill.Body{drill.FailoverStaged{ID: id, Dataset: d.Name, From: d.Authority, Cause: "fault", Stage: drill.StageFault}})
			}
			continue
		}
		for _, to := range d.Spec.Regions {
			if rule.MayLead(s, d, to) != nil {
				continue
			}
			promoted := drill.FailoverStaged{ID: f.ID, Dataset: d.Name, From: f.From, To: to, Epoch: d.Epoch + 1, Cause: "fault", Stage: drill.StagePromote}
			for _, next := range durabilitiesAfter(d, to) {
				way := []drill.Body{promoted}
				if next != d.Spec.Durability() {
					way = append(way, drill.ModeChanged{Dataset: d.Name, Was: d.Spec.Durability(), Now: next, By: runbook.ByController})
				}
				out = append(out, way)
			}
		}
	}
	return out
}

// durabilitiesAfter is the durabilities that a dataset may have once a region leads it:
// sync can't have the authority for its partner.
func durabilitiesAfter(d *drill.DatasetState, to string) []topology.Durability {
	now := d.Spec.Durability()
	if now.Mode != topology.ModeSync || now.With != to {
		return []topology.Durability{now}
	}
	var out []topology.Durability
	for _, with := range slices.DeleteFunc(slices.Clone(d.Spec.Regions), func(r string) bool { return r == to }) {
		out = append(out, topology.Durability{Mode: topology.ModeSync, With: with})
	}
	return out
}
