package style

import (
	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"
)

// weights is how many ways there are to be bold, reversed and underlined.
const weights = 8

func (s Style) weight() (w int) {
	for i, is := range []bool{s.Bold, s.Reverse, s.Under} {
		if is {
			w |= 1 << i
		}
	}
	return w
}

// Lipgloss is a style in this theme's colours, for what is drawn by a library.
func (t Theme) Lipgloss(s Style) lipgloss.Style {
	l := lipgloss.NewStyle()
	if s.Ink < roles && t.inks[s.Ink] != nil {
		l = l.Foreground(t.inks[s.Ink])
	}
	if s.Bold {
		l = l.Bold(true)
	}
	if s.Reverse {
		l = l.Reverse(true)
	}
	if s.Under {
		l = l.Underline(true)
	}
	return l
}

// cells is every style as a cell of the screen has it, and what begins it in a terminal. It
// is made once for a theme: a frame asks for some thousand of them.
type cells struct {
	styles [roles][weights]uv.Style
	begins map[uv.Style]string
}

func newCells(t Theme) *cells {
	c := &cells{begins: map[uv.Style]string{}}
	for role := range c.styles {
		for w := range c.styles[role] {
			cell := cellOf(t.Lipgloss(Style{Ink: Role(role), Bold: w&1 != 0, Reverse: w&2 != 0, Under: w&4 != 0}))
			c.styles[role][w], c.begins[cell] = cell, cell.String()
		}
	}
	c.begins[uv.Style{}] = "" // and not a reset
	return c
}

// Cell is a style in this theme's colours, for a cell of the screen.
func (t Theme) Cell(s Style) uv.Style {
	if t.cells == nil || s.Ink >= roles {
		return uv.Style{}
	}
	return t.cells.styles[s.Ink][s.weight()]
}

// SGR is the escape sequence that begins a cell's style; "" for one that is plain.
func (t Theme) SGR(s *uv.Style) string {
	if t.cells != nil {
		if known, is := t.cells.begins[*s]; is {
			return known
		}
	}
	if s.IsZero() {
		return ""
	}
	return s.String() // of a library's own
}

// cellOf is by hand because lipgloss keeps its own conversion to itself.
func cellOf(l lipgloss.Style) uv.Style {
	var c uv.Style
	if _, none := l.GetForeground().(lipgloss.NoColor); !none {
		c.Fg = l.GetForeground()
	}
	if l.GetBold() {
		c.Attrs |= uv.AttrBold
	}
	if l.GetReverse() {
		c.Attrs |= uv.AttrReverse
	}
	if l.GetUnderline() {
		c.Underline = uv.UnderlineSingle
	}
	return c
}
