// Package clean makes foreign text fit for a terminal, a journal and a report.
package clean

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text makes a foreign text (of a file, an argument, a journal, a paste, an agent's answer)
// fit for a line of a terminal, a journal or a report: what a terminal obeys, or what turns
// the direction of text round, becomes visible (ESC is \u001b), line ends and tabs become a
// space. It is the one function for that; what is clean stays as it is.
func Text(text string) string { return cleaned(text, false) }

// Lines is Text for a text of several lines: line ends and tabs stay.
func Lines(text string) string { return cleaned(text, true) }

func cleaned(text string, lines bool) string {
	if plainASCII(text) || !strings.ContainsFunc(text, unclean) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for i, r := range text {
		switch {
		case r == '\n' || r == '\t':
			if !lines {
				r = ' '
			}
			b.WriteRune(r)
		case r == utf8.RuneError:
			// A byte that is no text, or the sign for one.
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				fmt.Fprintf(&b, `\u%04x`, text[i])
				continue
			}
			b.WriteRune(r)
		case Obeyed(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Obeyed reports whether a terminal could obey a character, or show others in another order
// because of it.
func Obeyed(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// unclean also finds what only may have to change, as the sign for a byte that is no text.
func unclean(r rune) bool { return r == utf8.RuneError || Obeyed(r) }

func plainASCII(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}
