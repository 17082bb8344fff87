package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// helpDialog shows every key of the table.
type helpDialog struct {
	unpasted
	scroll int
	rows   int
	room   int
}

func (d *helpDialog) key(_ *model, k tea.KeyPressMsg) (bool, tea.Cmd) {
	switch k.String() {
	case "down", "j":
		d.scroll++
	case "up", "k":
		d.scroll--
	case "pgdown", "space":
		d.scroll += d.room
	case "pgup":
		d.scroll -= d.room
	case "esc", "q", "?", "enter":
		return true, nil
	}
	d.scroll = min(max(d.scroll, 0), max(d.rows-d.room, 0))
	return false, nil
}

// helpLine is a heading, a key, or a line about signs.
type helpLine struct {
	heading string
	key     *binding
	sign    []canvas.Span
}

func helpLines(groups ...string) []helpLine {
	var lines []helpLine
	for i, group := range groups {
		if i > 0 {
			lines = append(lines, helpLine{})
		}
		lines = append(lines, helpLine{heading: group})
		for b := range bindings {
			// The panes' digits are told in one line.
			if bindings[b].group == group && (bindings[b].show < "2" || bindings[b].show > "8") {
				lines = append(lines, helpLine{key: &bindings[b]})
			}
		}
	}
	return lines
}

func signLines(g theme.Glyphs) []helpLine {
	sign := func(st theme.Style, glyph, text string) helpLine {
		return helpLine{sign: []canvas.Span{canvas.S(st, glyph), canvas.S(theme.Text, "  "+text)}}
	}
	return []helpLine{
		{}, {heading: "Signs"},
		sign(theme.FineBold, g.Healthy, "healthy"), sign(theme.CautBold, g.Degraded, "degraded: some of its web tier is not ready"),
		sign(theme.CautBold, g.Cordoned, "cordoned: takes no users, no work"), sign(theme.Frozen, g.Frozen, "frozen: connections hang"),
		sign(theme.HarmBold, g.Down, "down"), sign(theme.Star, g.Star, "authority, with its epoch"), sign(theme.CautBold, g.Syncing, "catches up"),
		sign(theme.Caution, "~", "predicted, not measured"), sign(theme.Label, "–", "nothing measured"),
	}
}

func (d *helpDialog) draw(a canvas.Area, _ *model, v pane.View) {
	left := helpLines(groupRegion, groupData, groupRest)
	right := append(helpLines(groupLook), signLines(v.Theme.Glyphs)...)
	wide := a.W >= 116
	rows := len(left) + 1 + len(right)
	w := min(a.W, 84)
	if wide {
		rows, w = max(len(left), len(right)), min(a.W, 120)
	}
	in := over(a, w, min(rows+3, a.H), calmFrame, "Keys", "")
	d.rows, d.room = rows, max(in.H-1, 1)
	d.scroll = min(d.scroll, max(rows-d.room, 0))
	body := in.Sub(0, 0, in.W, in.H-1)
	if wide {
		half := body.W / 2
		drawHelp(body.Sub(0, 0, half-1, body.H), left, d.scroll)
		drawHelp(body.Sub(half+1, 0, body.W-half-1, body.H), right, d.scroll)
	} else {
		drawHelp(body, append(append(left, helpLine{}), right...), d.scroll)
	}
	foot := "esc back"
	if rows > d.room {
		foot = "↑ ↓ scroll   esc back"
	}
	in.Fit(0, in.H-1, in.W, theme.Label, foot)
}

func drawHelp(a canvas.Area, lines []helpLine, scroll int) {
	for y, l := range lines[min(scroll, len(lines)):] {
		if y >= a.H {
			return
		}
		switch {
		case l.heading != "":
			a.Text(0, y, theme.Title, l.heading)
		case l.key != nil:
			show, text := l.key.show, l.key.help
			if show == "1" {
				show, text = "1 – 8", "a pane, in the order of tab"
			}
			st := theme.Key
			if l.key.danger {
				st = theme.HarmBold
			}
			a.Right(9, y, st, show)
			a.Fit(11, y, a.W-11, theme.Text, text)
		case len(l.sign) > 0:
			a.Line(8, y, a.W, l.sign...)
		}
	}
}
