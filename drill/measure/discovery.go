package measure

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/staleness"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// Discovered is how one region found the authority of a dataset by itself, and what its calls met.
type Discovered struct {
	telemetry.Discovery
	// For is the longest time in which calls were sent to stale endpoints, from the first to the last; so far where they
	// still are. Nothing is known of a region that sent none.
	For Span
	// Going says that calls were sent to a stale endpoint within the last seconds (staleness.Settles).
	Going bool
}

// Share is the part of the calls that went to stale endpoints; false where there were none.
func (d Discovered) Share() (float64, bool) {
	if d.Calls == 0 {
		return 0, false
	}
	return float64(d.Stale) / float64(d.Calls), true
}

// Discoveries is that of every region that finds authorities by itself, and every dataset, in the fleet file's order.
func Discoveries(s *drill.State) []Discovered {
	var all []Discovered
	for _, d := range s.Discovery {
		if d.Kind == "" {
			continue
		}
		out := Discovered{Discovery: d.Discovery, For: Span{Known: d.Calls+d.None > 0}}
		for i, spell := range d.Spells {
			out.For.D = max(out.For.D, spell.Until-spell.From)
			out.Going = i == len(d.Spells)-1 && s.Now-spell.Until < staleness.Settles
		}
		out.For.AtLeast = out.Going && d.Calls+d.None > 0
		all = append(all, out)
	}
	return all
}

// StaleLongest is the longest time in which any region's calls were sent to stale endpoints: seconds from the first to the
// last of a spell. Not known where no region finds authorities by itself, or none called any.
func StaleLongest(s *drill.State) Span {
	var longest Span
	for _, d := range Discoveries(s) {
		if !d.For.Known {
			continue
		}
		longest.Known, longest.AtLeast = true, longest.AtLeast || d.For.AtLeast
		longest.D = max(longest.D, d.For.D)
	}
	return longest
}
