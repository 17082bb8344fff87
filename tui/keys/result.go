package keys

// Outcome is what the result page may offer.
type Outcome struct {
	Next    string // the drill that comes after this one in the list; "" for none
	Journal string // its path; "" where none was written
	Again   bool   // what was run is known, so that it can be run again
}

// resultKeys go on from the result of a drill.
func resultKeys() Table {
	return Table{
		{Keys: []string{"a"}, Show: "a", Name: "again", Help: "run the same drill again", Group: GroupResult, Place: OnResult, off: noAgain, Intent: Intent{Op: Again}},
		{Keys: []string{"N", "shift+n"}, Show: "N", Name: "next drill", Help: "run the next drill of the list", Group: GroupResult, Place: OnResult, off: noNext, Intent: Intent{Op: NextDrill}},
		{Keys: []string{"b"}, Show: "b", Name: "start", Help: "back to the start page", Group: GroupResult, Place: OnResult, off: noStart, Intent: Intent{Op: ToStart}},
		{Keys: []string{"="}, Show: "=", Name: "compare", Help: "hold it against the last run of it", Group: GroupResult, Place: OnResult, off: noJournal, Intent: Intent{Op: Compare}},
		{Keys: []string{"S", "shift+s"}, Show: "S", Name: "save", Help: "write report.json, and say where", Group: GroupResult, Place: OnResult, off: noJournal, Intent: Intent{Op: SaveReport}},
		{Keys: []string{"y"}, Show: "y", Name: "copy path", Help: "copy the journal's path to the clipboard", Group: GroupResult, Place: OnResult, off: noJournal, Intent: Intent{Op: CopyPath}},
		{Keys: []string{"v"}, Show: "v", Name: "replay", Help: "play it back from when its fleet was up", Group: GroupResult, Place: OnResult, off: noReplay, Intent: Intent{Op: Replay}},
		{Keys: []string{"E", "shift+e"}, Show: "E", Name: "end the drill", Help: "end the drill and show its result; it asks", Group: GroupResult, off: notToEnd, Intent: Intent{Op: EndDrill}},
	}
}

// noResult says why there is no result to go on from; "" where there is one.
func (n Now) noResult() string {
	switch n.Page {
	case PageResult:
		return ""
	case PageDrill, PageBringUp:
		return "the drill runs still; E ends it and shows its result"
	case PageLeaving:
		return "the fleet is being taken down"
	}
	return "there is no result yet"
}

func noStart(n Now) string {
	if why := n.noResult(); why != "" {
		return why
	}
	if n.Past != nil && n.Past.NoStart {
		return "this replay was not opened from the start page; q leaves it"
	}
	return ""
}

func noAgain(n Now) string {
	if why := n.noResult(); why != "" {
		return why
	}
	if !n.Outcome.Again {
		return "what is shown was not run here; q leaves it"
	}
	return ""
}

func noNext(n Now) string {
	if why := noAgain(n); why != "" {
		return why
	}
	if n.Outcome.Next == "" {
		return "that was the last drill of the list; b goes back to the start"
	}
	return ""
}

func noJournal(n Now) string {
	if why := n.noResult(); why != "" {
		return why
	}
	if n.Outcome.Journal == "" {
		return "no journal of it was written"
	}
	return ""
}

func notToEnd(n Now) string {
	switch n.Page {
	case PageResult:
		return "it is over already"
	case PageDrill:
		return n.NoCommands()
	}
	return n.NoSession()
}
