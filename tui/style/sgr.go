package style

import (
	"image/color"

	"github.com/charmbracelet/x/ansi"
)

// Reset ends every style.
const Reset = "\x1b[m"

const weights = 8

// table has the escape sequence of every style, made once for each style.
type table [roles][weights]string

func newTable(inks [roles]color.Color) *table {
	var t table
	for role := range t {
		for w := range t[role] {
			var s ansi.Style
			if w&1 != 0 {
				s = s.Bold()
			}
			if w&2 != 0 {
				s = s.Reverse(true)
			}
			if w&4 != 0 {
				s = s.Underline(true)
			}
			if inks[role] != nil {
				s = s.ForegroundColor(inks[role])
			}
			if len(s) > 0 {
				t[role][w] = s.String()
			}
		}
	}
	return &t
}

// SGR is the escape sequence that begins a style; "" for one that is plain.
func (t Theme) SGR(s Style) string {
	if t.sgr == nil || s.Ink >= roles {
		return ""
	}
	w := 0
	if s.Bold {
		w |= 1
	}
	if s.Reverse {
		w |= 2
	}
	if s.Under {
		w |= 4
	}
	return t.sgr[s.Ink][w]
}
