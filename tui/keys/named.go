package keys

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// special is the keys that have a name and no letter.
var special = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "space": tea.KeySpace, "backspace": tea.KeyBackspace,
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"insert": tea.KeyInsert,
	"pgup":   tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd, "delete": tea.KeyDelete,
}

// Named is a key by its name, as a terminal without extensions sends it.
func Named(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	for prefix, mod := range map[string]tea.KeyMod{"ctrl+": tea.ModCtrl, "shift+": tea.ModShift} {
		if rest, found := strings.CutPrefix(name, prefix); found {
			name, k.Mod = rest, mod
		}
	}
	if code, known := special[name]; known {
		k.Code = code
		return k
	}
	if n, is := functionKey(name); is {
		k.Code = tea.KeyF1 + rune(n-1)
		return k
	}
	for _, r := range name {
		k.Code = unicode.ToLower(r)
		if k.Mod == 0 {
			k.Text = string(r)
		}
		if unicode.IsUpper(r) {
			k.Mod, k.ShiftedCode = tea.ModShift, r
		}
		break
	}
	return k
}
