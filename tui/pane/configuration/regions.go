package configuration

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure/gitops"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Columns of the table of regions, behind their names: as wide as a short hash and a blank more.
const hashW = 9

// regionLines is a head where there is room for one, a row a region, and below it what differs, by whom and since when, and what the region refuses by it.
func regionLines(sc show.Scene, w int, headed bool) []show.Line {
	name := min(show.NameWidth(sc.State, 6), max(w/4, 6)) + 1
	var out []show.Line
	if headed {
		out = append(out, show.Line{Spans: []canvas.Span{canvas.S(style.Label, pad("", name+2)+pad("wanted", hashW)+pad("has", hashW)+"is")}})
	}
	for _, c := range gitops.Configurations(sc.State) {
		st, sign, word := stands(sc, c)
		row := show.Line{Style: st, Text: word, Spans: []canvas.Span{
			canvas.S(st, sign+" "), canvas.S(style.Strong, pad(canvas.Cut(c.Name, name-1), name)),
			canvas.S(style.Text, pad(hash(c.Wanted), hashW)), canvas.S(hashStyle(c.Region), pad(hash(c.Applied), hashW)),
		}}
		out = append(append(out, row), detailLines(sc, c)...)
	}
	return out
}

func hash(h string) string {
	if h == "" {
		return format.None
	}
	return config.Short(h)
}

func hashStyle(r *config.Region) style.Style {
	if r.Behind() {
		return style.Caution
	}
	return style.Text
}

// stands is how a region's configuration is, in a sign and a few words: the worst of it.
func stands(sc show.Scene, c gitops.Configured) (st style.Style, sign, word string) {
	s, g := sc.State.Config, sc.Theme.Glyphs
	st, sign, word = wrong(sc, c)
	switch {
	case c.Unknown != nil && word != "":
		return st, sign, fmt.Sprintf("%s; not known for %s: %s", word, sc.Age(c.Unknown.At), c.Unknown.Why)
	case c.Unknown != nil:
		return style.Caution, g.Unknown, fmt.Sprintf("not known for %s: %s", sc.Age(c.Unknown.At), c.Unknown.Why)
	case word != "":
		return st, sign, word
	case sc.State.Fleet.Config.Mode != topology.ConfigManual && c.Applied != s.Head.Hash && s.Failed == nil && s.Held != nil:
		return style.Text, g.Waiting, "in sync, held before the newest"
	}
	if refuses := refusals(sc, c.Name); refuses != "" { // what it was given does that
		return style.DangerBold, g.Degraded, "in sync, yet " + refuses
	}
	return style.Fine, g.Done, "in sync for " + sc.Age(c.Since)
}

// wrong is what is wrong with a region's configuration as far as it is known; without words for nothing.
func wrong(sc show.Scene, c gitops.Configured) (st style.Style, sign, word string) {
	g := sc.Theme.Glyphs
	switch {
	case c.Failed != nil:
		return style.Danger, g.Failed, fmt.Sprintf("%s (for %s)", c.Failed.Why, sc.Age(c.Failed.At))
	case len(c.Open) > 0:
		return style.Danger, g.Degraded, "drifted: " + format.Plural(len(c.Open), "field differs", "fields differ")
	case c.Applied == "":
		return style.Caution, g.Starting, "given nothing yet"
	case c.Behind():
		return style.Caution, g.Starting, "behind"
	}
	return st, "", ""
}

// detailLines is what differs in a region, what that costs its users, and how long what differed before took.
func detailLines(sc show.Scene, c gitops.Configured) (out []show.Line) {
	add := func(st style.Style, text string) { out = append(out, show.Line{X: 2, Style: st, Text: text}) }
	for _, d := range sc.State.Config.OpenDrifts(c.Name) {
		seen := "nobody has seen it"
		if d.Seen != nil {
			seen = "seen " + ago(sc, d.Seen)
		}
		for _, f := range d.Fields {
			text := format.Fields([]config.Field{f})
			if d.Made != nil {
				text += ", " + ago(sc, d.Made)
			}
			add(style.Danger, text+", "+seen)
		}
	}
	if refuses := refusals(sc, c.Name); refuses != "" && len(c.Open) > 0 {
		add(style.DangerBold, "so "+refuses)
	}
	if c.MendedAfter != nil {
		add(style.Label, format.Plural(c.Drifts, "change by hand", "changes by hand")+" so far, put right within "+format.Span(*c.MendedAfter))
	}
	return out
}

// refusals is what a region refuses by what it runs; "" for nothing.
func refusals(sc show.Scene, region string) string {
	var why []string
	for _, r := range sc.State.Config.Restrictions(region) {
		why = append(why, r.Why)
	}
	return strings.Join(why, "; ")
}
