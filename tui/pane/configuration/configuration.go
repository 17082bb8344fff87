// Package configuration draws what a fleet's regions are to run by their repository: which revision each is to have and has, what
// differs from it, and what a commit waits for.
package configuration

import (
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/show"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Title says who reconciles, and how often.
func Title(sc show.Scene) (title, note string) {
	how := sc.State.Fleet.Config
	if how == nil {
		return "Configuration", ""
	}
	switch how.Mode {
	case topology.ConfigManual:
		return "Configuration", "manual: nobody reconciles"
	case topology.ConfigHub:
		return "Configuration", "the hub reconciles every " + format.Span(how.Every)
	}
	return "Configuration", "each region reconciles every " + format.Span(how.Every)
}

// Draw draws all of it, from a line on.
func Draw(a canvas.Area, sc show.Scene, from int) {
	switch s := sc.State; {
	case s.Fleet.Config == nil:
		for y, l := range canvas.CutLines(canvas.Wrap(Ungoverned, a.W), a.H, a.W) {
			a.Text(0, y, style.Label, l)
		}
		return
	case s.Config == nil:
		a.Fit(0, 0, a.W, style.Label, "nothing was read of the repository yet")
		return
	}
	keys := sc.Hints.Config
	body := a
	if keys != "" && a.H > 2 {
		body = a.Rows(0, a.H-1)
		a.Fit(0, a.H-1, a.W, style.Label, keys)
	}
	lines := append(fleetLines(sc), regionLines(sc, a.W, body.H >= headedFrom)...)
	if all := append(slices.Clone(lines), whereLines(sc)...); show.Rows(all, a.W) <= body.H { // the timeline has it too: it is no reason to hide a region
		lines = all
	}
	show.DrawLines(body, lines, from, sc.Hints.ScrollOn)
}

// headedFrom is from how many rows on the table of regions has a head.
const headedFrom = 8

// Ungoverned says of a fleet that no repository governs it.
const Ungoverned = "this fleet's file has no config: its platform gives regions what they run"

// fleetLines is what is of the whole fleet: the newest commit, how far it is, and why nothing new comes to any region.
func fleetLines(sc show.Scene) (out []show.Line) {
	s := sc.State.Config
	if s.Suspended != nil {
		out = append(out, labelled("hub", style.DangerBold, fmt.Sprintf("does not answer for %s: nobody reconciles, drift stays", sc.Age(s.Suspended.At))))
	}
	if s.Failed != nil {
		out = append(out, labelled("repo", style.Danger, fmt.Sprintf("for %s: %s; what regions have stays", sc.Age(s.Failed.At), s.Failed.Why)))
	}
	if s.Head.Hash == "" {
		return append(out, labelled("main", style.Label, "no commit is known yet"))
	}
	newest := s.Commits[len(s.Commits)-1]
	st, text := style.Text, revision(s.Head)
	if s.Head.Author != "" {
		text += fmt.Sprintf(" (%s, %s ago)", s.Head.Author, sc.Age(newest.At))
	}
	if newest.Bad != "" {
		if st, text = style.Danger, text+"; no region is given it"; s.Failed == nil || s.Failed.Why != newest.Bad { // else it is told above
			text += ": " + newest.Bad
		}
	}
	out = append(out, labelled("main", st, text))
	return append(out, waveLines(sc, newest)...)
}

// whereLines is how people reach the repository; nothing in a journal of before.
func whereLines(sc show.Scene) []show.Line {
	if commits := sc.State.Config.Commits; len(commits) > 0 && commits[0].Where != "" {
		return []show.Line{{Style: style.Label, Text: "git clone " + commits[0].Where}}
	}
	return nil
}

// revision is a commit as people tell it: its short hash and its subject.
func revision(r config.Revision) string {
	if r.Subject == "" {
		return config.Short(r.Hash)
	}
	return config.Short(r.Hash) + " " + r.Subject
}

// labelW is the columns of the labels.
const labelW = 7

func labelled(label string, st style.Style, text string) show.Line {
	return show.Line{Spans: []canvas.Span{canvas.S(style.Label, pad(label, labelW))}, Style: st, Text: text}
}

func pad(s string, w int) string {
	for canvas.Width(s) < w {
		s += " "
	}
	return s
}

// ago is how long before now a time was; "unknown" where it is not known.
func ago(sc show.Scene, at *time.Duration) string {
	if at == nil {
		return format.Unknown
	}
	return sc.Age(*at) + " ago"
}
