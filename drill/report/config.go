package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/gitops"
)

// Config is what became of one region's configuration: which revision it was to have and had at the end, how often it was changed by
// hand, and how long it took, at the longest, until a reconciler saw that and until it was put right; null where that never was.
// Open is what was changed by hand and not put right; Refuses is what the region refused at the end by its objects. Newest is how long it waited for the newest commit, null where it did not
// get it or began with it. UnknownSince is since when all of this is no more than what was known last, on the drill's clock, and UnknownWhy why; null
// where it was known at the end.
type Config struct {
	Region      string   `json:"region"`
	Wanted      *string  `json:"revision_wanted"`
	Applied     *string  `json:"revision_applied"`
	Drifts      int      `json:"drifts"`
	SeenAfter   *float64 `json:"drift_seen_after_s"`
	MendedAfter *float64 `json:"drift_mended_after_s"`
	Open        []string `json:"drift_open"`
	Refuses     []string `json:"refuses"`
	Newest      *float64 `json:"newest_commit_after_s"`
	Failed      *string  `json:"failed"`

	UnknownSince *float64 `json:"unknown_since_s"`
	UnknownWhy   *string  `json:"unknown_why"`
}

func configured(s *drill.State, c gitops.Configured) Config {
	out := Config{Region: c.Name, Wanted: text(c.Wanted), Applied: text(c.Applied), Drifts: c.Drifts, Open: []string{}, Refuses: []string{}}
	for _, r := range s.Config.Restrictions(c.Name) {
		out.Refuses = append(out.Refuses, r.Why)
	}
	for _, f := range c.Open {
		out.Open = append(out.Open, format.Fields([]config.Field{f}))
	}
	if c.SeenAfter != nil {
		out.SeenAfter = span(*c.SeenAfter)
	}
	if c.MendedAfter != nil {
		out.MendedAfter = span(*c.MendedAfter)
	}
	if c.Newest != nil {
		out.Newest = span(*c.Newest)
	}
	if c.Failed != nil {
		out.Failed = text(clean.Text(c.Failed.Why))
	}
	if c.Unknown != nil {
		out.UnknownSince, out.UnknownWhy = span(c.Unknown.At), text(clean.Text(c.Unknown.Why))
	}
	return out
}

// configuration writes what of each region's configuration there is to tell.
func (r Report) configuration(w io.Writer) {
	for _, c := range r.Config {
		if line := c.line(); line != "" {
			fmt.Fprintf(w, "configuration of %s\t%s\n", c.Region, line)
		}
	}
}

// line is "" of a region that had from the beginning what it was to have.
func (c Config) line() string {
	var parts []string
	if c.Newest != nil {
		parts = append(parts, "had the newest commit after "+in(c.Newest))
	}
	if c.Wanted != nil && (c.Applied == nil || *c.Wanted != *c.Applied) {
		parts = append(parts, "is behind")
	}
	if c.Drifts > 0 {
		text := format.Plural(c.Drifts, "change by hand", "changes by hand")
		switch {
		case c.MendedAfter != nil:
			text += ", put right within " + in(c.MendedAfter)
		case c.SeenAfter == nil:
			text += ", which nobody saw"
		}
		parts = append(parts, text)
	}
	if len(c.Open) > 0 {
		parts = append(parts, "at the end "+strings.Join(c.Open, ", "))
	}
	if len(c.Refuses) > 0 {
		parts = append(parts, "so "+strings.Join(c.Refuses, ", "))
	}
	if c.Failed != nil {
		parts = append(parts, *c.Failed)
	}
	if c.UnknownSince != nil {
		parts = append(parts, "not known since "+format.Clock(format.Seconds(*c.UnknownSince))+": "+*c.UnknownWhy)
	}
	return strings.Join(parts, "; ")
}
