package keys

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/format"
)

// Past is what is looked at in place of what happens now.
type Past struct {
	Live    bool          // of the drill that runs, and goes on meanwhile; else of a journal
	Reading bool          // the journal is still being read
	Ago     time.Duration // of a live one: how long ago it was
	Paused  bool
	NoStart bool // of a journal: it was not opened from the start page
	AtStart bool // nothing happened before
	AtEnd   bool // nothing has happened since
}

// notNow says that the screen is paused, and how to return.
func (n Now) notNow() string {
	what := "you look at " + format.Age(n.Past.Ago) + " ago"
	if n.Past.Reading {
		what = "the screen is being paused"
	}
	return what + n.hint(Pause, 0, "returns to now")
}

// noTime says why there is no time to move about in.
func noTime(n Now) string {
	if n.Page == PageResult {
		return "the drill is over" + n.hint(Replay, 0, "plays it back")
	}
	return n.NoSession()
}

// noPause says why the screen can't be paused, nor go on. One that is being paused is given up.
func noPause(n Now) string {
	if n.Time() == Paused {
		return ""
	}
	return notRead(n)
}

func notRead(n Now) string {
	if n.Past != nil && n.Past.Reading {
		return stillRead
	}
	return ""
}

func noBefore(n Now) string {
	if why := notRead(n); why != "" {
		return why
	}
	if n.Past != nil && n.Past.AtStart {
		return "nothing happened before"
	}
	return ""
}

func noAfter(n Now) string {
	if why := notRead(n); why != "" {
		return why
	}
	switch {
	case n.Past == nil:
		return "you look at now" + n.hint(StepPast, -1, "steps back")
	case n.Past.AtEnd && n.Past.Live:
		return "nothing has happened since" + n.hint(Pause, 0, "returns to now")
	case n.Past.AtEnd:
		return "nothing happened after that"
	}
	return ""
}

// noFaultOver says why no fault of a drill that is over can be gone to from its result; else is asked on other pages.
func noFaultOver(n Now, otherwise func(Now) string) string {
	switch {
	case n.Page != PageResult || n.Past != nil:
		return otherwise(n)
	case n.Outcome.Journal == "":
		return noJournal(n)
	case len(n.State.Faults) == 0:
		return "nothing was broken in this drill" + n.hint(Replay, 0, "plays it back")
	}
	return ""
}

func noFaultBefore(n Now) string { return noFaultOver(n, noBefore) }

func noFaultAfter(n Now) string { return noFaultOver(n, noAfter) }

func noEnd(n Now) string {
	if n.Time() == Paused {
		return "" // now is the end
	}
	return noAfter(n)
}

func noSpeed(n Now) string {
	if n.Page == PageReading {
		return stillRead
	}
	return "only a replay has a speed"
}

func noReplay(n Now) string {
	switch {
	case n.Time() == Replayed:
		return "this is a replay"
	case n.Page == PageDrill, n.Page == PageBringUp:
		return "the drill still runs" + n.hint(Pause, 0, "pauses the screen") + n.hint(StepPast, -1, "steps back")
	}
	return n.NoSession()
}

// pastKeys move about in what has happened.
func pastKeys() Table {
	return Table{
		{Keys: []string{"space"}, Show: "space", Name: "pause", Help: "hold the screen still; again: go on", Group: GroupPast, Place: Always, use: moments, off: noPause, Intent: Intent{Op: Pause}},
		{Keys: []string{","}, Show: ",", Name: "step back", Help: "go back to what happened before", Group: GroupPast, use: moments, off: noBefore, Intent: Intent{Op: StepPast, By: -1}},
		{Keys: []string{"."}, Show: ".", Name: "step on", Help: "go on to what happened next", Group: GroupPast, use: moments, off: noAfter, Intent: Intent{Op: StepPast, By: 1}},
		{Keys: []string{"shift+left"}, Show: "shift+←", Name: "5 s back", Help: "go five seconds back", Group: GroupPast, use: moments, off: noBefore, Intent: Intent{Op: SkipPast, By: -1}},
		{Keys: []string{"shift+right"}, Show: "shift+→", Name: "5 s on", Help: "go five seconds on", Group: GroupPast, use: moments, off: noAfter, Intent: Intent{Op: SkipPast, By: 1}},
		{Keys: []string{"{"}, Show: "{", Name: "previous fault", Help: "back to a fault; of a result, replay its last", Group: GroupPast, use: faults, off: noFaultBefore, Intent: Intent{Op: JumpFault, By: -1}},
		{Keys: []string{"}"}, Show: "}", Name: "next fault", Help: "on to a fault; of a result, replay its first", Group: GroupPast, use: faults, off: noFaultAfter, Intent: Intent{Op: JumpFault, By: 1}},
		{Keys: []string{"home"}, Show: "home", Name: "beginning", Help: "go to the beginning of the drill", Group: GroupPast, use: moments, off: noBefore, Intent: Intent{Op: JumpEnd, By: -1}},
		{Keys: []string{"end"}, Show: "end", Name: "end", Help: "go to the end of the drill, or to now", Group: GroupPast, use: moments, off: noEnd, Intent: Intent{Op: JumpEnd, By: 1}},
		{Keys: []string{"<"}, Show: "<", Name: "slower", Help: "play a replay at half the speed", Group: GroupPast, use: replays, Intent: Intent{Op: Speed, By: -1}},
		{Keys: []string{">"}, Show: ">", Name: "faster", Help: "play a replay at twice the speed", Group: GroupPast, use: replays, Intent: Intent{Op: Speed, By: 1}},
	}
}
