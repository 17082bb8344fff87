package report

import (
	"fmt"
	"io"

	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
)

// Preflight is how ready a region was to lead when a failover was decided: "ready", "not ready", "unknown", which is never taken
// for ready, or "no target", which may never lead. Passed says that it would have been promoted, and was passed over by the fleet's gate.
type Preflight struct {
	Region string              `json:"region"`
	Status preflight.Status    `json:"status"`
	Leads  bool                `json:"led"`
	Passed bool                `json:"passed_over"`
	Checks []preflight.Finding `json:"checks"`

	chosen bool
}

func preflights(t *preflight.Taken) (out []Preflight) {
	if t == nil {
		return nil
	}
	for _, of := range t.Targets {
		one := Preflight{Region: of.Region, Status: of.Status(), Leads: of.Leads, Checks: of.Findings, chosen: of.Region == t.To}
		for _, passed := range t.Passed {
			one.Passed = one.Passed || passed == of.Region
		}
		out = append(out, one)
	}
	return out
}

// unready writes what of the region that was promoted was not ready, and who was passed over for that.
func (f Failover) unready(w io.Writer) {
	for _, p := range f.Preflight {
		if !p.chosen && !p.Passed || p.Status == preflight.Ready {
			continue
		}
		did := format.Either(p.Passed, "passed over", "promoted")
		for _, c := range (preflight.Target{Findings: p.Checks}).Against() {
			fmt.Fprintf(w, "\tpreflight\t%s %s, %s\t%s: %s\n", p.Region, p.Status, did, c.Check, c.Why)
		}
	}
}
