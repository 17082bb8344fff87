package canvas

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/fleetdrill/fleetdrill/drill/clean"
)

// Cut is s in at most w columns, ending in "…" where something was cut off.
func Cut(s string, w int) string {
	if Width(s) <= w {
		return s
	}
	return ansi.Truncate(clean.Text(s), w, "…")
}

// CutMiddle is Cut for what matters at both its ends, and at its end most, as in a path: a
// third of what has room is of the beginning.
func CutMiddle(s string, w int) string {
	n := Width(s)
	if n <= w || w <= 0 {
		return Cut(s, w)
	}
	head := (w - 1) / 3
	var front, back strings.Builder
	at := 0
	clusters(s, func(text string, width int) bool {
		switch {
		case at+width <= head:
			front.WriteString(text)
		case n-at <= w-1-head:
			back.WriteString(text)
		}
		at += width
		return true
	})
	return front.String() + "…" + back.String()
}

// Wrap breaks a text at blanks into lines of at most w columns; a word that is
// longer is broken where the line ends. Line feeds stay. It is by hand because ansi.Wrap
// breaks at hyphens too, and so would tear the names of regions.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	var lines []string
	for para := range strings.SplitSeq(s, "\n") {
		lines = append(lines, wrapLine(clean.Text(para), w)...)
	}
	return lines
}

// CutLines is the first n of the lines, each at most w columns; where some are
// left out the last ends in "…".
func CutLines(lines []string, n, w int) []string {
	if n >= len(lines) {
		return lines
	}
	if n <= 0 {
		return nil
	}
	out := slices.Clone(lines[:n])
	out[n-1] = Cut(out[n-1], w-2) + " …"
	if strings.HasSuffix(out[n-1], "… …") {
		out[n-1] = strings.TrimSuffix(out[n-1], " …")
	}
	return out
}

func wrapLine(s string, w int) []string {
	var lines []string
	line, n := "", 0
	for _, word := range strings.Fields(s) {
		size := Width(word)
		if n > 0 && n+1+size > w {
			lines = append(lines, line)
			line, n = "", 0
		}
		for size > w {
			head := ansi.Truncate(word, w, "")
			if head == "" {
				word, size = "", 0 // not even one character fits
				break
			}
			lines = append(lines, head)
			word = word[len(head):]
			size = Width(word)
		}
		if n > 0 {
			line, n = line+" ", n+1
		}
		line, n = line+word, n+size
	}
	return append(lines, line)
}
