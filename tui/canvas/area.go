package canvas

import (
	"slices"
	"strings"

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
	w, h = min(w, a.W-x), min(h, a.H-y)
	return Area{c: a.c, x: a.x + x, y: a.y + y, W: max(w, 0), H: max(h, 0)}
}

// Inset is the area without a margin of dx columns and dy rows on each side.
func (a Area) Inset(dx, dy int) Area { return a.Sub(dx, dy, a.W-2*dx, a.H-2*dy) }

// Rows is the part from row y on, n rows high.
func (a Area) Rows(y, n int) Area { return a.Sub(0, y, a.W, n) }

// Text writes s at x, y and returns the column after it, whether or not all of
// it was inside.
func (a Area) Text(x, y int, st style.Style, s string) int {
	clusters(s, func(text string, width int) bool {
		if x >= 0 && x+width <= a.W && y >= 0 && y < a.H {
			a.c.set(a.x+x, a.y+y, text, width, st)
		}
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
}

// S makes a span.
func S(st style.Style, text string) Span { return Span{Style: st, Text: text} }

// Line writes spans one after the other from x, in the columns before limit;
// what is cut off is shown by "…". It returns the column after them.
func (a Area) Line(x, y, limit int, spans ...Span) int {
	limit = min(limit, a.W)
	for _, s := range spans {
		if room := limit - x; Width(s.Text) > room {
			return a.Text(x, y, s.Style, Cut(s.Text, room))
		}
		x = a.Text(x, y, s.Style, s.Text)
	}
	return x
}

// Copy draws what another area shows, from the upper left corner.
func (a Area) Copy(from Area) {
	for y := range min(a.H, from.H) {
		for x := range min(a.W, from.W) {
			a.c.cells[(a.y+y)*a.c.W+a.x+x] = from.c.cells[(from.y+y)*from.c.W+from.x+x]
		}
	}
}

// Fill writes the one-column character s into every cell.
func (a Area) Fill(st style.Style, s string) {
	for y := range a.H {
		a.HLine(0, y, a.W, st, s)
	}
}

// HLine repeats a one-column character n times to the right.
func (a Area) HLine(x, y, n int, st style.Style, s string) {
	for i := range n {
		if x+i >= 0 && x+i < a.W && y >= 0 && y < a.H {
			a.c.set(a.x+x+i, a.y+y, s, 1, st)
		}
	}
}

// VLine repeats a one-column character n times downwards.
func (a Area) VLine(x, y, n int, st style.Style, s string) {
	for i := range n {
		a.Text(x, y+i, st, s)
	}
}

// At is the character of a cell; "" for an empty one or one outside.
func (a Area) At(x, y int) string {
	if x < 0 || y < 0 || x >= a.W || y >= a.H {
		return ""
	}
	return a.c.at(a.x+x, a.y+y)
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

// Cut is s in at most w columns, ending in "…" where something was cut off.
func Cut(s string, w int) string {
	if w <= 0 {
		return ""
	}
	if Width(s) <= w {
		return s
	}
	var b strings.Builder
	n := 0
	clusters(s, func(text string, width int) bool {
		if n+width > w-1 {
			return false
		}
		b.WriteString(text)
		n += width
		return true
	})
	return b.String() + "…"
}

// CutMiddle is Cut for what matters at both its ends, and at its end most, as in a path: a
// third of what has room is of the beginning.
func CutMiddle(s string, w int) string {
	n := Width(s)
	if n <= w || w <= 0 {
		return Cut(s, w)
	}
	head := (w - 1) / 3
	var front, back strings.Builder
	at := 0
	clusters(s, func(text string, width int) bool {
		switch {
		case at+width <= head:
			front.WriteString(text)
		case n-at <= w-1-head:
			back.WriteString(text)
		}
		at += width
		return true
	})
	return front.String() + "…" + back.String()
}

// Wrap breaks a text at blanks into lines of at most w columns; a word that is
// longer is broken where the line ends. Line feeds stay.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	var lines []string
	for para := range strings.SplitSeq(s, "\n") {
		lines = append(lines, wrapLine(para, w)...)
	}
	return lines
}

// CutLines is the first n of the lines, each at most w columns; where some are
// left out the last ends in "…".
func CutLines(lines []string, n, w int) []string {
	if n >= len(lines) {
		return lines
	}
	if n <= 0 {
		return nil
	}
	out := slices.Clone(lines[:n])
	out[n-1] = Cut(out[n-1], w-2) + " …"
	if strings.HasSuffix(out[n-1], "… …") {
		out[n-1] = strings.TrimSuffix(out[n-1], " …")
	}
	return out
}

func wrapLine(s string, w int) []string {
	var lines []string
	line, n := "", 0
	for _, word := range strings.Fields(s) {
		size := Width(word)
		if n > 0 && n+1+size > w {
			lines = append(lines, line)
			line, n = "", 0
		}
		for size > w {
			head := take(word, w)
			if head == "" {
				word, size = "", 0 // not even one character fits
				break
			}
			lines = append(lines, head)
			word = word[len(head):]
			size = Width(word)
		}
		if n > 0 {
			line, n = line+" ", n+1
		}
		line, n = line+word, n+size
	}
	return append(lines, line)
}

// take is as much of the beginning of s as fits into w columns, byte for byte.
func take(s string, w int) string {
	n, bytes := 0, 0
	for _, r := range s {
		width := Width(string(r))
		if n+width > w {
			break
		}
		n += width
		bytes += len(string(r))
	}
	return s[:min(bytes, len(s))]
}
