package dialog

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/keys"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// form takes the parameters of a command that are typed: a line each, which the action's own
// parameters check. It is by hand, on bubbles' textinput: huh's form goes from field to field by
// commands that come back as messages, and a dialog is a function of keys that a test can press.
type form struct {
	action  action.Action
	command runbook.Command
	fields  []field
	at      int
	why     string // why it was not taken
}

type field struct {
	param param.Param
	line  Input
}

// newForm takes the typed parameters of an action; nil where it has none.
func newForm(a action.Action, c runbook.Command) *form {
	d := &form{action: a, command: c}
	for _, p := range a.Params {
		if keys.Typed(p) {
			d.fields = append(d.fields, field{param: p})
		}
	}
	if len(d.fields) == 0 {
		return nil
	}
	return d
}

func (d *form) Typing() bool      { return true }
func (d *form) Paste(text string) { d.fields[d.at].line.Add(text) }

func (d *form) Key(k tea.KeyPressMsg, c Context) Outcome {
	n := len(d.fields)
	switch k.String() {
	case "esc":
		return Outcome{Close: true}
	case "tab", "down":
		d.at = (d.at + 1) % n
	case "shift+tab", "up":
		d.at = (d.at + n - 1) % n
	case "enter":
		return d.enter(c)
	default:
		d.fields[d.at].line.Key(k)
		d.why = ""
	}
	return Outcome{}
}

// enter goes to the next empty line that must not be, else takes all. With nothing
// typed where something must be, the command is dropped.
func (d *form) enter(c Context) Outcome {
	command := d.command
	for i, f := range d.fields {
		switch {
		case f.line.Text == "" && f.param.Optional:
		case f.line.Text == "" && i == d.at:
			return Outcome{Close: true}
		case f.line.Text == "":
			d.at = i
			return Outcome{}
		default:
			if err := f.param.Set(&command, f.line.Text); err != nil {
				d.at, d.why = i, err.Error()
				return Outcome{}
			}
		}
	}
	if d.why = c.Refused(command); d.why != "" {
		return Outcome{}
	}
	return Outcome{Choice: Want{Command: command, Typed: true}}
}

func (d *form) Draw(a canvas.Area, c Context) {
	title := capital(d.action.Words.Help)
	if len(d.fields) > 1 {
		title = capital(words(d.action, d.command))
	}
	said, st := d.said()
	inner, _ := c.inside(formW, 0)
	lines := canvas.Wrap(said, max(inner, 1))
	in := over(a, formW, len(d.fields)+len(lines)+3, calmFrame, title, "")
	if len(d.fields) == 1 {
		d.fields[0].line.Draw(in, 0, 0, in.W)
	} else {
		d.drawFields(in, c)
	}
	for y, l := range canvas.CutLines(lines, in.H-1-len(d.fields), in.W) {
		in.Text(0, len(d.fields)+y, st, l)
	}
	foot := "enter does it   esc drops it"
	if len(d.fields) > 1 {
		foot = "tab next   " + foot
	}
	in.Fit(0, in.H-1, in.W, style.Label, foot)
}

// formW is as wide as a form is, where the screen is.
const formW = 70

// said is why what was typed was not taken, or else what the line is for that is typed now, and how it is written.
func (d *form) said() (string, style.Style) {
	if d.why != "" {
		return d.why, style.CautBold
	}
	p := d.fields[d.at].param
	text := "like " + strings.Join(append([]string{p.Example}, p.Forms...), ", or ")
	if len(d.fields) == 1 { // else each line says it
		text = p.Help + ", " + text
	}
	return text, style.Label
}

// drawFields draws a line for each parameter, with an example beside empty ones.
func (d *form) drawFields(in canvas.Area, c Context) {
	label := 0
	for _, f := range d.fields {
		label = max(label, canvas.Width(f.param.Help))
	}
	label = min(label, in.W/2)
	for y, f := range d.fields {
		if y == d.at {
			in.Text(0, y, style.Star, c.Theme.Glyphs.Pointer)
		}
		in.Fit(2, y, label, style.Text, f.param.Help)
		x := label + 4
		switch {
		case y == d.at:
			f.line.Draw(in, x, y, in.W-x)
		case f.line.Text == "":
			in.Fit(x, y, in.W-x, style.Label, "like "+f.param.Example)
		default:
			in.Fit(x, y, in.W-x, style.Strong, f.line.Text)
		}
	}
}

// Next is the dialog that a command still needs: for a parameter that is chosen,
// for those that are typed, to confirm it; nil where it can be sent.
func Next(c Context, want Want) Dialog {
	a, known := action.Find(want.Command.Verb)
	if !known {
		return nil
	}
	if p, missing := keys.Missing(a, want.Command); missing {
		return newChoose(a, want.Command, p, c)
	}
	if f := newForm(a, want.Command); f != nil && !want.Typed {
		return f
	}
	if action.Confirmed(c.State, want.Command) != nil {
		return newConfirm(want.Command, c.Local)
	}
	return nil
}
