package links

import (
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// distanceRows is the rows of the heat map of distances: its heading, a row a region, a row a population.
func distanceRows(sc show.Scene) int { return 1 + len(sc.State.Regions) + len(sc.State.Populations) }

// distanceLeast is the columns of a field with room for "220 ms" and its sign.
const distanceLeast = 8

// distanceCols is the least columns of the heat map.
func distanceCols(sc show.Scene) int {
	return show.NameWidth(sc.State, 10) + 2 + len(sc.State.Regions)*(distanceLeast+2)
}

// drawDistances draws how far regions and users are from each region, as simulated, the farther, the
// heavier, and beside it, where there is room and bytes crossed, what the link's relay measured.
func drawDistances(a canvas.Area, sc show.Scene) {
	name := show.NameWidth(sc.State, 10)
	regions := sc.State.Regions
	cell := min((a.W-name-1)/max(len(regions), 1), 18)
	if cell < distanceLeast {
		regions, cell = regions[:min(max((a.W-name-1)/distanceLeast, 0), len(regions))], distanceLeast
	}
	a.Text(0, 0, style.Label, "simulated")
	for i, r := range regions {
		a.Right(name+1+(i+1)*cell, 0, style.Label, canvas.Cut(r.Spec.Name, cell-1))
	}
	farthest := farthestOf(sc.State)
	for y, one := range sc.State.Regions {
		a.Fit(0, y+1, name, style.Text, one.Spec.Name)
		for i, other := range regions {
			at := a.Sub(name+2+i*cell, y+1, cell-1, 1)
			link := show.LinkBetween(sc.State, one.Spec.Name, other.Spec.Name)
			switch {
			case link.Cut:
				at.Right(at.W, 0, style.DangerBold, "cut")
			case one == other || !link.Linked:
				at.Right(at.W, 0, style.Label, format.None)
			default:
				d := measure.RoundTrip(sc.State, one.Spec.Name, other.Spec.Name)
				chart.Heat(at, float64(d)/float64(farthest), link.Shaped, distanceText(sc, d, one.Spec.Name, other.Spec.Name, at.W))
			}
		}
	}
	for y, p := range sc.State.Populations {
		row := 1 + len(sc.State.Regions) + y
		a.Fit(0, row, name, style.Strong, p.Spec.Name)
		for i, r := range regions {
			at := a.Sub(name+2+i*cell, row, cell-1, 1)
			d, known := p.Spec.RTT[r.Spec.Name]
			if !known {
				at.Right(at.W, 0, style.Label, format.None)
				continue
			}
			text := distanceText(sc, d, p.Spec.Name, r.Spec.Name, at.W)
			chart.Heat(at, float64(d)/float64(farthest), false, text)
		}
	}
}

// distanceText is a simulated round trip, with the measured one where both have room in w columns.
func distanceText(sc show.Scene, simulated time.Duration, a, b string, w int) string {
	text := format.Span(simulated)
	if measured, known := measure.RoundTripMeasured(sc.State, a, b); known {
		both := []string{text + " → " + format.Span(measured)}
		if short, ms := strings.CutSuffix(text, " ms"); ms && strings.HasSuffix(both[0], " ms") {
			both = append(both, short+" → "+format.Span(measured))
		}
		return show.Longest(w-2, append(both, text))
	}
	return text
}

// farthestOf is the longest round trip of the fleet.
func farthestOf(s *drill.State) time.Duration {
	longest := time.Duration(1)
	for _, l := range s.Fleet.Links {
		longest = max(longest, measure.RoundTrip(s, l.Between[0], l.Between[1]))
	}
	for _, p := range s.Populations {
		for _, d := range p.Spec.RTT {
			longest = max(longest, d)
		}
	}
	return longest
}
