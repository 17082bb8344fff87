package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// paletteDialog finds a command by its words and runs it.
type paletteDialog struct {
	line input
	at   int
}

// entry is one thing that the palette can do. Region and dataset are focused
// first, so that the same reasons and dialogs hold as for the key.
type entry struct {
	text, help string
	region     string
	binding    *binding
}

func (d *paletteDialog) paste(text string) { d.line.add(text); d.at = 0 }

// entries is every command there is: those about a region once for each region.
func entries(m *model) []entry {
	var list []entry
	var regions []string
	if m.live != nil {
		regions = m.live.state.Fleet.RegionNames()
	}
	for i := range bindings {
		b := &bindings[i]
		switch {
		case b.show == ":" || b.show == "esc" || b.help == "":
			continue
		case b.each:
			for _, r := range regions {
				list = append(list, entry{text: regionWords(b, m.dataset, r), help: b.help, region: r, binding: b})
			}
		default:
			list = append(list, entry{text: b.name, help: b.help, binding: b})
		}
	}
	return list
}

func regionWords(b *binding, dataset, region string) string {
	if b.group == groupData {
		return b.name + " " + dataset + " to " + region
	}
	return b.name + " " + region
}

// matching is the entries that contain every word that was typed, those that
// begin with the first of them before the rest.
func (d *paletteDialog) matching(m *model) []entry {
	words := strings.Fields(strings.ToLower(d.line.text))
	var first, rest []entry
	for _, e := range entries(m) {
		text, ok := strings.ToLower(e.text), true
		for _, w := range words {
			ok = ok && strings.Contains(text, w)
		}
		switch {
		case !ok:
		case len(words) > 0 && strings.HasPrefix(text, words[0]):
			first = append(first, e)
		default:
			rest = append(rest, e)
		}
	}
	return append(first, rest...)
}

func (d *paletteDialog) key(m *model, k tea.KeyPressMsg) (bool, tea.Cmd) {
	list := d.matching(m)
	switch k.String() {
	case "esc":
		return true, nil
	case "down", "tab", "ctrl+n":
		d.at = min(d.at+1, max(len(list)-1, 0))
	case "up", "shift+tab", "ctrl+p":
		d.at = max(d.at-1, 0)
	case "enter":
		if d.at >= len(list) {
			return false, nil
		}
		e := list[d.at]
		if e.region != "" {
			m.region = e.region
		}
		m.dialog = nil // so that the command can open one of its own
		return true, m.press(e.binding)
	default:
		d.line.key(k)
		d.at = 0
	}
	return false, nil
}

func (d *paletteDialog) draw(a canvas.Area, m *model, v pane.View) {
	list := d.matching(m)
	in := over(a, 84, min(20, a.H-2), calmFrame, "Command", "")
	x := in.Text(0, 0, theme.Key, ": ")
	d.line.draw(in, x, 0, in.W-x)
	room := in.H - 3
	from := max(0, d.at-room+1)
	for y := 0; y < room && from+y < len(list); y++ {
		d.drawEntry(in.Rows(2+y, 1), m, v, list[from+y], from+y == d.at)
	}
	if len(list) == 0 {
		in.Text(2, 2, theme.Label, "no command has these words")
	}
	in.Fit(0, in.H-1, in.W, theme.Label, "↑ ↓ choose   enter runs it   esc back")
}

func (d *paletteDialog) drawEntry(row canvas.Area, m *model, v pane.View, e entry, chosen bool) {
	st, help := theme.Text, theme.Label
	if why := whyFor(m, e); why != "" {
		st, e.help = theme.Label, why
	}
	if chosen {
		row.Text(0, 0, theme.Star, v.Theme.Glyphs.Pointer)
		st.Bold = true
	}
	row.Right(5, 0, theme.Key, canvas.Cut(e.binding.show, 3))
	row.Fit(6, 0, 28, st, e.text)
	row.Fit(36, 0, row.W-36, help, e.help)
}

// whyFor is why an entry can't be done now.
func whyFor(m *model, e entry) string {
	if e.binding.why == nil {
		return ""
	}
	was := m.region
	defer func() { m.region = was }()
	if e.region != "" {
		m.region = e.region
	}
	return e.binding.why(m)
}
