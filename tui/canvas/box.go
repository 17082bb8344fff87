package canvas

import "github.com/fleetdrill/fleetdrill/tui/style"

// Frame is how a box looks.
type Frame struct {
	Line  style.Style
	Title style.Style
	Heavy bool // for what is chosen, so that no colour is needed to see it
	// Mark is one column before the title, for what has the keys: it moves nothing.
	Mark string
}

type edges struct{ h, v, tl, tr, bl, br string }

var (
	thin  = edges{"─", "│", "╭", "╮", "╰", "╯"}
	heavy = edges{"━", "┃", "┏", "┓", "┗", "┛"}
)

// Box draws a frame around an area, with a title in its upper edge and a note
// at that edge's right end, and returns what is inside.
func (a Area) Box(f Frame, title, note string) Area {
	if a.W < 2 || a.H < 2 {
		return a.Sub(0, 0, 0, 0)
	}
	e := thin
	if f.Heavy {
		e = heavy
	}
	a.HLine(1, 0, a.W-2, f.Line, e.h)
	a.HLine(1, a.H-1, a.W-2, f.Line, e.h)
	a.VLine(0, 1, a.H-2, f.Line, e.v)
	a.VLine(a.W-1, 1, a.H-2, f.Line, e.v)
	a.Text(0, 0, f.Line, e.tl)
	a.Text(a.W-1, 0, f.Line, e.tr)
	a.Text(0, a.H-1, f.Line, e.bl)
	a.Text(a.W-1, a.H-1, f.Line, e.br)
	if f.Mark != "" && a.W > 6 {
		a.Text(1, 0, f.Title, f.Mark)
	}
	left := 2
	if title != "" && a.W > 6 {
		left = a.Text(2, 0, f.Title, Cut(" "+title+" ", a.W-4))
	}
	if note != "" && a.W-2-left >= Width(note)+3 {
		a.Right(a.W-2, 0, style.Label, " "+note+" ")
	}
	return a.Inset(1, 1)
}

// Dim leaves what was drawn, in one quiet style, for what is laid over it.
func (a Area) Dim() {
	quiet := a.c.look.Cell(style.Frame)
	for y := range a.H {
		for x := range a.row(y) {
			if c := &a.row(y)[x]; c.Width > 0 { // not the rest of a wide character
				c.Style = quiet
			}
		}
	}
}

// Clear empties an area, for what is laid over the rest.
func (a Area) Clear() { a.c.cells.Buffer.ClearArea(a.Bounds()) }
