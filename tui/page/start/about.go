package start

import (
	"cmp"
	"math"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// drawAbout says of what is selected in the list in focus what there is to know before it is
// started, as far as there is room: what matters most first.
func (p picture) drawAbout(a canvas.Area, n keys.Now) {
	if a.H < 3 {
		return
	}
	title, texts := p.about()
	in := a.Box(canvas.Frame{Line: style.Frame, Title: style.Title}, title, "").Inset(1, 0)
	y := 0
	for _, t := range texts {
		if t.Text == stepsHeading && in.H-y < 3 {
			return // of nothing, or nearly
		}
		for _, l := range canvas.CutLines(canvas.Wrap(t.Text, in.W), in.H-y, in.W) {
			in.Text(0, y, t.Style, l)
			y++
		}
	}
}

// aboutHeight is the rows that all of it takes, w columns wide.
func (p picture) aboutHeight(w int) int {
	rows := 2
	_, texts := p.about()
	for _, t := range texts {
		rows += len(canvas.Wrap(t.Text, w-4))
	}
	return rows
}

// about is a title and what to say, what matters most first.
func (p picture) about() (title string, texts []canvas.Span) {
	switch p.focus {
	case platforms:
		return p.aboutPlatform(p.offer(p.on()))
	case fleets:
		if f := p.fleet(); f != nil {
			return p.aboutFleet(*f)
		}
		return "Fleet", nil
	case journals:
		if p.at[journals] < len(p.journals) {
			return aboutJournal(p.journals[p.at[journals]])
		}
		return "Journal", []canvas.Span{canvas.S(style.Text, "Each drill writes a journal of all that happened in it. It can be played back here, paused and searched.")}
	}
	return p.aboutDrill(p.drill())
}

// stepsHeading is above the steps of a drill.
const stepsHeading = "Step by step:"

func (p picture) aboutDrill(d DrillChoice) (title string, texts []canvas.Span) {
	title = cmp.Or(d.Name, format.FreeDrill)
	if p.len(drills) == 0 {
		return "Drill", []canvas.Span{canvas.S(style.Text, p.empty(drills))}
	}
	if d.Err != nil {
		return title, []canvas.Span{canvas.S(style.Danger, d.Err.Error())}
	}
	if p.unfit != "" {
		texts = append(texts, canvas.S(style.Caution, p.unfit))
	}
	if d.Compares == nil {
		texts = append(texts, p.joins()...)
	}
	texts = append(texts, canvas.S(style.Strong, d.Title))
	if d.Teaches != "" {
		texts = append(texts, canvas.S(style.Text, "Teaches: "+d.Teaches))
	}
	if d.Compares != nil {
		on := "On " + strings.Join(d.Compares, ", ") + ", one after the other"
		if d.Duration > 0 {
			on += ": ~" + span(d.Duration)
		}
		texts = append(texts, canvas.S(style.Label, on+"."))
	} else if f := p.fleet(); f != nil {
		on := "On " + f.Name
		if d.Duration > 0 {
			on = "~" + span(d.Duration) + " on " + f.Name
		}
		if f.Summary != "" {
			on += ": " + f.Summary
		}
		texts = append(texts, canvas.S(style.Label, on+"."))
	}
	if d.Hypothesis != "" && d.Name != "" {
		texts = append(texts, canvas.S(style.Text, "Expected: "+d.Hypothesis))
	} else if d.Hypothesis != "" {
		texts = append(texts, canvas.S(style.Text, d.Hypothesis))
	}
	for i, s := range d.Steps {
		if i == 0 {
			texts = append(texts, canvas.S(style.Label, stepsHeading))
		}
		texts = append(texts, canvas.S(style.Text, s))
	}
	return title, texts
}

// joins says that a start joins a fleet that is up.
func (p picture) joins() []canvas.Span {
	f := p.fleet()
	// The mark is of a fleet that can be joined, as on some platforms none can.
	if f == nil || f.Running == "" || f.Running != p.on() || !p.offer(p.on()).Joins {
		return nil
	}
	return []canvas.Span{canvas.S(style.Caution, f.Name+" runs already: it is joined, and left running afterwards")}
}

func (p picture) aboutFleet(f FleetChoice) (title string, texts []canvas.Span) {
	if f.Err != nil {
		return f.Name, []canvas.Span{canvas.S(style.Danger, f.Err.Error())}
	}
	texts = p.joins()
	d := p.drill()
	switch {
	case p.unfit != "":
		texts = append(texts, canvas.S(style.Caution, p.unfit+"; a free drill is chosen instead."))
	case d.Compares != nil:
		texts = append(texts, canvas.S(style.Text, d.Name+" runs on fleets of its own: "+strings.Join(d.Compares, ", ")+"."))
	case d.Name != "":
		texts = append(texts, canvas.S(style.Text, d.Name+" runs on it."))
	default:
		texts = append(texts, canvas.S(style.Text, "A free drill runs on it."))
	}
	if f.Summary != "" {
		texts = append(texts, canvas.S(style.Label, f.Summary))
	}
	for _, part := range f.Parts {
		texts = append(texts, canvas.S(style.Text, part))
	}
	return f.Name, texts
}

func (p picture) aboutPlatform(o Offer) (title string, texts []canvas.Span) {
	switch {
	case p.machine == nil:
		return o.Name, []canvas.Span{canvas.S(style.Label, "This machine is being looked at.")}
	case !o.Available && len(o.Missing) > 0:
		texts = append(texts, canvas.S(style.Caution, "It can't run here."))
	case !o.Available:
		texts = append(texts, canvas.S(style.Caution, "It can't run here: "+o.Why+"."))
	default:
		var b strings.Builder
		for _, s := range needs(o, math.MaxInt32) {
			b.WriteString(s.Text)
		}
		texts = append(texts, canvas.S(style.Text, "Regions are "+o.What+": "+b.String()+"."))
		if len(o.Missing) == 0 {
			texts = append(texts, canvas.S(style.Fine, "This machine has all that a fleet of three regions needs there."))
		}
	}
	for _, m := range o.Missing {
		texts = append(texts, canvas.S(style.Caution, m.What))
		if m.Fix != "" {
			texts = append(texts, canvas.S(style.Text, "  fix: "+m.Fix))
		}
	}
	if len(o.Missing) > 0 || !o.Available {
		texts = append(texts, canvas.S(style.Label, "“fleetdrill doctor” looks again."))
	}
	return o.Name, texts
}

func aboutJournal(j JournalChoice) (title string, texts []canvas.Span) {
	on := ""
	if j.Path == "" {
		texts = append(texts, canvas.S(style.Text, "A journal that comes with fleetdrill: see a whole drill before you start one."))
	}
	if j.Fleet != "" {
		on = " on " + j.Fleet
	}
	texts = append(texts, canvas.S(style.Text, cmp.Or(j.Drill, "A free drill")+on+", played back with pause, steps and any speed."))
	if j.Verdict != "" {
		texts = append(texts, canvas.S(style.Text, ended(j)))
	}
	if path := clean.Text(j.Path); path != "" {
		texts = append(texts, canvas.S(style.Label, path), canvas.S(style.Label, "report: fleetdrill report "+path))
	}
	return "Journal", texts
}

// ended says in a sentence how a drill ended.
func ended(j JournalChoice) string {
	word, why := j.outcome()
	switch {
	case word == format.FreeDrill:
		return "It was a " + word + ": " + why + "."
	case j.Verdict == drill.Passed || j.Verdict == drill.Failed:
		return "It " + word + "."
	}
	return "It was " + word + "."
}
