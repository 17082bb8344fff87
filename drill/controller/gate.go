package controller

import (
	"fmt"
	"maps"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// gated is whom a failover promotes where regions that are not ready to lead are passed over: the best that is, as long as it has
// every write that the dataset's mode has to keep. A gate never loses what the mode promises: rather nobody leads, until what is
// wrong was put right or a person says who leads all the same. In async what a region has more that was passed over is lost, as
// what a dead one has is. A leader of before that is back moves nowhere, and leads again as it is.
func (m *Memory) gated(targets []preflight.Target, answers map[string]store.Status, to string) (ready string, passed []string, reason string) {
	left, q := maps.Clone(answers), m.question()
	var why []string
	for to != "" {
		no := unfit(targets, to)
		if no == "" || to == q.Lead {
			return to, passed, ""
		}
		passed, why = append(passed, to), append(why, to+": "+no)
		delete(left, to)
		to = q.MostAdvanced(left)
		if to != "" && q.Uncertain(to, answers) != "" {
			why = append(why, to+" is next, and may lack confirmed writes")
			break
		}
	}
	return "", passed, "no region is ready to lead: " + strings.Join(why, "; ")
}

// unfit is why a gate passes a region over; "" where it does not. Of one that nothing is known of that is not known.
func unfit(targets []preflight.Target, region string) string {
	t, known := preflight.Of(targets, region)
	if !known {
		return "nothing is known of it"
	}
	var why []string
	for _, f := range t.Refused() {
		why = append(why, fmt.Sprintf("%s: %s", f.Check, f.Why))
	}
	return strings.Join(why, ", ")
}

// tellReadiness says how ready regions were when a failover was decided. A controller that nobody tells says nothing.
func tellReadiness(d *decision, f failover, to string, passed []string) {
	if f.targets == nil {
		return
	}
	d.emit(drill.PreflightTaken{Taken: preflight.Taken{Failover: f.id, Dataset: d.name(), Targets: f.targets, To: to, Passed: passed, At: d.now}})
}
