package traffic

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// A mark's words stand behind its column, or before it where another's stand behind it: a sign is alone only where
// there is no room for a word at all.
func TestMarksHaveWords(t *testing.T) {
	slow, killed := mark{glyph: "◐", where: "us-east and eu-west", word: "slow"}, mark{glyph: "✕", where: "us-east", word: "killed"}
	theme := style.New(style.Options{NoColor: true})
	for _, tt := range []struct {
		x, killed int // the columns of both; the second is drawn first, if it has one
		want      string
	}{
		{2, -1, "◐ us-east and eu-west slow"},
		{40, 42, "us-east and eu-west slow ◐ ✕ us-east killed"},
		{24, 26, "us-east and eu-west ◐ ✕ us-east killed"},
		{6, 14, "◐ slow  ✕ us-east killed"},
		{9, 11, "◐ ✕ us-east killed"},
	} {
		row := canvas.New(60, 1, theme)
		if tt.killed >= 0 {
			start, text, _ := killed.place(row.All(), tt.killed)
			row.All().Text(start, 0, style.Text, text)
		}
		if start, text, ok := slow.place(row.All(), tt.x); ok {
			row.All().Text(start, 0, style.Text, text)
		}
		if got := ansi.Strip(row.String()); !strings.Contains(got, tt.want) {
			t.Errorf("at %d: %q, want %q", tt.x, got, tt.want)
		}
	}
}
