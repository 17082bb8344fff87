package start

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// line is a line of a list.
type line struct {
	of    int // which thing of the list it is; -1 for a heading, or what is said of the one above
	name  canvas.Span
	text  []canvas.Span
	must  bool // the text is shown however little room it has
	right []canvas.Span
}

// lines are the lines of a list that is w columns wide.
func (p picture) lines(s section, n keys.Now, w int) []line {
	switch s {
	case platforms:
		return p.platformRows(n, w)
	case fleets:
		return p.fleetRows(n, w)
	case journals:
		return p.journalRows(n, w)
	}
	return p.drillRows()
}

// notRight marks a file with mistakes in it; what they are is said below once it is selected.
var notRight = canvas.S(style.Danger, " not right")

func (p picture) drillRows() []line {
	if !p.listed {
		return nil
	}
	var out []line
	for _, r := range p.list.rows {
		if r.item < 0 {
			l := line{of: -1, name: canvas.S(style.Label, r.heading)}
			if r.heading == firstHeading {
				l.name = canvas.S(style.TitleHot, p.firstWords())
			}
			out = append(out, l)
			continue
		}
		it := p.list.items[r.item]
		d := p.Drills[it.drill]
		l := line{of: r.item, name: canvas.S(style.Text, cmp.Or(d.Name, format.FreeDrill)), text: []canvas.Span{canvas.S(style.Label, d.Title)}}
		if d.Duration > 0 {
			l.right = []canvas.Span{canvas.S(style.Label, " ~"+span(d.Duration))}
		}
		switch {
		case d.Err != nil:
			l.name.Style = style.Label
			l.right = []canvas.Span{notRight}
		case it.first:
			l.name.Style = style.Strong
		}
		out = append(out, l)
	}
	return out
}

