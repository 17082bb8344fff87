package canvas

import (
	"strings"

	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// BigHeight is the rows that a big number takes.
const BigHeight = 3

// big has digits that can be read from the back of a room.
var big = map[rune][BigHeight]string{
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

// Big writes a number in big digits that end before column right; it is false
// when it does not fit or has a character without a big form.
func (a Area) Big(right, y int, st theme.Style, s string) bool {
	rows := [BigHeight]string{}
	for i, r := range []rune(s) {
		glyph, ok := big[r]
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
	if Width(rows[0]) > right || y+BigHeight > a.H {
		return false
	}
	for n, row := range rows {
		a.Text(right-Width(row), y+n, st, strings.TrimRight(row, " "))
	}
	return true
}
