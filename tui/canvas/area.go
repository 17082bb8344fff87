package canvas

import (
	uv "github.com/charmbracelet/ultraviolet"

	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Area is a rectangle of a canvas with its own origin. What is drawn outside it
// is dropped. It is a value: copies draw on the same canvas.
type Area struct {
	c    *Canvas
	x, y int
	W, H int
}

// Sub is the part of an area that begins at x, y and is at most w × h.
func (a Area) Sub(x, y, w, h int) Area {
	if x < 0 {
		x, w = 0, w+x
	}
	if y < 0 {
		y, h = 0, h+y
	}
	x, y = min(x, a.W), min(y, a.H)
	w, h = min(w, a.W-x), min(h, a.H-y)
	return Area{c: a.c, x: a.x + x, y: a.y + y, W: max(w, 0), H: max(h, 0)}
}

// Bounds is where on the screen an area is.
func (a Area) Bounds() uv.Rectangle { return uv.Rect(a.x, a.y, a.W, a.H) }

// Look is the theme that an area is drawn in.
func (a Area) Look() style.Theme { return a.c.look }

// Draw lets a library draw into an area, which it clears. Foreign text in it must be clean.
func (a Area) Draw(d uv.Drawable) {
	if a.W > 0 && a.H > 0 {
		d.Draw(a.c.cells, a.Bounds())
	}
}

// set puts a character into a cell, if all of it is inside.
func (a Area) set(x, y int, cell *uv.Cell) {
	if x >= 0 && x+cell.Width <= a.W && y >= 0 && y < a.H {
		a.c.cells.Lines[a.y+y].Set(a.x+x, cell)
	}
}

// Inset is the area without a margin of dx columns and dy rows on each side.
func (a Area) Inset(dx, dy int) Area { return a.Sub(dx, dy, a.W-2*dx, a.H-2*dy) }

// Rows is the part from row y on, n rows high.
func (a Area) Rows(y, n int) Area { return a.Sub(0, y, a.W, n) }

// Text writes s at x, y and returns the column after it, whether or not all of
// it was inside.
func (a Area) Text(x, y int, st style.Style, s string) int {
	cell := uv.Cell{Style: a.c.look.Cell(st)}
	clusters(s, func(text string, width int) bool {
		cell.Content, cell.Width = text, width
		a.set(x, y, &cell)
		x += width
		return true
	})
	return x
}

// Fit writes s at x, y in at most w columns; what is cut off is shown by "…".
func (a Area) Fit(x, y, w int, st style.Style, s string) int {
	w = min(w, a.W-x)
	return a.Text(x, y, st, Cut(s, w))
}

// Right writes s so that it ends before column x.
func (a Area) Right(x, y int, st style.Style, s string) int {
	start := x - Width(s)
	a.Text(start, y, st, s)
	return start
}

// Center writes s in the middle of the columns from x, w wide.
func (a Area) Center(x, y, w int, st style.Style, s string) {
	s = Cut(s, w)
	a.Text(x+(w-Width(s))/2, y, st, s)
}

// Span is a piece of a line with a style of its own.
type Span struct {
	Style style.Style
	Text  string
	Press Key // the key that a click on it presses; "" for none
}

// S makes a span.
func S(st style.Style, text string) Span { return Span{Style: st, Text: text} }

// Pressing makes a click on a span press a key.
func (s Span) Pressing(key Key) Span {
	s.Press = key
	return s
}

// SpansWidth is how many columns spans take one after the other.
func SpansWidth(spans []Span) (w int) {
	for _, s := range spans {
		w += Width(s.Text)
	}
	return w
}

// Line writes spans one after the other from x, in the columns before limit;
// what is cut off is shown by "…". It returns the column after them.
func (a Area) Line(x, y, limit int, spans ...Span) int {
	limit = min(limit, a.W)
	for _, s := range spans {
		text := Cut(s.Text, limit-x)
		end := a.Text(x, y, s.Style, text)
		if s.Press != "" {
			a.Sub(x, y, end-x, 1).Zone(s.Press)
		}
		if x = end; text != s.Text {
			break
		}
	}
	return x
}

// Copy draws what another area shows, from the upper left corner.
func (a Area) Copy(from Area) {
	for y := range min(a.H, from.H) {
		copy(a.row(y), from.row(y))
	}
}

// row is the cells of a row.
func (a Area) row(y int) uv.Line { return a.c.cells.Lines[a.y+y][a.x : a.x+a.W] }

// HLine repeats a one-column character n times to the right.
func (a Area) HLine(x, y, n int, st style.Style, s string) {
	cell := uv.Cell{Content: s, Width: 1, Style: a.c.look.Cell(st)}
	for i := range n {
		a.set(x+i, y, &cell)
	}
}

// VLine repeats a one-column character n times downwards.
func (a Area) VLine(x, y, n int, st style.Style, s string) {
	for i := range n {
		a.Text(x, y+i, st, s)
	}
}

// At is the character of a cell; " " for an empty one, "" for one outside.
func (a Area) At(x, y int) string {
	if x < 0 || y < 0 || x >= a.W || y >= a.H {
		return ""
	}
	return a.c.cells.CellAt(a.x+x, a.y+y).Content
}

// Blank reports whether n cells from x, y on are empty, or outside.
func (a Area) Blank(x, y, n int) bool {
	for i := range n {
		if t := a.At(x+i, y); t != "" && t != " " {
			return false
		}
	}
	return true
}
