package chart

import (
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// TestEveryLetterIsARectangle holds that the rows of each character are as long as each
// other, and that no two look alike but for O and 0, S and 5, and the dashes.
func TestEveryLetterIsARectangle(t *testing.T) {
	alike := map[string]rune{"O": '0', "0": 'O', "S": '5', "5": 'S', "-": '–', "–": '-'}
	looks := map[string]rune{}
	for r, rows := range letters {
		for _, row := range rows {
			if len(row) != len(rows[0]) || strings.Trim(row, "# ") != "" {
				t.Errorf("%c has the row %q", r, row)
			}
		}
		look := strings.Join(rows[:], "\n")
		if other, taken := looks[look]; taken && alike[string(r)] != other {
			t.Errorf("%c looks like %c", r, other)
		}
		looks[look] = r
	}
}

func TestWordsTakeTheRoomThereIs(t *testing.T) {
	draw := func(w, h int, ascii bool, text string) string {
		c := canvas.New(w, h, style.New(style.Options{NoColor: true, ASCII: ascii}))
		if !Words(c.All(), style.Text, ascii, text) {
			return ""
		}
		return c.String()
	}
	for _, tt := range []struct {
		name, text string
		w, h       int
		ascii      bool
		want       string
	}{
		{"two columns to a dot", "ok", 16, 5, false, "██████  ██  ██\n██  ██  ██  ██\n██  ██  ████\n██  ██  ██  ██\n██████  ██  ██"},
		{"two dots to a cell", "ok", 8, 4, false, "█▀█ █ █\n█ █ █▀▄\n▀▀▀ ▀ ▀\n"},
		{"low and narrow in ASCII", "ok", 8, 5, true, "### # #\n# # # #\n# # ##\n# # # #\n### # #"},
		{"no room", "ok", 6, 3, false, ""},
		{"too low for ASCII", "ok", 40, 4, true, ""},
		{"a character without a large form", "東", 40, 9, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for line := range strings.SplitSeq(draw(tt.w, tt.h, tt.ascii, tt.text), "\n") {
				got = append(got, strings.TrimRight(line, " "))
			}
			if text := strings.Join(got, "\n"); text != tt.want {
				t.Errorf("drawn as\n%s\nwant\n%s", text, tt.want)
			}
		})
	}
}
