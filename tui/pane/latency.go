package pane

import (
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane/traffic"
)

func latencyTitle(View) (string, string) {
	return "Latency", "p50 and p99 of the " + format.Age(telemetry.LatencyWindow) + " before · since the start"
}

func drawLatency(a canvas.Area, v View) { traffic.Latencies(a, v.Scene, v.from(Latency)) }
