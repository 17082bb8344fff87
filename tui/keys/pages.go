package keys

// GroupPage is the heading of the keys that a page takes by itself.
const GroupPage = "This page"

// OfPage is the keys that a page takes by itself, before those of the table: what they are for
// there. Help begins with them.
func OfPage(p Page) Table {
	own := func(show, help string, names ...string) Binding {
		return Binding{Keys: names, Show: show, Help: help, Group: GroupPage}
	}
	switch p {
	case PageStart:
		return Table{
			own("⏎", "start what is chosen, or replay a journal", "enter"),
			own("↑ ↓", "choose; pgup, pgdn, home and end go further", "up", "down", "k", "j", "pgup", "pgdown", "home", "end", "g", "G"),
			own("tab", "go to the next list, shift+tab to the last", "tab", "shift+tab", "right", "left", "l", "h"),
			own("/", "filter the drills; esc shows all of them", "/", "esc"),
		}
	case PageResult:
		return Table{own("↑ ↓", "scroll; pgup and pgdn go further", "up", "down", "k", "j", "pgup", "pgdown")}
	}
	return nil
}
