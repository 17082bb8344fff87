package report

import (
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/curve"
)

// Curve is what was measured over time: "answered", the share of each population's requests that was answered, or "moved",
// the shares of a region's web replicas that served and of a dataset's bytes that it had. Times count in seconds from when
// the first fault could affect a user, or the first command was begun.
type Curve struct {
	Key   string      `json:"key"`
	Lines []CurveLine `json:"lines"`
}

// CurveLine is one line of a curve. Kind is "requests", "compute" or "data"; Name the population or the region, and of a
// comparison the run; Whole what a share of 1 is, null for requests. Points are each Width long, and their shares null where
// nothing was measured.
type CurveLine struct {
	Kind    string       `json:"kind"`
	Name    string       `json:"name"`
	Dataset *string      `json:"dataset"`
	Whole   *int64       `json:"whole"`
	Width   float64      `json:"width_s"`
	Points  []CurvePoint `json:"points"`
}

// CurvePoint is the span that begins At.
type CurvePoint struct {
	At    float64  `json:"at_s"`
	Share *float64 `json:"share"`
}

// CurveOf is a picture as JSON has it.
func CurveOf(p format.Picture) Curve {
	return Curve{Key: p.Key, Lines: list(p.Lines, func(l curve.Line) CurveLine {
		out := CurveLine{Kind: string(l.Kind), Name: l.Name, Dataset: text(l.Dataset), Width: seconds(l.Width)}
		if l.Kind != curve.Requests {
			out.Whole = &l.Whole
		}
		out.Points = list(l.Points, func(p curve.Point) CurvePoint {
			point := CurvePoint{At: seconds(p.At)}
			if p.Known {
				point.Share = &p.Share
			}
			return point
		})
		return out
	})}
}
