package keys

import "slices"

// GroupPage is the heading of the keys that a page takes by itself.
const GroupPage = "This page"

// Own is what a page does by a key of its own, which comes before those of the table and which nobody
// can change: arrows, enter and tab do in every list what they do in others.
type Own int

// What pages do by keys of their own.
const (
	OwnEnter Own = iota + 1
	OwnUp
	OwnDown
	OwnPageUp
	OwnPageDown
	OwnMore // page down, where there is more
	OwnFirst
	OwnLast
	OwnNextList
	OwnLastList
	OwnBack
)

// ownKey is the keys of a page for one thing.
type ownKey struct {
	does  Own
	scope Scope
	keys  []string
	what  string // what it does, as it is said of a key that is to be another's too
}

var ownKeys = []ownKey{
	{OwnEnter, on(PageStart), []string{"enter"}, "starts what is chosen"},
	{OwnEnter, on(PageCompared), []string{"enter"}, "replays the run in focus"},
	{OwnUp, on(PageStart, PageResult, PageCompared), []string{"up", "k"}, "goes up"},
	{OwnDown, on(PageStart, PageResult, PageCompared), []string{"down", "j"}, "goes down"},
	{OwnPageUp, on(PageStart, PageResult, PageCompared), []string{"pgup", "ctrl+b"}, "goes up"},
	{OwnPageDown, on(PageStart, PageResult, PageCompared), []string{"pgdown", "ctrl+f"}, "goes down"},
	{OwnMore, on(PageResult) & in(Live), []string{"space"}, "goes down"}, // which plays a replay
	{OwnFirst, on(PageStart), []string{"home", "g"}, "goes to the first"},
	{OwnLast, on(PageStart), []string{"end", "G", "shift+g"}, "goes to the last"},
	{OwnNextList, on(PageStart), []string{"tab", "right", "l"}, "goes to the next list"},
	{OwnLastList, on(PageStart), []string{"shift+tab", "left", "h"}, "goes to the list before"},
	{OwnNextList, on(PageCompared), []string{"tab", "right", "l"}, "goes to the next run"},
	{OwnLastList, on(PageCompared), []string{"shift+tab", "left", "h"}, "goes to the run before"},
	{OwnBack, on(PageStart, PageResult, PageCompared), []string{"esc"}, "goes back"},
}

// OwnOf is what a page does by a key of its own; 0 where the key is none of those.
func OwnOf(key string, p Page, t Time) Own {
	for _, o := range ownKeys {
		if o.scope.Has(p, t) && slices.Contains(o.keys, key) {
			return o.does
		}
	}
	return 0
}

// ownWith is the first of a page's own keys that one of some keys is too, where both are for something.
func ownWith(names []string, scope Scope) (o ownKey, where Page, found bool) {
	for _, o := range ownKeys {
		if p, meet := (o.scope & scope).page(); meet && slices.ContainsFunc(o.keys, func(k string) bool { return slices.Contains(names, k) }) {
			return o, p, true
		}
	}
	return ownKey{}, 0, false
}

// OfPage is the keys that a page takes by itself, as they are told. Help begins with them.
func OfPage(p Page) Table {
	tell := func(show, help string, names ...string) Binding {
		return Binding{Keys: names, Show: show, Help: help, Group: GroupPage}
	}
	switch p {
	case PageStart:
		return Table{
			tell(enterSign, "start what is chosen, or replay a journal", "enter"),
			tell("↑ ↓", "choose; pgup, pgdn, home and end go further", "up", "down", "pgup", "pgdown", "home", "end"),
			tell("tab", "go to the next list, shift+tab to the last", "tab", "shift+tab"),
		}
	case PageCompared:
		return Table{
			tell(enterSign, "replay the run in focus, once it is over", "enter"),
			tell("tab", "go to the next run, shift+tab to the last", "tab", "shift+tab"),
			tell("↑ ↓", "scroll; pgup and pgdn go further", "up", "down", "pgup", "pgdown"),
		}
	case PageResult:
		return Table{tell("↑ ↓", "scroll; pgup and pgdn go further", "up", "down", "pgup", "pgdown")}
	}
	return nil
}
