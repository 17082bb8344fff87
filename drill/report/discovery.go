package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// Discovery is how one region found the authority of a dataset by itself, and what its calls met. Stale calls went to a
// region that did not answer (Unanswered of them) or does not lead; StaleShare is their part of all, null where there were
// none. StaleFor is the longest time from the first of them to the last, StaleStill says that it was not over. None is
// writes that had no endpoint, and were refused at once.
type Discovery struct {
	Region     string   `json:"region"`
	Dataset    string   `json:"dataset"`
	Kind       string   `json:"kind"`
	Endpoints  []string `json:"endpoints"` // at the end
	Calls      uint64   `json:"calls"`
	Stale      uint64   `json:"stale"`
	StaleShare *float64 `json:"stale_share"`
	Unanswered uint64   `json:"unanswered"`
	None       uint64   `json:"no_endpoint"`
	StaleFor   *float64 `json:"stale_for_s"`
	StaleStill bool     `json:"stale_still"`
}

func discovered(d measure.Discovered) Discovery {
	out := Discovery{
		Region: d.Region, Dataset: d.Dataset, Kind: d.Kind, Endpoints: append([]string{}, d.Endpoints...),
		Calls: d.Calls, Stale: d.Stale, Unanswered: d.Unanswered, None: d.None, StaleStill: d.For.AtLeast,
	}
	if share, known := d.Share(); known {
		out.StaleShare = &share
	}
	if d.For.Known {
		out.StaleFor = span(d.For.D)
	}
	return out
}

// Lookup is what a region's name server answered when it was asked for the name that another region's store (Of) has inside its own
// cluster: addresses, or a response code such as NXDOMAIN.
type Lookup struct {
	Region string `json:"region"`
	Name   string `json:"name"`
	Of     string `json:"of"`
	Says   string `json:"says"`
}

func lookups(s *drill.State) (all []Lookup) {
	for _, l := range s.Lookups {
		all = append(all, Lookup(l))
	}
	return all
}

// discovery writes for how long each region called stale endpoints: the longest first.
func (r Report) discovery(w io.Writer) {
	sorted := slices.Clone(r.Discovery)
	slices.SortStableFunc(sorted, func(a, b Discovery) int {
		switch {
		case a.StaleFor == nil || b.StaleFor == nil || *a.StaleFor == *b.StaleFor:
			return 0
		case *a.StaleFor > *b.StaleFor:
			return -1
		}
		return 1
	})
	for _, d := range sorted {
		long := in(d.StaleFor)
		if d.StaleStill {
			long = "at least " + long
		}
		fmt.Fprintf(w, "%s to %s\t%s\t%s\t%s\n", d.Region, d.Dataset, long, d.Kind, d.line())
	}
	for _, l := range r.Lookups {
		fmt.Fprintf(w, "%s looked up\t%s\t%s's own\t%s\n", l.Region, l.Name, l.Of, format.LookedUp(drill.NameLookedUp(l)))
	}
}

// line is what the calls met.
func (d Discovery) line() string {
	if d.StaleShare == nil && d.None == 0 {
		return "no calls"
	}
	parts := []string{fmt.Sprintf("%s of %s to stale endpoints", format.Count(d.Stale), format.Plural(d.Calls, "call", "calls"))}
	if d.StaleShare != nil && d.Stale > 0 {
		parts[0] += " (" + format.Percent(*d.StaleShare) + ")"
	}
	if d.None > 0 {
		parts = append(parts, format.Count(d.None)+" refused at once, without an endpoint")
	}
	return strings.Join(parts, ", ")
}
