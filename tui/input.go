package tui

import (
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"

	"github.com/fleetdrill/fleetdrill/tui/keys"
)

// input stands between the terminal and the keys' owners: it leaves out what no person pressed.
type input struct {
	sequence keys.Sequence
	pour     keys.Pour
}

// take is what was pressed by a key that the terminal brought at a time, and why nothing was,
// where that is to be said. typing is that keys are characters of a text now. More than one
// is Escape, and what came together with it. A letter of another layout that is a key itself stays what
// it is.
func (in *input) take(k tea.KeyPressMsg, typing bool, table keys.Table, at time.Time) (pressed []tea.KeyPressMsg, why string) {
	if in.sequence.Rest(bytesOf(k), at) {
		return nil, "“" + k.String() + "” came as the rest of a key and was left out; press it again if you meant it"
	}
	if inText(k) && in.pour.Takes(k.String(), at) {
		switch {
		case !typing:
			return nil, "text came in faster than anybody types, and was left out"
		case k.Text == "":
			// A line's end in a text is not Enter.
			return []tea.KeyPressMsg{{Code: tea.KeySpace, Text: " "}}, ""
		}
	}
	if typing || table.For(k.String()) != nil {
		return []tea.KeyPressMsg{k}, ""
	}
	if plain, ok := afterEscape(k); ok {
		return []tea.KeyPressMsg{{Code: tea.KeyEscape}, plain}, ""
	}
	return []tea.KeyPressMsg{latin(k)}, ""
}

// gaveUp takes what the library made of a sequence that it could not read, or not to its end:
// what comes next may be the rest of it.
func (in *input) gaveUp(msg tea.Msg, at time.Time) {
	text := ""
	switch msg := msg.(type) {
	case uv.UnknownEvent:
		text = string(msg)
	case uv.UnknownCsiEvent:
		text = string(msg)
	case uv.UnknownSs3Event:
		text = string(msg)
	case uv.UnknownOscEvent:
		text = string(msg)
	case uv.UnknownDcsEvent:
		text = string(msg)
	default:
		return
	}
	in.sequence.Rest(text, at)
}

// bytesOf is what a terminal sent for a key, where that can be a part of a sequence.
func bytesOf(k tea.KeyPressMsg) string {
	if plain, ok := afterEscape(k); ok {
		return "\x1b" + plain.Text
	}
	switch k.String() {
	case "esc":
		return "\x1b"
	case "ctrl+g":
		return "\a"
	case "enter":
		return "\r"
	case "tab":
		return "\t"
	}
	return k.Text
}

// inText reports whether a text could have a key.
func inText(k tea.KeyPressMsg) bool {
	return k.Text != "" || k.Mod == 0 && (k.Code == tea.KeyEnter || k.Code == tea.KeyTab)
}

// afterEscape undoes what a terminal makes of Escape and a key right behind it:
// the two look like that key with Alt. No key here is one with Alt.
func afterEscape(k tea.KeyPressMsg) (tea.KeyPressMsg, bool) {
	if k.Mod&^tea.ModShift != tea.ModAlt || !unicode.IsPrint(k.Code) {
		return k, false
	}
	r := k.Code
	if k.Mod.Contains(tea.ModShift) {
		r = unicode.ToUpper(r)
	}
	return tea.KeyPressMsg{Code: k.Code, Mod: k.Mod &^ tea.ModAlt, Text: string(r)}, true
}

// latin is a key of another layout as the one in its place on a Latin keyboard, where the
// terminal tells which that is.
func latin(k tea.KeyPressMsg) tea.KeyPressMsg {
	if k.Code <= unicode.MaxASCII || k.Text == "" || k.BaseCode == 0 || k.BaseCode > unicode.MaxASCII {
		return k
	}
	r := k.BaseCode
	if k.Mod.Contains(tea.ModShift) {
		r = unicode.ToUpper(r)
	}
	return tea.KeyPressMsg{Code: k.BaseCode, Mod: k.Mod, Text: string(r)}
}

// otherLayout says which keys there are where a letter of another alphabet was pressed; "" for
// any other key.
func otherLayout(k tea.KeyPressMsg) string {
	if r, _ := utf8.DecodeRuneInString(k.Text); r <= unicode.MaxASCII || !unicode.IsLetter(r) {
		return ""
	}
	return "“" + k.Text + "” is no key here: commands are Latin letters; switch the layout (arrows, tab, enter, esc and digits work in any)"
}
