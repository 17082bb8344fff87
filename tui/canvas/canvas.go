// Package canvas is a grid of cells that panes draw on. Whatever is drawn
// outside it is dropped, so nothing can be wider or higher than the screen, and
// what comes in from outside (a region's name, an engine's error) can bring no
// escape sequence with it.
package canvas

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/tui/style"
)

// cell is one column of a row. A wide character fills its own cell and leaves
// the next one with tail set.
type cell struct {
	text string
	look style.Style
	tail bool
}

// Canvas is a grid of W columns and H rows.
type Canvas struct {
	W, H  int
	cells []cell
}

// New makes an empty canvas; a negative size is none.
func New(w, h int) *Canvas {
	w, h = max(w, 0), max(h, 0)
	return &Canvas{W: w, H: h, cells: make([]cell, w*h)}
}

// All is the whole canvas as an area.
func (c *Canvas) All() Area { return Area{c: c, W: c.W, H: c.H} }

func (c *Canvas) set(x, y int, text string, width int, s style.Style) {
	if x < 0 || y < 0 || y >= c.H || x+width > c.W {
		return
	}
	row := c.cells[y*c.W : (y+1)*c.W]
	// Half of a wide character can't stay behind.
	if row[x].tail && x > 0 {
		row[x-1] = cell{text: " ", look: row[x-1].look}
	}
	if end := x + width; end < c.W && row[end].tail {
		row[end] = cell{}
	}
	row[x] = cell{text: text, look: s}
	for i := 1; i < width; i++ {
		row[x+i] = cell{look: s, tail: true}
	}
}

// at is the text of a cell; "" for an empty one.
func (c *Canvas) at(x, y int) string {
	if x < 0 || y < 0 || x >= c.W || y >= c.H {
		return ""
	}
	return c.cells[y*c.W+x].text
}

// clusters calls yield with each character of s as a terminal shows it, and how
// many columns it takes. Line ends and tabs become a space, other control
// characters and escape sequences vanish.
func clusters(s string, yield func(text string, width int) bool) {
	for len(s) > 0 {
		if b := s[0]; b >= ' ' && b < 0x7f && (len(s) == 1 || s[1] < utf8.RuneSelf) {
			if !yield(s[:1], 1) {
				return
			}
			s = s[1:]
			continue
		}
		seq, width, n, _ := ansi.DecodeSequence(s, ansi.NormalState, nil)
		if n == 0 {
			return
		}
		s = s[n:]
		if width == 0 {
			if !strings.ContainsAny(seq, "\n\t") || strings.HasPrefix(seq, "\x1b") {
				continue
			}
			seq, width = " ", 1
		}
		if r, _ := utf8.DecodeRuneInString(seq); unicode.IsControl(r) || r == utf8.RuneError {
			seq, width = "?", 1
		}
		if !yield(seq, width) {
			return
		}
	}
}

// Width is how many columns a text takes.
func Width(s string) int {
	n := 0
	clusters(s, func(_ string, width int) bool { n += width; return true })
	return n
}

// String is the canvas with the escape sequences of a theme; rows are joined by
// line feeds, and have no plain blanks at their ends.
func (c *Canvas) String(t style.Theme) string {
	var b strings.Builder
	b.Grow(c.W*c.H*2 + c.H)
	for y := range c.H {
		if y > 0 {
			b.WriteByte('\n')
		}
		c.row(&b, c.cells[y*c.W:(y+1)*c.W], t)
	}
	return b.String()
}

func (c *Canvas) row(b *strings.Builder, row []cell, t style.Theme) {
	end := len(row)
	for end > 0 && blank(row[end-1]) {
		end--
	}
	open, shown := "", style.Style{}
	for _, cell := range row[:end] {
		if cell.tail {
			continue
		}
		// A blank shows nothing of its ink, so it need not change it.
		if !empty(cell) || solid(cell.look) || solid(shown) {
			if sgr := t.SGR(cell.look); sgr != open {
				if open != "" {
					b.WriteString(style.Reset)
				}
				b.WriteString(sgr)
				open, shown = sgr, cell.look
			}
		}
		switch {
		case cell.text == "":
			b.WriteByte(' ')
		case t.ASCII:
			plain(b, cell.text)
		default:
			b.WriteString(cell.text)
		}
	}
	if open != "" {
		b.WriteString(style.Reset)
	}
}

func empty(c cell) bool { return !c.tail && (c.text == "" || c.text == " ") }

// solid styles show on a blank too.
func solid(s style.Style) bool { return s.Reverse || s.Under }

func blank(c cell) bool { return empty(c) && !solid(c.look) }

// plain writes what a cell shows as ASCII of the same width.
func plain(b *strings.Builder, text string) {
	if width, ascii := Width(text), style.ToASCII(text); len(ascii) == width {
		b.WriteString(ascii)
	} else {
		b.WriteString(strings.Repeat("?", width))
	}
}
