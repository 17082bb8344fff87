package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// quitDialog asks what to do with the fleet. Cancel has the focus first.
type quitDialog struct {
	unpasted
	guard
	at   int
	keep bool // the fleet can outlive the program
	why  string
}

func newQuitDialog(m *model) *quitDialog {
	d := &quitDialog{guard: guard{m.opt.Clock()}}
	switch {
	case m.page() == pageBringUp && !m.live.session.Found():
		d.why = "A fleet that is only half up can't be kept."
	case !m.live.session.CanKeep():
		d.why = "Its processes end with this program, so it can't be kept."
	default:
		d.keep = true
	}
	return d
}

type quitChoice struct {
	text string
	do   func(*model) tea.Cmd
}

func (d *quitDialog) choices() []quitChoice {
	list := []quitChoice{{"Cancel", func(*model) tea.Cmd { return nil }}}
	if d.keep {
		list = append(list, quitChoice{"Keep it running", func(m *model) tea.Cmd { return m.leave(true) }})
	}
	return append(list, quitChoice{"Take it down", func(m *model) tea.Cmd { return m.leave(false) }})
}

func (d *quitDialog) key(m *model, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if !d.armed(m.opt.Clock()) {
		return false, nil
	}
	n := len(d.choices())
	switch k.String() {
	case "tab", "right", "l", "down", "j":
		d.at = (d.at + 1) % n
	case "shift+tab", "left", "h", "up", "k":
		d.at = (d.at + n - 1) % n
	case "home":
		d.at = 0
	case "end":
		d.at = n - 1
	case "esc", "q":
		return true, nil
	case "enter":
		return true, d.choices()[d.at].do(m)
	}
	return false, nil
}

func (d *quitDialog) draw(a canvas.Area, m *model, v pane.View) {
	h := 7
	if d.why != "" {
		h++
	}
	in := over(a, 64, h, calmFrame, "Quit: what about the fleet?", "")
	x := in.Text(1, 0, theme.Strong, v.State.Fleet.Name)
	in.Fit(x, 0, in.W-x, theme.Text, " runs on "+v.State.On+".")
	y := 1
	if d.why != "" {
		in.Fit(1, y, in.W-1, theme.Label, d.why)
		y++
	}
	y++
	if !d.armed(m.opt.Clock()) {
		return
	}
	x = 1
	for i, c := range d.choices() {
		x = button(in, v, x, y, i == d.at, theme.Text, c.text)
	}
	in.Fit(1, y+2, in.W-1, theme.Label, "tab chooses   enter does it   esc goes back")
}

func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

func joined(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
