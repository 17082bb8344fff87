package controller

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
)

// tellReadiness says how ready regions were when a failover was decided. A controller that nobody tells says nothing.
func tellReadiness(d *decision, f failover, to string, passed []string) {
	if f.targets == nil {
		return
	}
	d.emit(drill.PreflightTaken{Taken: preflight.Taken{Failover: f.id, Dataset: d.name(), Targets: f.targets, To: to, Passed: passed, At: d.now}})
}