// span is a time as long as a drill: seconds, or minutes.
func span(d time.Duration) string {
	if d < 90*time.Second {
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
	return format.Minutes(d)
}

// firstWords is the heading above what is to be done first: how long it takes with its fleet, and
// what is needed for it.
func (p picture) firstWords() string {
	o := p.offer(p.on())
	if p.machine == nil || !o.Available || p.len(drills) == 0 {
		return firstHeading
	}
	minutes := int(math.Ceil((p.Drills[p.list.items[0].drill].Duration + o.Duration).Minutes()))
	with := "nothing to install"
	if o.Engine != "" {
		with = "on " + o.Name
	}
	return fmt.Sprintf("%s: %s, %s", firstHeading, format.Plural(max(minutes, 1), "minute", "minutes"), with)
}

func (p picture) platformRows(n keys.Now, w int) []line {
	g := n.Theme.Glyphs
	var out []line
	for i, on := range p.Platforms {
		o := p.offer(on)
		l := line{of: i, name: canvas.S(style.Text, g.Healthy+" "+on), must: true}
		room := w - canvas.Width(l.name.Text) - 4
		var missing []string
		switch {
		case p.machine == nil:
			l.name.Text = g.Starting + " " + on
			l.text = []canvas.Span{canvas.S(style.Label, "being looked at")}
		case !o.Available:
			l.name = canvas.S(style.Label, g.Down+" "+on)
			l.text = []canvas.Span{canvas.S(style.Label, "can't run here")}
			missing = []string{o.Why}
		default:
			l.text = needs(o, room)
			missing = shortOf(o, w)
		}
		out = append(out, l)
		const indent = "    "
		for _, m := range missing {
			for _, text := range canvas.CutLines(canvas.Wrap(m, w-len(indent)), 2, w-len(indent)) {
				out = append(out, line{of: -1, name: canvas.S(style.Caution, indent+text)})
			}
		}
	}
	return out
}

// shortOf is what a machine that can run fleets on a platform is not at ease with: in full, or by
// name where that would be cut.
func shortOf(o Offer, w int) (lines []string) {
	const inFull = 60
	if w < inFull && len(o.Missing) > 0 {
		var names []string
		for _, m := range o.Missing {
			names = append(names, m.Name)
		}
		return []string{"short of " + strings.Join(names, ", ")}
	}
	for _, m := range o.Missing {
		lines = append(lines, m.What)
	}
	return lines
}

// needs is what a fleet takes on a platform that can be had, what matters most first, as far as
// it has room: "~2 min, ~1.9 GiB of 7.7 GiB free, docker 28.5".
func needs(o Offer, room int) []canvas.Span {
	var parts []canvas.Span
	if o.Duration > 0 {
		parts = append(parts, canvas.S(style.Text, "~"+format.Minutes(o.Duration)))
	}
	if o.Memory > 0 {
		parts = append(parts, canvas.S(style.Label, "~"+format.Bytes(o.Memory)))
		if o.MemoryFree > 0 {
			st := style.Label
			if o.MemoryFree < o.Memory {
				st = style.DangerBold
			}
			parts = append(parts, canvas.S(st, format.Bytes(o.MemoryFree)+" free"))
		}
	}
	if o.Engine != "" {
		parts = append(parts, canvas.S(style.Label, o.Engine))
	} else {
		parts = append([]canvas.Span{canvas.S(style.Text, "nothing to install")}, parts...)
	}
	var out []canvas.Span
	for _, part := range parts {
		if len(out) > 0 {
			part.Text = ", " + part.Text
		}
		if room -= canvas.Width(part.Text); room < 0 {
			break
		}
		out = append(out, part)
	}
	return out
}

func (p picture) fleetRows(n keys.Now, w int) []line {
	name, summary, up := 0, 0, 0
	for _, f := range p.Fleets {
		name, summary = max(name, canvas.Width(f.Name)), max(summary, canvas.Width(f.Summary))
		if f.Running != "" {
			up = max(up, canvas.Width(upOn(n, f)))
		}
	}
	var out []line
	for i, f := range p.Fleets {
		what := f.Summary
		if 2+name+2+summary+up+1 > w {
			what, _, _ = strings.Cut(what, ", ") // the regions: the rest is said below
		}
		l := line{of: i, name: canvas.S(style.Text, f.Name), text: []canvas.Span{canvas.S(style.Label, what)}}
		if f.Err != nil {
			l.name.Style = style.Label
			l.text, l.right = nil, []canvas.Span{notRight}
		}
		if f.Running != "" {
			l.right = []canvas.Span{canvas.S(style.Fine, upOn(n, f))}
		}
		out = append(out, l)
	}
	return out
}

// upOn is where a fleet is up.
func upOn(n keys.Now, f FleetChoice) string {
	return " " + n.Theme.Glyphs.Healthy + " up on " + f.Running
}

func (p picture) journalRows(n keys.Now, w int) []line {
	var out []line
	for i, j := range p.journals {
		when := j.When.Format("Jan 02 15:04")
		switch {
		case j.Path == "":
			when = "sample"
		case w < 40:
			when = j.When.Format("Jan 02")
		}
		l := line{of: i, name: canvas.S(style.Label, when), must: true, text: []canvas.Span{canvas.S(style.Text, cmp.Or(j.Drill, format.FreeDrill))}}
		if word, _ := j.outcome(); j.Verdict != "" && word != format.FreeDrill { // which its name says
			l.right = []canvas.Span{verdict(j.Verdict, word, n.Theme.Glyphs, w)}
		}
		out = append(out, l)
	}
	return out
}

// verdict is how a drill ended: a sign, and where there is room the word.
func verdict(v drill.Verdict, word string, g style.Glyphs, w int) canvas.Span {
	const forWords = 40
	sign, st := g.Unknown, style.Label
	switch v {
	case drill.Passed:
		sign, st = g.Done, style.Fine
	case drill.Failed:
		sign, st = g.Failed, style.Danger
	}
	if w >= forWords {
		sign += " " + word
	}
	return canvas.S(st, " "+sign)
}
