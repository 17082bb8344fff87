package canvas

import (
	"strings"
	"testing"

	uv "github.com/charmbracelet/ultraviolet"

	"github.com/fleetdrill/fleetdrill/tui/style"
)

func drawn(w, h int, draw func(Area)) string {
	c := New(w, h, style.Theme{})
	draw(c.All())
	return c.String()
}

func TestText(t *testing.T) {
	tests := []struct {
		name string
		draw func(Area)
		want string
	}{
		{"cut at the right", func(a Area) { a.Text(7, 0, style.Text, "abcdef") }, "       abc"},
		{"cut at the left", func(a Area) { a.Text(-2, 0, style.Text, "abcdef") }, "cdef"},
		{"below", func(a Area) { a.Text(0, 1, style.Text, "abc") }, ""},
		{"a wide character that does not fit", func(a Area) { a.Text(7, 0, style.Text, "a日本") }, "       a日"},
		{"over the second half of a wide one", func(a Area) { a.Text(0, 0, style.Text, "日本"); a.Text(1, 0, style.Text, "x") }, " x本"},
		{"over the first half of a wide one", func(a Area) { a.Text(0, 0, style.Text, "日本"); a.Text(2, 0, style.Text, "x") }, "日x"},
		{"line feeds and tabs are blanks", func(a Area) { a.Text(0, 0, style.Text, "a\nb\tc") }, "a b c"},
		{"escape sequences are seen, not obeyed", func(a Area) { a.Text(0, 0, style.Text, "a\x1b[1mb") }, `a\u001b[1m`},
		{"a byte that is no text is seen as one", func(a Area) { a.Text(0, 0, style.Text, "a\xffb") }, `a\u00ffb`},
		{"right", func(a Area) { a.Right(10, 0, style.Text, "abc") }, "       abc"},
		{"fit", func(a Area) { a.Fit(0, 0, 4, style.Text, "abcdef") }, "abc…"},
		{"spans", func(a Area) { a.Line(0, 0, 6, S(style.Text, "abc"), S(style.Text, "defgh")) }, "abcde…"},
		{"inside a part", func(a Area) { a.Sub(2, 0, 3, 1).Text(1, 0, style.Text, "abcdef") }, "   ab"},
		{"a part that begins before", func(a Area) { a.Sub(-2, 0, 4, 1).Text(0, 0, style.Text, "abcdef") }, "ab"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := drawn(10, 1, tt.draw); got != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		in   string
		w    int
		want string
	}{
		{"one two three", 7, "one two|three"},
		{"abcdefghij k", 4, "abcd|efgh|ij k"},
		{"a\n\nb", 5, "a||b"},
		{"日本日本", 5, "日本|日本"},
		{"日", 1, ""},
		{"", 5, ""},
	}
	for _, tt := range tests {
		if got := strings.Join(Wrap(tt.in, tt.w), "|"); got != tt.want {
			t.Errorf("%q in %d: got %q, want %q", tt.in, tt.w, got, tt.want)
		}
	}
}

func TestCut(t *testing.T) {
	lines := []string{"one two", "three", "four"}
	tests := []struct{ name, got, want string }{
		{"both ends, where they fit", CutMiddle("a/b.c", 5), "a/b.c"},
		{"both ends of a path", CutMiddle("a/long/path/b.c", 6), "a…/b.c"},
		{"both ends, wide", CutMiddle("日本日本", 6), "…日本"},
		{"nothing", CutMiddle("abc", 0), ""},
		{"all lines", strings.Join(CutLines(lines, 3, 7), "|"), "one two|three|four"},
		{"some lines", strings.Join(CutLines(lines, 2, 7), "|"), "one two|three …"},
		{"a full last line", strings.Join(CutLines(lines, 1, 7), "|"), "one …"},
		{"no lines", strings.Join(CutLines(lines, 0, 7), "|"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Fatalf("got %q, want %q", tt.got, tt.want)
			}
		})
	}
	if lines[1] != "three" {
		t.Fatal("the lines themselves were changed")
	}
}

func TestStringChangesStyleOnlyWhereItShows(t *testing.T) {
	for noColor, want := range map[bool]string{false: "\x1b[38;2;95;176;242ma b  \x1b[mc", true: "a b  c"} {
		c := New(12, 1, style.New(style.Options{NoColor: noColor}))
		c.All().Text(0, 0, style.Fine, "a b")
		c.All().Text(5, 0, style.Text, "c")
		c.All().Text(8, 0, style.Fine, "  ") // nothing is seen of it
		if got := c.String(); got != want {
			t.Errorf("no colour %v: got %q, want %q", noColor, got, want)
		}
	}
}

// TestASCIIOfAnyName holds that a name of another script takes its columns with ASCII.
func TestASCIIOfAnyName(t *testing.T) {
	c := New(22, 1, style.New(style.Options{NoColor: true, ASCII: true}))
	c.All().Text(0, 0, style.Text, "● Zürich 東京 ‹e\u0301› 👩‍💻|")
	if got := c.String(); got != "o Z?rich ???? ??? ??|" {
		t.Fatalf("drawn as %q", got)
	}
}

// TestDraw holds that what a library draws stays inside its area, and takes its columns.
func TestDraw(t *testing.T) {
	got := drawn(8, 2, func(a Area) {
		a.Text(0, 0, style.Text, "........")
		a.Sub(2, 0, 4, 1).Draw(uv.NewStyledString("日本語\nbelow"))
	})
	if want := "..日本..\n"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// TestCopyAndDim hold that wide characters come through whole.
func TestCopyAndDim(t *testing.T) {
	th := style.New(style.Options{NoColor: true})
	from := New(6, 1, th)
	from.All().Text(0, 0, style.Strong, "a日b")
	if got := drawn(8, 1, func(a Area) { a.Sub(1, 0, 7, 1).Copy(from.All()) }); got != " \x1b[1ma日b\x1b[m" {
		t.Errorf("copied %q", got)
	}
	from.All().Dim()
	if got := from.String(); got != "a日b" {
		t.Errorf("dimmed %q", got)
	}
}
