package dialog

import (
	"strings"
	"unicode/utf8"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"

	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/tui/canvas"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Input is one line of text that is typed. It is a value: bubbles' textinput, which edits
// and draws it, is made of it each time, so that drawing can change nothing.
type Input struct {
	Text  string
	after int // characters behind the cursor
}

// inputLimit bounds what a paste can bring.
const inputLimit = 200

// field is the input as bubbles has it, with the keys that readline has.
func (i *Input) field(look style.Theme) textinput.Model {
	f := textinput.New()
	f.Prompt, f.CharLimit = "", inputLimit
	f.SetStyles(textinput.Styles{ // with a cursor that stands still
		Focused: textinput.StyleState{Text: look.Lipgloss(style.Strong)},
		Cursor:  textinput.CursorStyle{Color: lipgloss.NoColor{}},
	})
	f.KeyMap.Paste.SetEnabled(false) // the terminal pastes; the library would start a program for it
	f.SetValue(i.Text)
	f.SetCursor(utf8.RuneCountInString(i.Text) - i.after)
	f.Focus()
	return f
}

// take takes over what the library made of a message; false where that is no change.
func (i *Input) take(msg tea.Msg) bool {
	f, _ := i.field(style.Theme{}).Update(msg)
	was := *i
	i.Text = f.Value()
	i.after = utf8.RuneCountInString(i.Text) - f.Position()
	return *i != was
}

// Key takes a key in; false for one that changes nothing.
func (i *Input) Key(k tea.KeyPressMsg) bool {
	if k.Text = clean.Text(k.Text); k.Mod.Contains(tea.ModCtrl) || k.Mod.Contains(tea.ModAlt) {
		k.Text = ""
	}
	return i.take(k)
}

// Add puts a text where the cursor is, in one line and clean.
func (i *Input) Add(s string) {
	s = strings.NewReplacer("\r\n", " ", "\r", " ").Replace(s)
	i.take(tea.PasteMsg{Content: clean.Text(s)})
}

// Draw shows the part of the text that the cursor is in, and a block for the cursor.
func (i *Input) Draw(a canvas.Area, x, y, w int) {
	f := i.field(a.Look())
	at := f.Position()
	f.SetWidth(max(w-1, 1)) // the cursor behind the text takes one
	f.CursorEnd()           // the part that is seen is found from its end
	f.SetCursor(at)
	a.Sub(x, y, w, 1).Draw(uv.NewStyledString(f.View()))
}
