package keys

// Outcome is what the result page may offer.
type Outcome struct {
	Next    string // the drill that comes after this one in the list; "" for none
	Journal string // its path; "" where none was written
}

// resultKeys go on from the result of a drill.
func resultKeys() Table {
	return Table{
		{Keys: []string{"a"}, Show: "a", Name: "again", Help: "run the same drill again", Group: GroupResult, Place: OnResult, use: reruns, Intent: Intent{Op: Again}},
		{Keys: []string{"N", "shift+n"}, Show: "N", Name: "next drill", Help: "run the next drill of the list", Group: GroupResult, Place: OnResult, use: reruns, off: noNext, Intent: Intent{Op: NextDrill}},
		{Keys: []string{"b"}, Show: "b", Name: "start", Help: "back to the start page", Group: GroupResult, Place: OnResult, use: results, off: noStart, Intent: Intent{Op: ToStart}},
		{Keys: []string{"="}, Show: "=", Name: "compare", Help: "hold it against the last run of it", Group: GroupResult, Place: OnResult, use: results, off: noJournal, Intent: Intent{Op: Compare}},
		{Keys: []string{"S", "shift+s"}, Show: "S", Name: "save", Help: "write report.json, and say where", Group: GroupResult, Place: OnResult, use: results, off: noJournal, Intent: Intent{Op: SaveReport}},
		{Keys: []string{"y"}, Show: "y", Name: "copy path", Help: "copy the journal's path to the clipboard", Group: GroupResult, Place: OnResult, use: results, off: noJournal, Intent: Intent{Op: CopyPath}},
		{Keys: []string{"v"}, Show: "v", Name: "replay", Help: "play it back from when its fleet was up", Group: GroupResult, Place: OnResult, use: replayable, Intent: Intent{Op: Replay}},
		{Keys: []string{"E", "shift+e"}, Show: "E", Name: "end the drill", Help: "end the drill and show its result; it asks", Group: GroupResult, use: drillsToEnd, off: Now.NoCommands, Intent: Intent{Op: EndDrill}},
	}
}

// noResult says why there is no result to go on from.
func noResult(n Now) string {
	switch {
	case n.Page == PageLeaving || n.Page == PageReading:
		return n.NoSession()
	case n.Page != PageDrill && n.Page != PageBringUp:
		return "there is no result yet"
	case n.Time() == Replayed:
		return "this replay has not come to the result" + n.hint(JumpEnd, 1, "goes there")
	case n.Time() == Paused:
		return n.notNow()
	case n.Page == PageBringUp:
		return n.NoSession()
	}
	return "the drill runs still" + n.hint(EndDrill, 0, "ends it and shows its result")
}

func noStart(n Now) string {
	if n.Past != nil && n.Past.NoStart {
		return "this replay was not opened from the start page" + n.hint(Quit, 0, "leaves it")
	}
	return ""
}

// noRerun says why there is nothing to be run again.
func noRerun(n Now) string {
	if n.Time() == Replayed {
		return "what is shown was not run here" + n.hint(Quit, 0, "leaves it")
	}
	return noResult(n)
}

func noNext(n Now) string {
	if n.Outcome.Next == "" {
		return "that was the last drill of the list" + n.hint(ToStart, 0, "goes back to the start")
	}
	return ""
}

func noJournal(n Now) string {
	switch {
	case n.Outcome.Journal != "":
		return ""
	case n.Time() == Replayed:
		return "this replay is the sample, which is in the program and in no file"
	}
	return "no journal of it was written"
}

func notToEnd(n Now) string {
	if n.Page == PageResult {
		return "it is over already"
	}
	return n.NoCommands()
}
