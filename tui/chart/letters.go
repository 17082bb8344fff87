package chart

import (
	"strings"
	"unicode"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// LetterHeight is the rows of a large letter with a dot to a row.
const LetterHeight = 5

// letters are characters of five rows of dots, for words that are read from the back of a
// room. There is no upper and lower case at that size.
var letters = map[rune][5]string{
	'A': {"###", "# #", "###", "# #", "# #"},
	'B': {"## ", "# #", "## ", "# #", "## "},
	'C': {"###", "#  ", "#  ", "#  ", "###"},
	'D': {"## ", "# #", "# #", "# #", "## "},
	'E': {"###", "#  ", "## ", "#  ", "###"},
	'F': {"###", "#  ", "## ", "#  ", "#  "},
	'G': {"####", "#   ", "# ##", "#  #", "####"},
	'H': {"# #", "# #", "###", "# #", "# #"},
	'I': {"#", "#", "#", "#", "#"},
	'J': {"  #", "  #", "  #", "# #", "###"},
	'K': {"# #", "# #", "## ", "# #", "# #"},
	'L': {"#  ", "#  ", "#  ", "#  ", "###"},
	'M': {"#   #", "## ##", "# # #", "#   #", "#   #"},
	'N': {"#  #", "## #", "# ##", "#  #", "#  #"},
	'O': {"###", "# #", "# #", "# #", "###"},
	'P': {"###", "# #", "###", "#  ", "#  "},
	'Q': {"####", "#  #", "#  #", "# ##", "####"},
	'R': {"###", "# #", "## ", "# #", "# #"},
	'S': {"###", "#  ", "###", "  #", "###"},
	'T': {"###", " # ", " # ", " # ", " # "},
	'U': {"# #", "# #", "# #", "# #", "###"},
	'V': {"# #", "# #", "# #", "# #", " # "},
	'W': {"#   #", "#   #", "# # #", "## ##", "#   #"},
	'X': {"# #", "# #", " # ", "# #", "# #"},
	'Y': {"# #", "# #", " # ", " # ", " # "},
	'Z': {"###", "  #", " # ", "#  ", "###"},
	'0': {"###", "# #", "# #", "# #", "###"},
	'1': {"## ", " # ", " # ", " # ", "###"},
	'2': {"###", "  #", "###", "#  ", "###"},
	'3': {"###", "  #", "###", "  #", "###"},
	'4': {"# #", "# #", "###", "  #", "  #"},
	'5': {"###", "#  ", "###", "  #", "###"},
	'6': {"###", "#  ", "###", "# #", "###"},
	'7': {"###", "  #", "  #", "  #", "  #"},
	'8': {"###", "# #", "###", "# #", "###"},
	'9': {"###", "# #", "###", "  #", "###"},
	'%': {"#  #", "  # ", " #  ", "#  #", "    "},
	'<': {"  #", " # ", "#  ", " # ", "  #"},
	'+': {"   ", " # ", "###", " # ", "   "},
	'-': {"  ", "  ", "##", "  ", "  "},
	'–': {"  ", "  ", "##", "  ", "  "},
	'_': {"   ", "   ", "   ", "   ", "###"},
	'/': {"  #", "  #", " # ", "#  ", "#  "},
	'.': {" ", " ", " ", " ", "#"},
	',': {" ", " ", " ", "#", "#"},
	':': {" ", "#", " ", "#", " "},
	'!': {"#", "#", "#", " ", "#"},
	'?': {"###", "  #", " ##", "   ", " # "},
	' ': {"  ", "  ", "  ", "  ", "  "},
}

// Words writes a text in letters as large as the area has room for, from its upper left
// corner: five rows high, with two columns to a dot or one, or three rows with two dots to a
// cell, which ASCII can't draw. It is false, and draws nothing, where none fits or a
// character has no large form.
func Words(a canvas.Area, st style.Style, ascii bool, text string) bool {
	rows, known := dots(text)
	if !known {
		return false
	}
	wide := len(rows[0])
	switch {
	case a.H >= len(rows) && a.W >= 2*wide:
		for y, row := range rows {
			a.Text(0, y, st, strings.Map(block, double(row)))
		}
	case !ascii && a.H >= DigitHeight && a.W >= wide:
		for y := range DigitHeight {
			lower := strings.Repeat(" ", wide)
			if 2*y+1 < len(rows) {
				lower = rows[2*y+1]
			}
			a.Text(0, y, st, halves(rows[2*y], lower))
		}
	case a.H >= len(rows) && a.W >= wide:
		for y, row := range rows {
			a.Text(0, y, st, strings.Map(block, row))
		}
	default:
		return false
	}
	return true
}

// dots is a text as rows of "#" and blanks, a blank column between two characters.
func dots(text string) (rows [5]string, known bool) {
	for i, r := range []rune(text) {
		glyph, ok := letters[unicode.ToUpper(r)]
		if !ok {
			return rows, false
		}
		for n := range rows {
			if i > 0 {
				rows[n] += " "
			}
			rows[n] += glyph[n]
		}
	}
	return rows, text != ""
}

func block(r rune) rune {
	if r == '#' {
		return '█'
	}
	return r
}

func double(row string) string {
	return strings.ReplaceAll(strings.ReplaceAll(row, "#", "##"), " ", "  ")
}

// halves puts two rows of dots of the same length into one of half blocks.
func halves(upper, lower string) string {
	var b strings.Builder
	for i := range len(upper) {
		switch up, low := upper[i] == '#', lower[i] == '#'; {
		case up && low:
			b.WriteRune('█')
		case up:
			b.WriteRune('▀')
		case low:
			b.WriteRune('▄')
		default:
			b.WriteRune(' ')
		}
	}
	return b.String()
}
