package dialog

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// quit asks what to do with the fleet. Cancel has the focus first.
type quit struct {
	noText
	guard
	at   int
	keep bool   // the fleet can be left running
	why  string // why it can't
	stay bool   // the result is shown then
}

// quitWidth is the columns of the box, quitText those of a line in it: without frame and margins, and the blank before it.
const quitWidth, quitText = 64, 59

// NewQuit asks what to do with the fleet; why says why it can't be left running,
// "" where it can.
func NewQuit(why string, now time.Time) Dialog {
	return &quit{guard: guard{now}, keep: why == "", why: why}
}

// NewEnd asks what to do with the fleet of a drill that is ended so that its result is seen.
func NewEnd(why string, now time.Time) Dialog {
	return &quit{guard: guard{now}, keep: why == "", why: why, stay: true}
}

type quitChoice struct {
	text   string
	choice Choice
}

func (d *quit) choices() []quitChoice {
	list := []quitChoice{{text: "Cancel"}}
	if d.keep {
		list = append(list, quitChoice{"Keep it running", Leave{Keep: true, Stay: d.stay}})
	}
	return append(list, quitChoice{"Take it down", Leave{Stay: d.stay}})
}

func (d *quit) Key(k tea.KeyPressMsg, c Context) Outcome {
	if !d.takes(c.Local) {
		return Outcome{}
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
	case "esc", "q", "n":
		return Outcome{Close: true}
	case "y":
		return Outcome{Close: true, Choice: Leave{Stay: d.stay}}
	case "enter":
		return Outcome{Close: true, Choice: d.choices()[d.at].choice}
	}
	return Outcome{}
}

func (d *quit) Draw(a canvas.Area, c Context) {
	var lines []string
	for _, l := range []string{d.why, unfinished(c.State)} {
		if l != "" {
			lines = append(lines, canvas.Wrap(l, quitText)...)
		}
	}
	title := "Quit: what about the fleet?"
	if d.stay {
		title = "End the drill: what about the fleet?"
	}
	in := over(a, quitWidth, 7+len(lines), calmFrame, title, "")
	x := in.Text(1, 0, style.Strong, c.State.Fleet.Name)
	in.Fit(x, 0, in.W-x, style.Text, " runs on "+c.State.On+".")
	y := 1
	for _, l := range lines {
		in.Fit(1, y, in.W-1, style.Caution, l)
		y++
	}
	y++
	if !d.armed(c.Local) {
		return
	}
	x = 1
	for i, choice := range d.choices() {
		x = button(in, c, x, y, i == d.at, style.Text, choice.text)
	}
	in.Fit(1, y+2, in.W-1, style.Label, "y takes it down   n goes back   or tab and enter")
}

// unfinished says what quitting now does to the result of a plan; "" where there is none.
func unfinished(s *drill.State) string {
	if s.Plan == nil || s.Verdict != "" {
		return ""
	}
	if s.Step < 0 {
		return "The drill has not come to its first step: its verdict will be “aborted”."
	}
	return fmt.Sprintf("The drill is at step %d of %d: its verdict will be “aborted”.", s.Step+1, len(s.Plan.Steps))
}
