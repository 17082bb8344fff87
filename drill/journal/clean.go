package journal

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/fleetdrill/fleetdrill/drill/clean"
)

// cleaned makes the texts in a line of JSON fit for a terminal, as clean.Lines does with
// one text: a journal may come from anybody, and what is in it is shown. A line that is clean
// is returned as it is.
func cleaned(line []byte) []byte {
	var out []byte
	from := 0 // of what is not copied yet
	for i := 0; i < len(line); {
		if b := line[i]; b >= ' ' && b <= '~' && b != '\\' { // nearly all of a journal
			i++
			continue
		}
		r, size := next(line[i:])
		// A control character that is no escape is no JSON, and its own error.
		if raw := size == 1 && r < ' '; !raw && clean.Obeyed(r) && r != '\n' && r != '\t' {
			out = append(out, line[from:i]...)
			out = fmt.Appendf(out, `\\u%04x`, r)
			from = i + size
		}
		i += size
	}
	if from == 0 {
		return line
	}
	return append(out, line[from:]...)
}

// next is the character that JSON text begins with, as it is or as an escape, and its size.
func next(text []byte) (rune, int) {
	if text[0] != '\\' || len(text) == 1 {
		if text[0] < utf8.RuneSelf {
			return rune(text[0]), 1
		}
		return utf8.DecodeRune(text)
	}
	switch text[1] {
	case 'u':
		if len(text) < 6 {
			break
		}
		if n, err := strconv.ParseUint(string(text[2:6]), 16, 32); err == nil {
			return rune(n), 6
		}
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'r':
		return '\r', 2
	}
	return rune(text[1]), 2
}
