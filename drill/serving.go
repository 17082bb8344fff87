package drill

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/series"
)

// NoAPI reports whether the API server of a region's cluster is gone by a fault: what it said last of node and pods is from before.
func (r *RegionState) NoAPI() bool {
	return slices.ContainsFunc(r.Parts, func(f *Fault) bool { return f.Part == runbook.PartControlPlane })
}

// ServingWeb is how many web replicas of a region serve users: none while a fault has stopped it or the router's probes get
// no answer, else those that are ready. Not known before it was seen and judged, nor without the API server that says it.
func (r *RegionState) ServingWeb() (n int, known bool) {
	switch {
	case r.Fault != nil, r.Up != nil && !*r.Up:
		return 0, true
	case r.Up == nil || r.Seen == nil || r.NoAPI():
		return 0, false
	}
	return r.Seen.WebReady, true
}

// serve takes down how many web replicas serve in each region now.
func (s *State) serve() {
	for _, r := range s.Regions {
		n, known := r.ServingWeb()
		of := r.Web
		if r.Seen != nil {
			of = max(of, r.Seen.WebWanted)
		}
		r.Serving.Take(s.Now, 0, series.Level{N: int64(n), Of: int64(of), Known: known})
	}
}
