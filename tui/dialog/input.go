package dialog

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Input is one line of text that is typed at its end.
type Input struct{ Text string }

// inputLimit bounds what a paste can bring.
const inputLimit = 200

// Key takes a key in; false for one that does not edit.
func (i *Input) Key(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "backspace", "ctrl+h":
		_, size := utf8.DecodeLastRuneInString(i.Text)
		i.Text = i.Text[:len(i.Text)-size]
	case "ctrl+u":
		i.Text = ""
	case "ctrl+w":
		trimmed := strings.TrimRight(i.Text, " ")
		i.Text = trimmed[:strings.LastIndex(trimmed, " ")+1]
	case "space":
		i.Add(" ")
	default:
		if k.Text == "" || k.Mod.Contains(tea.ModCtrl) || k.Mod.Contains(tea.ModAlt) {
			return false
		}
		i.Add(k.Text)
	}
	return true
}

// Add puts a text at the end, in one line and clean.
func (i *Input) Add(s string) {
	s = clean.Text(strings.NewReplacer("\r\n", " ", "\r", " ").Replace(s))
	if utf8.RuneCountInString(i.Text)+utf8.RuneCountInString(s) <= inputLimit {
		i.Text += s
	}
}

// Draw shows the end of the text and a block for the cursor.
func (i *Input) Draw(a canvas.Area, x, y, w int) {
	text := i.Text
	for canvas.Width(text) > w-1 && text != "" {
		_, size := utf8.DecodeRuneInString(text)
		text = text[size:]
	}
	x = a.Text(x, y, style.Strong, text)
	a.Text(x, y, style.Style{Reverse: true}, " ")
}
