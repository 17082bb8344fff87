package keys

import (
	"fmt"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/action"
)

// Markdown is the table as docs/keys.md has it.
func (t Table) Markdown() string {
	var b strings.Builder
	b.WriteString("# Keys\n\n" +
		"Made from the program's own table by `go test ./tui/keys -update`; do not edit it.\n\n" +
		"A key that can do nothing now says why when it is pressed, and what to do instead.\n" +
		"What moves users or data is asked about first, with Cancel in focus; what is marked with ! takes\n" +
		"something away from users.\n\n" +
		"Keys are Latin letters, as they are typed: Shift and `k` is `K`, and Alt makes none of them. With another layout\n" +
		"arrows, tab, enter, esc and digits work, and the letters where the terminal reports a key's place (kitty's\n" +
		"keyboard protocol). Bytes that are the rest of a key or of an answer of the terminal are left out, and so is text\n" +
		"that comes in faster than anybody types.\n")
	for _, group := range []string{GroupRegion, GroupData, GroupConfig, GroupLook, GroupPast, GroupResult, GroupProgram} {
		fmt.Fprintf(&b, "\n## %s\n\n| key | name | | what it does | takes | taken back by |\n|---|---|---|---|---|---|\n", group)
		for _, k := range t {
			if k.Group == group {
				fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", shown(k), k.Name, mark(k), k.Help, takes(k), undo(k))
			}
		}
	}
	for _, p := range []Page{PageStart, PageResult} {
		fmt.Fprintf(&b, "\n## On %s alone\n\nNo setting changes these: they do what they do in every list.\n\n| key | what it does |\n|---|---|\n", p)
		for _, k := range OfPage(p) {
			fmt.Fprintf(&b, "| `%s` | %s |\n", k.Show, k.Help)
		}
	}
	return b.String()
}

func shown(b Binding) string {
	if b.Show == "" {
		return "`:` " + b.Name // in the palette
	}
	return "`" + b.Show + "`"
}

func mark(b Binding) string {
	if b.Danger {
		return "!"
	}
	return ""
}

// takes is the parameters of an action.
func takes(b Binding) string {
	if b.Intent.Op != Act {
		return ""
	}
	var list []string
	for _, p := range b.Intent.Action.Params {
		list = append(list, p.Help)
	}
	return strings.Join(list, ", ")
}

// undo is the key of the action that takes an action back.
func undo(b Binding) string {
	a, found := action.Find(b.Intent.Action.Undo)
	if !found {
		return ""
	}
	return shown(Binding{Show: a.Words.Key, Name: a.Words.Name})
}
