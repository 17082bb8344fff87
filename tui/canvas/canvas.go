// Package canvas is how panes draw on ultraviolet's cells: by rectangles with their own
// origin, in styles by name. Whatever is drawn outside a rectangle is dropped, so nothing
// can be wider or higher than the screen, and what comes in from outside (a region's name,
// an engine's error) can bring no escape sequence with it.
package canvas

import (
	"strings"
	"sync"
	"unicode/utf8"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Canvas is the cells of one frame, and the look that they are drawn in.
type Canvas struct {
	cells uv.ScreenBuffer
	look  style.Theme
	zones Zones
}

// spare keeps the cells of a frame for the next: on a large screen they are a megabyte, and
// to make them anew takes half of a frame's time.
var spare = sync.Pool{New: func() any {
	c := &Canvas{cells: uv.NewScreenBuffer(0, 0)}
	c.cells.Method = ansi.GraphemeWidth
	return c
}}

// New makes an empty canvas of w columns and h rows; a negative size is none.
func New(w, h int, look style.Theme) *Canvas {
	c := spare.Get().(*Canvas)
	c.cells.Resize(max(w, 0), max(h, 0))
	c.cells.Buffer.Clear()
	c.look, c.zones = look, nil
	return c
}

// Free gives a canvas back that nobody looks at any more. One that is not freed is only slower.
func (c *Canvas) Free() { spare.Put(c) }

// All is the whole canvas as an area.
func (c *Canvas) All() Area {
	b := c.cells.Bounds()
	return Area{c: c, W: b.Dx(), H: b.Dy()}
}

// String is the canvas as styled text; rows are joined by line feeds, and have no plain
// blanks at their ends. It is by hand because ultraviolet's Render works out anew what each
// cell's style changes of the one before, which takes a third of a frame's time.
func (c *Canvas) String() string {
	var b strings.Builder
	b.Grow(2 * c.cells.Width() * c.cells.Height())
	for y, row := range c.cells.Lines {
		if y > 0 {
			b.WriteByte('\n')
		}
		end := len(row)
		for end > 0 && blank(&row[end-1]) {
			end--
		}
		if c.look.ASCII {
			plain(row[:end])
		}
		c.write(&b, row[:end])
	}
	return b.String()
}

func (c *Canvas) write(b *strings.Builder, row uv.Line) {
	open := &uv.Style{}
	for i := range row {
		cell := &row[i]
		if cell.Width == 0 {
			continue // the rest of a wide character
		}
		// A blank shows nothing of its ink, so it need not change it.
		if cell.Style != *open && (cell.Content != " " || solid(&cell.Style) || solid(open)) {
			if !open.IsZero() {
				b.WriteString(ansi.ResetStyle)
			}
			b.WriteString(c.look.SGR(&cell.Style))
			open = &cell.Style
		}
		b.WriteString(cell.Content)
	}
	if !open.IsZero() {
		b.WriteString(ansi.ResetStyle)
	}
}

// solid styles show on a blank too.
func solid(s *uv.Style) bool {
	return s.Attrs&uv.AttrReverse != 0 || s.Underline != uv.UnderlineNone || s.Bg != nil
}

func blank(c *uv.Cell) bool { return c.Content == " " && !solid(&c.Style) }

// plain makes what cells show ASCII of the same width.
func plain(row uv.Line) {
	for i := range row {
		c := &row[i]
		if ascii := style.ToASCII(c.Content); len(ascii) == c.Width {
			c.Content = ascii
		} else {
			c.Content = strings.Repeat("?", c.Width)
		}
	}
}

// clusters calls yield with each character of s as a terminal shows it, and how many
// columns it takes. It is by hand because ultraviolet's StyledString obeys what is in a text.
func clusters(s string, yield func(text string, width int) bool) {
	s = clean.Text(s)
	for len(s) > 0 {
		text, width := s[:1], 1
		if s[0] >= utf8.RuneSelf || len(s) > 1 && s[1] >= utf8.RuneSelf {
			text, width = ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		}
		if width > 0 && !yield(text, width) {
			return
		}
		s = s[len(text):]
	}
}

// Width is how many columns a text takes.
func Width(s string) int {
	n := 0
	clusters(s, func(_ string, width int) bool { n += width; return true })
	return n
}
