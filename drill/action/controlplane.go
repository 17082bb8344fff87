package action

import (
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// verbKillControlPlane takes the API server of a region's cluster away: nothing can be changed there, and all that runs goes on.
const verbKillControlPlane runbook.Verb = "kill-control-plane"

// killControlPlane ends the API server of a region's cluster, which the regions that share it lose too.
var killControlPlane = breaksPart(verbKillControlPlane, Words{Name: "kill control plane", Done: "killed", Help: "kill the API server: the region serves on", Key: "U"},
	func(f topology.Fleet, c runbook.Command) (e runbook.Effect) {
		for _, region := range f.Domain(c.Region) {
			e.Weakens = append(e.Weakens, runbook.Weakening{Region: region, Part: runbook.PartControlPlane, Web: 1})
		}
		return e
	})
