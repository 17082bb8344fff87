package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// harmDialog asks before something is taken away from users, and shows what is
// predicted to break. Cancel has the focus first; when a last copy would go, or
// what was promised is given up, the region's name must be typed.
type harmDialog struct {
	guard
	command drill.Command
	confirm bool // the confirming button has the focus
	name    input
	why     string // why it was not confirmed
}

func newHarmDialog(c drill.Command, now time.Time) *harmDialog {
	return &harmDialog{command: c, guard: guard{now}}
}

func noteCommand(text string) drill.Command {
	return drill.Command{Verb: drill.VerbNote, Text: text, By: "operator"}
}

func (d *harmDialog) paste(text string) { d.name.add(text) }

// target is the region that the command is about.
func (d *harmDialog) target() string {
	if d.command.Region != "" {
		return d.command.Region
	}
	return d.command.To // of a partition nothing is typed
}

// typed reports whether the region's name must be typed.
func (d *harmDialog) typed(s *drill.State) bool {
	switch d.command.Verb {
	case drill.VerbForce:
		return true
	case drill.VerbReseed, drill.VerbPartition, drill.VerbMode:
		return false
	}
	return len(predicted(s, d.command).LastCopy) > 0
}

func (d *harmDialog) key(m *model, k tea.KeyPressMsg) (bool, tea.Cmd) {
	if !d.armed(m.opt.Clock()) {
		return false, nil
	}
	mustType := d.typed(m.live.state)
	switch k.String() {
	case "esc":
		return true, nil
	case "tab", "shift+tab", "left", "right":
		d.confirm = !d.confirm
		return false, nil
	case "enter":
		if !d.confirm {
			return true, nil
		}
		if mustType && d.name.text != d.target() {
			d.why = fmt.Sprintf("type “%s” to confirm", d.target())
			return false, nil
		}
		if why := canCommand(m); why != "" {
			d.why = why
			return false, nil
		}
		return true, m.send(d.command)
	}
	if mustType {
		if d.name.key(k) {
			d.why, d.confirm = "", d.name.text == d.target()
		}
		return false, nil
	}
	switch k.String() {
	case "h", "l":
		d.confirm = !d.confirm
	case "q", "n":
		return true, nil
	}
	return false, nil
}

func (d *harmDialog) draw(a canvas.Area, m *model, v pane.View) {
	lines, last := d.lines(v.State)
	w := min(74, a.W-2)
	var text []string
	for _, l := range lines {
		text = append(text, canvas.Wrap(l, w-6)...)
	}
	mustType := last != ""
	asked := 4 // a blank, the buttons, a blank, what the keys do
	if mustType {
		asked += 3
	}
	note := "predicted"
	if d.command.Verb == drill.VerbMode {
		note = "" // what a promise says is no prediction
	}
	in := over(a, w, len(text)+asked+2, dangerFrame, capital(d.command.String())+"?", note)
	// What takes keys is always seen: it stands at the bottom, and the text gives way.
	for y, l := range canvas.CutLines(text, in.H-asked, in.W-2) {
		st := theme.Text
		if y == 0 {
			st = theme.HarmBold
		}
		in.Text(1, y, st, l)
	}
	if d.armed(m.opt.Clock()) {
		d.drawAsked(in.Rows(max(in.H-asked+1, 0), asked-1), v, last)
	}
}

// drawAsked draws what must be typed, where something must, and the buttons.
func (d *harmDialog) drawAsked(a canvas.Area, v pane.View, last string) {
	st := theme.Harm
	if last != "" {
		a.Fit(1, 0, a.W-1, theme.HarmBold, last)
		x := a.Text(1, 1, theme.Label, fmt.Sprintf("type %s to confirm: ", d.target()))
		d.name.draw(a, x, 1, a.W-x)
		if d.name.text != d.target() {
			st = theme.Label
		}
	}
	x := button(a, v, 1, a.H-3, !d.confirm, theme.Text, "Cancel")
	button(a, v, x, a.H-3, d.confirm, st, canvas.Cut(capital(d.command.String()), a.W-x-5))
	foot, fst := "tab chooses   enter does it   esc goes back", theme.Label
	if d.why != "" {
		foot, fst = d.why, theme.CautBold
	}
	a.Fit(1, a.H-1, a.W-1, fst, foot)
}

// lines says what is predicted to break, and what can't be undone.
func (d *harmDialog) lines(s *drill.State) (lines []string, last string) {
	switch d.command.Verb {
	case drill.VerbPromote:
		return promoteLines(s, d.command), ""
	case drill.VerbForce:
		return forceLines(s, d.command), fmt.Sprintf("Acknowledged writes of %s may be lost.", d.command.Dataset)
	case drill.VerbReseed:
		return reseedLines(s, d.command), ""
	case drill.VerbMode:
		return modeLines(s, d.command), ""
	case drill.VerbPartition:
		return append(pane.DialogLines(predicted(s, d.command)), partitionLines(s, d.command)...), ""
	}
	p := predicted(s, d.command)
	if len(p.LastCopy) > 0 {
		last = fmt.Sprintf("No other copy of %s answers: it would be gone.", joined(p.LastCopy))
	}
	return pane.DialogLines(p), last
}

// promoteLines says what a promotion may lose: what the authority acknowledged
// and this replica never got, which nobody can ask while the authority is away.
func promoteLines(s *drill.State, c drill.Command) []string {
	lines := []string{fmt.Sprintf("%s becomes the authority of %s in a new epoch", c.To, c.Dataset)}
	d := s.Dataset(c.Dataset)
	if d == nil {
		return lines
	}
	switch d.Authority {
	case "":
	case c.To:
		lines = append(lines, fmt.Sprintf("it led %s when it was lost: it has what it acknowledged, unless its disk is gone", c.Dataset))
	default:
		lines = append(lines, fmt.Sprintf("acknowledged writes that %s had and %s had not are lost; how many is unknown until the ledger is checked", d.Authority, c.To))
	}
	// Who is ahead is told by the position, whatever an engine counts with it; how
	// much that is, only by the entries.
	best, position, has := c.To, uint64(0), uint64(0)
	if r := d.Replicas[c.To]; r != nil {
		position, has = r.Position, r.Entries
	}
	for name, r := range d.Replicas {
		if reg := s.Region(name); reg != nil && reg.Health.Serves() && r.Position > position {
			best, position = name, r.Position
		}
	}
	if best != c.To {
		lines = append(lines, fmt.Sprintf("%s has more of it: %s writes, %s has %s", best, pane.Count(d.Replicas[best].Entries), c.To, pane.Count(has)))
	}
	return lines
}

// predicted is what a command is predicted to break; empty where nothing is predicted of it.
func predicted(s *drill.State, c drill.Command) drill.Impact {
	p, _ := action.Predict(s, c)
	return p
}
