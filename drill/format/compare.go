package format

import (
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// Row is one number of two drills side by side.
type Row struct{ What, Before, Now string }

// Compare holds two runs of a drill side by side: when, how they were judged, and each number that a
// report begins with. What was not measured is unknown; of several datasets each has its own rows.
func Compare(before, now *drill.State) []Row {
	var rows []Row
	add := func(what string, say func(*drill.State) string) {
		rows = append(rows, Row{what, say(before), say(now)})
	}
	add("began", func(s *drill.State) string { return Dated(s.Started, time.DateTime) })
	add("verdict", func(s *drill.State) string { word, _ := Outcome(s); return word })
	names := []string{""}
	if len(now.Datasets) > 1 {
		names = nil
		for _, d := range now.Datasets {
			names = append(names, d.Name)
		}
	}
	for _, name := range names {
		of := after(" of ", name)
		add("RTO"+of, func(s *drill.State) string {
			if len(measure.Moves(s, name)) == 0 {
				return "no leader moved"
			}
			return Least(measure.RTO(s, name))
		})
		add("RPO"+of, func(s *drill.State) string { return Least(measure.RPO(s, name)) })
		add("writes lost"+of, func(s *drill.State) string { return LeastCount(measure.Lost(s, name)) })
	}
	add("users affected", func(s *drill.State) string {
		a := measure.BlastRadius(s)
		if !a.Known {
			return Unknown
		}
		return fmt.Sprintf("%s (%s of %s)", Percent(a.Share), Count(a.Affected), Count(a.Asked))
	})
	add("recovered after", func(s *drill.State) string {
		if len(s.Faults) == 0 {
			return "nothing was broken"
		}
		return Least(measure.Recovery(s))
	})
	add("served again after", func(s *drill.State) string { return Least(measure.ServedAgainLast(s, "")) })
	add("requests failed", func(s *drill.State) string {
		r := measure.RequestsOf(s)
		if !r.Known {
			return Unknown
		}
		return fmt.Sprintf("%s of %s", Count(r.Failed), Count(r.Requests))
	})
	if measure.SplitBrains(before).N+measure.SplitBrains(now).N > 0 {
		add("split brains", func(s *drill.State) string { return Count(measure.SplitBrains(s).N) })
	}
	return rows
}
