package chart

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// DigitHeight is the rows that a big number takes.
const DigitHeight = 3

// digits has digits that can be read from the back of a room.
var digits = map[rune][DigitHeight]string{
	'0': {"█▀█", "█ █", "▀▀▀"},
	'1': {"▀█ ", " █ ", "▀▀▀"},
	'2': {"▀▀█", "█▀▀", "▀▀▀"},
	'3': {"▀▀█", " ▀█", "▀▀▀"},
	'4': {"█ █", "▀▀█", "  ▀"},
	'5': {"█▀▀", "▀▀█", "▀▀▀"},
	'6': {"█▀▀", "█▀█", "▀▀▀"},
	'7': {"▀▀█", "  █", "  ▀"},
	'8': {"█▀█", "█▀█", "▀▀▀"},
	'9': {"█▀█", "▀▀█", "▀▀▀"},
	'%': {"▀ ▄▀", "▄▀  ", "▀  ▀"},
	'.': {" ", " ", "▀"},
	'–': {"   ", "▀▀▀", "   "},
	'?': {"▀▀█", " ▀▀", " ▀ "},
	' ': {" ", " ", " "},
	'<': {" ▄▀", "▀▄ ", "  ▀"},
}

// Digits writes a number in big digits that end before column right; it is false
// when it does not fit or has a character without a big form.
func Digits(a canvas.Area, right, y int, st style.Style, s string) bool {
	rows := [DigitHeight]string{}
	for i, r := range []rune(s) {
		glyph, ok := digits[r]
		if !ok {
			return false
		}
		for n := range rows {
			if i > 0 {
				rows[n] += " "
			}
			rows[n] += glyph[n]
		}
	}
	if canvas.Width(rows[0]) > right || y+DigitHeight > a.H {
		return false
	}
	for n, row := range rows {
		a.Text(right-canvas.Width(row), y+n, st, strings.TrimRight(row, " "))
	}
	return true
}
