package succession

import (
	"maps"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/preflight"
)

// Gated is whom a failover promotes where regions that are not ready to lead are passed over: the best that is, as long as it has
// every write that the dataset's mode has to keep; to is who would be promoted without a gate. A gate never loses what the mode
// promises: rather nobody leads, until what is wrong was put right or a person says who leads all the same; reason says what that is.
// In async what a region has more that was passed over is lost, as what a dead one has is. A leader of before that is back moves
// nowhere, and leads again as it is.
func (q Question) Gated(targets []preflight.Target, answers map[string]Replica, to string) (ready string, passed []string, reason string) {
	left := maps.Clone(answers)
	var why []string
	for to != "" {
		no := preflight.Unfit(targets, to)
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
