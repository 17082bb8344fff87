package dialog

import (
	"fmt"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// confirm asks before a command is sent, and shows what it is predicted to do.
// Cancel has the focus first; what can't be undone wants a name typed.
type confirm struct {
	guard
	command runbook.Command
	yes     bool // the confirming button has the focus
	typed   Input
	why     string // why it was not confirmed
}

func newConfirm(c runbook.Command, now time.Time) Dialog {
	return &confirm{guard: guard{now}, command: c}
}

func (d *confirm) Typing() bool      { return false }
func (d *confirm) Paste(text string) { d.typed.Add(text) }

// confirmation is what is asked as things stand; they change while it is shown.
func (d *confirm) confirmation(s *drill.State) action.Confirmation {
	if ask := action.Confirmed(s, d.command); ask != nil {
		return *ask
	}
	return action.Confirmation{}
}

func (d *confirm) Key(k tea.KeyPressMsg, c Context) Outcome {
	if !d.takes(c.Local) {
		return Outcome{}
	}
	word := d.confirmation(c.State).Type
	switch k.String() {
	case "esc":
		return Outcome{Close: true}
	case "tab", "shift+tab", "left", "right":
		d.yes = !d.yes
		return Outcome{}
	case "enter":
		return d.enter(c, word)
	}
	if word != "" {
		if d.typed.Key(k) {
			d.why, d.yes = "", d.typed.Text == word
		}
		return Outcome{}
	}
	switch k.String() {
	case "h", "l":
		d.yes = !d.yes
	case "y":
		d.yes = true
		return d.enter(c, word)
	case "q", "n":
		return Outcome{Close: true}
	}
	return Outcome{}
}

func (d *confirm) enter(c Context, word string) Outcome {
	if !d.yes {
		return Outcome{Close: true}
	}
	if word != "" && d.typed.Text != word {
		d.why = fmt.Sprintf("type “%s” to confirm", word)
		return Outcome{}
	}
	if d.why = c.Refused(d.command); d.why != "" {
		return Outcome{}
	}
	return Outcome{Close: true, Choice: Send{d.command}}
}

func (d *confirm) Draw(a canvas.Area, c Context) {
	ask := d.confirmation(c.State)
	lines, note := ask.Lines, ""
	if ask.Impact != nil {
		lines, note = append(slices.Clone(ask.Impact.Lines), lines...), "predicted"
	}
	w := min(74, a.W-2)
	var text []string
	if why := verdict.Alters(c.State, d.command); why != "" {
		text = canvas.Wrap(capital(why), w-6)
	}
	spoils := len(text)
	for _, l := range lines {
		text = append(text, canvas.Wrap(l, w-6)...)
	}
	asked := 4 // a blank, the buttons, a blank, what the keys do
	if ask.Type != "" {
		asked += 3
	}
	frame, first := calmFrame, style.Strong
	if act, _ := action.Find(d.command.Verb); act.Words.Dangerous {
		frame, first = dangerFrame, style.DangerBold
	}
	in := over(a, w, len(text)+asked+2, frame, capital(d.command.String())+"?", note)
	// What takes keys is always seen: it stands at the bottom, and the text gives way.
	for y, l := range canvas.CutLines(text, in.H-asked, in.W-2) {
		st := style.Text
		switch {
		case y < spoils:
			st = style.CautBold
		case y == spoils:
			st = first
		}
		in.Text(1, y, st, l)
	}
	if d.armed(c.Local) {
		d.drawButtons(in.Rows(max(in.H-asked+1, 0), asked-1), c, ask)
	}
}

// drawButtons draws what must be typed, where something must, and the buttons.
func (d *confirm) drawButtons(a canvas.Area, c Context, ask action.Confirmation) {
	st := style.Danger
	if ask.Type != "" {
		a.Fit(1, 0, a.W-1, style.DangerBold, ask.Irreversible)
		x := a.Text(1, 1, style.Label, fmt.Sprintf("type %s to confirm: ", ask.Type))
		d.typed.Draw(a, x, 1, a.W-x)
		if d.typed.Text != ask.Type {
			st = style.Label
		}
	}
	x := button(a, c, 1, a.H-3, !d.yes, style.Text, "Cancel")
	button(a, c, x, a.H-3, d.yes, st, canvas.Cut(capital(d.command.String()), a.W-x-5))
	foot, fst := "y does it   n goes back   or tab and enter", style.Label
	if ask.Type != "" {
		foot = "tab chooses   enter does it   esc goes back"
	}
	if d.why != "" {
		foot, fst = d.why, style.CautBold
	}
	a.Fit(1, a.H-1, a.W-1, fst, foot)
}

func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}
