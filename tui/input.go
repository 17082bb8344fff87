package tui

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/theme"
)

// input is one line of text that is typed at its end.
type input struct{ text string }

// inputLimit bounds what a paste can bring.
const inputLimit = 200

// key takes a key in; false for one that does not edit.
func (i *input) key(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "backspace", "ctrl+h":
		_, size := utf8.DecodeLastRuneInString(i.text)
		i.text = i.text[:len(i.text)-size]
	case "ctrl+u":
		i.text = ""
	case "ctrl+w":
		trimmed := strings.TrimRight(i.text, " ")
		i.text = trimmed[:strings.LastIndex(trimmed, " ")+1]
	case "space":
		i.add(" ")
	default:
		if k.Text == "" || k.Mod.Contains(tea.ModCtrl) || k.Mod.Contains(tea.ModAlt) {
			return false
		}
		i.add(k.Text)
	}
	return true
}

func (i *input) add(s string) {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if utf8.RuneCountInString(i.text)+utf8.RuneCountInString(s) <= inputLimit {
		i.text += s
	}
}

// draw shows the end of the text and a block for the cursor.
func (i *input) draw(a canvas.Area, x, y, w int) {
	text := i.text
	for canvas.Width(text) > w-1 && text != "" {
		_, size := utf8.DecodeRuneInString(text)
		text = text[size:]
	}
	x = a.Text(x, y, theme.Strong, text)
	a.Text(x, y, theme.Style{Reverse: true}, " ")
}
