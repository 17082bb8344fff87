package past

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/journal"
)

// lastRuns is the newest runs of a drill that were judged, the earliest first: whether a team gets faster is read from left to right.
// Without a drill's name it is the one that ran last. Fewer than asked for are an error only where there are not two.
func lastRuns(all []journal.Summary, named string, most int) ([]string, error) {
	var paths []string
	for _, j := range all { // the newest first
		if j.Err != nil || j.Drill == "" || j.Verdict == "" || named != "" && j.Drill != named {
			continue
		}
		named = j.Drill
		if paths = append(paths, j.Path); len(paths) == most {
			break
		}
	}
	switch {
	case named == "":
		return nil, fmt.Errorf("no drill was judged yet: fleetdrill run DRILL makes a run to begin with")
	case len(paths) < 2:
		return nil, fmt.Errorf("there are not two judged runs of %s, so nothing can be held side by side: fleetdrill journals lists what there is, fleetdrill run makes another", clean.Text(named))
	}
	slices.Reverse(paths)
	return paths, nil
}
