package canvas

import (
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/tui/theme"
)

func drawn(w, h int, draw func(Area)) string {
	c := New(w, h)
	draw(c.All())
	return c.String(theme.Theme{})
}

func TestText(t *testing.T) {
	tests := []struct {
		name string
		draw func(Area)
		want string
	}{
		{"cut at the right", func(a Area) { a.Text(7, 0, theme.Text, "abcdef") }, "       abc"},
		{"cut at the left", func(a Area) { a.Text(-2, 0, theme.Text, "abcdef") }, "cdef"},
		{"below", func(a Area) { a.Text(0, 1, theme.Text, "abc") }, ""},
		{"a wide character that does not fit", func(a Area) { a.Text(7, 0, theme.Text, "a日本") }, "       a日"},
		{"over the second half of a wide one", func(a Area) { a.Text(0, 0, theme.Text, "日本"); a.Text(1, 0, theme.Text, "x") }, " x本"},
		{"over the first half of a wide one", func(a Area) { a.Text(0, 0, theme.Text, "日本"); a.Text(2, 0, theme.Text, "x") }, "日x"},
		{"line feeds and tabs are blanks", func(a Area) { a.Text(0, 0, theme.Text, "a\nb\tc") }, "a b c"},
		{"escape sequences vanish", func(a Area) { a.Text(0, 0, theme.Text, "a\x1b[31mb\x1b]0;t\x07c\x1b") }, "abc"},
		{"half of a character is a question", func(a Area) { a.Text(0, 0, theme.Text, "a\xffb") }, "a?b"},
		{"right", func(a Area) { a.Right(10, 0, theme.Text, "abc") }, "       abc"},
		{"fit", func(a Area) { a.Fit(0, 0, 4, theme.Text, "abcdef") }, "abc…"},
		{"spans", func(a Area) { a.Line(0, 0, 6, S(theme.Text, "abc"), S(theme.Text, "defgh")) }, "abcde…"},
		{"inside a part", func(a Area) { a.Sub(2, 0, 3, 1).Text(1, 0, theme.Text, "abcdef") }, "   ab"},
		{"a part that begins before", func(a Area) { a.Sub(-2, 0, 4, 1).Text(0, 0, theme.Text, "abcdef") }, "ab"},
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
		{"the end, where it fits", CutFront("a/b.c", 5), "a/b.c"},
		{"the end of a path", CutFront("a/long/path/b.c", 6), "…h/b.c"},
		{"the end, wide", CutFront("日本日本", 5), "…日本"},
		{"nothing", CutFront("abc", 0), ""},
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

func TestBarsShowAnyHarm(t *testing.T) {
	tests := []struct {
		name string
		bar  Bar
		want string // from the top
	}{
		{"full", Bar{Fine: 100, Known: true}, "█|█|█|█"},
		{"half", Bar{Fine: 50, Known: true}, "||█|█"},
		{"an eighth", Bar{Fine: 3.2, Known: true}, "|||▁"},
		{"harm on top", Bar{Fine: 50, Harm: 25, Known: true}, "|▒|█|█"},
		{"hardly any harm", Bar{Fine: 50, Harm: 0.001, Known: true}, "|▒|█|█"},
		{"hardly any harm at the top", Bar{Fine: 100, Harm: 0.001, Known: true}, "▒|█|█|█"},
		{"harm alone", Bar{Harm: 100, Known: true}, "▒|▒|▒|▒"},
		{"nothing", Bar{Known: true}, "|||▁"},
		{"not measured", Bar{}, "|||"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.ReplaceAll(drawn(1, 4, func(a Area) { a.Bars([]Bar{tt.bar}, 100) }), "\n", "|")
			if got != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestGaugeIsNeverInvisible(t *testing.T) {
	for _, to := range []float64{0.0001, 0.2, 0.99991, 1} {
		if got := drawn(10, 1, func(a Area) { a.Gauge(0, 0, 10, to-0.0001, to, theme.Text) }); strings.TrimSpace(got) == "" {
			t.Errorf("a stage that ends at %v of the scale can't be seen", to)
		}
	}
}

func TestStringChangesStyleOnlyWhereItShows(t *testing.T) {
	th := theme.New(theme.Options{})
	c := New(12, 1)
	c.All().Text(0, 0, theme.Fine, "ab")
	c.All().Text(4, 0, theme.Fine, "cd")
	if got := c.String(th); strings.Count(got, "\x1b[38") != 1 || !strings.HasSuffix(got, theme.Reset) {
		t.Fatalf("got %q", got)
	}
	if got := c.String(theme.New(theme.Options{NoColor: true})); got != "ab  cd" {
		t.Fatalf("without colour: %q", got)
	}
}
