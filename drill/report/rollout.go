package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/gitops"
)

// Rollout is how a commit reached the regions, of those that came after the fleet's first one. Bad is why no region was given it,
// null of one that could be. After is how long each region waited for it, null of one that did not get it. By is the number of the
// command that made it, null of one that was made by git.
type Rollout struct {
	Revision string              `json:"revision"`
	Subject  string              `json:"subject"`
	Author   string              `json:"author"`
	Reverts  *string             `json:"reverts"`
	By       *int                `json:"command"`
	At       float64             `json:"at_s"`
	Bad      *string             `json:"bad"`
	Waves    []Wave              `json:"waves"`
	After    map[string]*float64 `json:"applied_after_s"`
}

// Wave is a wave of regions. Released is how long after the commit it was let through, null where it was not, and Held what kept it
// last. Of the users whom the router sent to its regions then so many asked and were affected by the commit until it was taken back or
// the drill ended; null where nobody counted them.
type Wave struct {
	Wave     int      `json:"wave"` // from 1
	Regions  []string `json:"regions"`
	Released *float64 `json:"released_after_s"`
	Held     *string  `json:"held"`
	Asked    *int     `json:"asked"`
	Affected *int     `json:"affected"`
	Share    *float64 `json:"share"`
}

func rollout(r gitops.Rollout) Rollout {
	out := Rollout{
		Revision: r.Revision.Hash, Subject: clean.Text(r.Revision.Subject), Author: clean.Text(r.Revision.Author), Reverts: text(r.Revision.Reverts),
		At: seconds(r.At), Bad: text(clean.Text(r.CommitAt.Bad)), Waves: list(r.Waves, wave), After: map[string]*float64{},
	}
	if r.Command != nil {
		out.By = ptr(r.Command.ID)
	}
	for _, h := range r.Had {
		out.After[h.Region] = nil
		if h.After != nil {
			out.After[h.Region] = span(*h.After)
		}
	}
	return out
}

func wave(w gitops.Wave) Wave {
	out := Wave{Wave: w.Number + 1, Regions: w.Regions, Held: text(w.Held)}
	if w.Released != nil {
		out.Released = span(*w.Released)
	}
	if w.Users.Known {
		out.Asked, out.Affected, out.Share = ptr(w.Users.Asked), ptr(w.Users.Affected), ptr(w.Users.Share)
	}
	return out
}

// rollouts writes how each commit reached the regions, and below it its waves where there are several.
func (r Report) rollouts(w io.Writer) {
	for _, c := range r.Rollouts {
		what := "commit"
		if c.Reverts != nil {
			what = "revert"
		}
		fmt.Fprintf(w, "%s %s\t%s\t%s\n", what, config.Short(c.Revision), c.Subject, c.line())
		if len(c.Waves) == 1 && c.Waves[0].Released != nil {
			if users := c.Waves[0].users(); users != "" {
				fmt.Fprintf(w, "\t\t%s\n", users)
			}
			continue
		}
		for _, wave := range c.Waves {
			fmt.Fprintf(w, "\twave %d, %s\t%s\n", wave.Wave, format.And(wave.Regions), wave.line())
		}
	}
}

// line is how long regions waited for the commit, of all that have it the longest, and which do not have it.
func (c Rollout) line() string {
	if c.Bad != nil {
		return "given to no region: " + *c.Bad
	}
	var longest *float64
	var without []string
	for _, region := range slices.Sorted(maps.Keys(c.After)) {
		switch after := c.After[region]; {
		case after == nil:
			without = append(without, region)
		case longest == nil || *after > *longest:
			longest = after
		}
	}
	switch {
	case longest == nil:
		return "reached no region"
	case len(without) > 0:
		return fmt.Sprintf("reached %s within %s, not %s", format.Plural(len(c.After)-len(without), "region", "regions"), in(longest), format.And(without))
	case len(c.After) == 1:
		return "reached it within " + in(longest)
	}
	return "reached every region within " + in(longest)
}

func (w Wave) line() string {
	var parts []string
	switch {
	case w.Released != nil:
		parts = append(parts, "let through after "+in(w.Released))
	case w.Held != nil:
		parts = append(parts, "held: "+*w.Held)
	default:
		parts = append(parts, "not let through")
	}
	if users := w.users(); users != "" {
		parts = append(parts, users)
	}
	return strings.Join(parts, "; ")
}

// users is whom the commit affected of the wave's users; "" where nobody counted them.
func (w Wave) users() string {
	if w.Share == nil {
		return ""
	}
	return fmt.Sprintf("affected %s, %s of %s who asked", format.Percent(*w.Share), format.Count(*w.Affected), format.Plural(*w.Asked, "user", "users"))
}
