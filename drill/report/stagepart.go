package report

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// parts takes in what parts of a failover's stages took; nil is a switchover, which has none.
func (s *Stages) parts(state *drill.State, f *drill.Failover) {
	if f == nil {
		return
	}
	for _, stage := range drill.FailoverStages {
		for _, part := range measure.StageParts(state, f, stage) {
			switch part.Name {
			case measure.PartRestoring:
				s.Restoring = span(part.Took)
			case measure.PartScaling:
				s.Scaling = span(part.Took)
			}
		}
	}
}

// ofWhich is a part of a stage behind what the stage took; "" where there was none.
func ofWhich(part *float64, name string) string {
	if part == nil {
		return ""
	}
	return ", of which " + name + " " + in(part)
}
