package readiness

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// roles is whether a role of the region lets the dataset be written there.
var roles = Check{Name: "roles", Gates: true, Help: "whether a role lets the dataset be written there", Find: func(q Question) *preflight.Finding {
	if !topology.Governs(q.State.Fleet, q.Region) {
		return nil
	}
	m, known := Runs(q.State, q.Region)
	switch {
	case !known:
		return unknown("its roles are not known", "")
	case !m.Writes(q.Dataset.Name):
		return unready(Forbidden(q.Region, q.Dataset.Name), "give it back the role "+config.Writer+q.Dataset.Name)
	}
	return ready("may write " + q.Dataset.Name)
}}

// Forbidden says that no role of a region lets a dataset be written.
func Forbidden(region, dataset string) string {
	return fmt.Sprintf("no role in %s lets %s be written: writes are refused (403)", region, dataset)
}

// Runs is what a region runs by the objects that it has: by the newest survey, less what was changed since; false where none was made.
func Runs(s *drill.State, region string) (m config.Meaning, known bool) {
	r := s.Config.Region(region)
	if r == nil || r.Survey == nil {
		return m, false
	}
	m = r.Survey.Has
	m.Writers = slices.Clone(m.Writers)
	for _, f := range s.Config.Open(region) {
		if f.Object.Kind == "Role" || f.Object.Kind == "RoleBinding" {
			m.Writers = slices.DeleteFunc(m.Writers, func(d string) bool { return config.Writer+d == f.Object.Name })
		}
	}
	return m, true
}

// Forbids reports whether a region is known to refuse writes to a dataset for want of a role.
func Forbids(s *drill.State, region, dataset string) bool {
	m, known := Runs(s, region)
	return known && topology.Governs(s.Fleet, region) && !m.Writes(dataset)
}
