package action

import (
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// verbFillDisk fills the disk of a region's store while the rest of the region looks healthy.
const verbFillDisk runbook.Verb = "fill-disk"

// fillDisk has the disk that keeps a region's data refuse each write: what is there is read, and nothing is added.
var fillDisk = breaksPart(verbFillDisk, Words{Name: "fill the disk", Done: "filled", Help: "fill its store's disk: reads only from then"},
	storeless(runbook.PartDisk))

// storeless is the effect of a fault by which a region's replicas store nothing, and its web tier goes on.
func storeless(part string) func(topology.Fleet, runbook.Command) runbook.Effect {
	return func(f topology.Fleet, c runbook.Command) runbook.Effect {
		if !f.Has(c.Region) {
			return runbook.Effect{}
		}
		return runbook.Effect{Weakens: []runbook.Weakening{{Region: c.Region, Part: part, Web: 1, Store: true}}}
	}
}
