package keys

import (
	"cmp"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/tui/pane"
	"github.com/fleetdrill/fleetdrill/tui/style"
)

// Intent is what a key asks for.
type Intent struct {
	Op     Op
	Action action.Action // of Act
	Pane   pane.ID       // of ShowPane
	By     int           // how far, and which way: of what moves, scrolls, steps and jumps
}

// Op is one thing that the screen does.
type Op int

// What the screen does. Act is all actions; the rest changes what is shown.
const (
	Act Op = iota + 1
	Inspect
	MoveRegion
	NextDataset
	ListLost
	MovePane
	ShowPane
	FullPane
	SortRegions
	Present
	Matrix
	EditFilter
	Scroll
	ToggleMotion
	NextTheme
	Back
	Pause
	StepPast
	SkipPast
	JumpFault
	JumpEnd
	Speed
	Replay
	OpenPalette
	OpenHelp
	Quit
	QuitNow
	OpenPsql
	CopyPsql
	CopyKubectl
	Again
	NextDrill
	ToStart
	Compare
	SaveReport
	CopyPath
	EndDrill
)

// How many lines the keys that scroll go back, and on.
const (
	scrollBack = 5
	scrollOn   = -5
)

func regionKeys() Table {
	return Table{
		{Keys: []string{"enter"}, Show: enterSign, Name: "inspect", Help: "show node and pods; on data: lost writes", Group: GroupRegion, Place: ForRegion, use: findings, off: nothingToInspect, Intent: Intent{Op: Inspect}},
		{Keys: []string{"left", "h", "up", "k"}, Show: "← h", Name: "previous region", Help: "select the region before", Group: GroupRegion, use: panes, Intent: Intent{Op: MoveRegion, By: -1}},
		{Keys: []string{"right", "l", "down", "j"}, Show: "→ l", Name: "next region", Help: "select the region after", Group: GroupRegion, use: panes, Intent: Intent{Op: MoveRegion, By: 1}},
	}
}

func dataKeys() Table {
	return Table{
		{Keys: []string{"d"}, Show: "d", Name: "next dataset", Help: "select the next dataset", Group: GroupData, Place: Always, use: findings, off: oneDataset, Intent: Intent{Op: NextDataset}},
		{Keys: []string{"L", "shift+l"}, Show: "L", Name: "lost writes", Help: "list writes that are lost, or were split", Group: GroupData, use: findings, off: noneLost, Intent: Intent{Op: ListLost}},
	}
}

func lookKeys() Table {
	t := Table{
		{Keys: []string{"tab"}, Show: "tab", Name: "next pane", Help: "go to the next pane", Group: GroupLook, Place: Always, use: panes, off: covered, Intent: Intent{Op: MovePane, By: 1}},
		{Keys: []string{"shift+tab"}, Show: "shift+tab", Name: "previous pane", Help: "go to the pane before", Group: GroupLook, use: panes, off: covered, Intent: Intent{Op: MovePane, By: -1}},
		{Keys: []string{"f"}, Show: "f", Name: "full pane", Help: "give the pane all the room, or give it back", Group: GroupLook, use: panes, off: covered, Intent: Intent{Op: FullPane}},
		{Keys: []string{"o"}, Show: "o", Name: "sort regions", Help: "sort by share, health, lag, name or as given", Group: GroupLook, use: panes, off: notTabled, Intent: Intent{Op: SortRegions}},
		{Keys: []string{"p"}, Show: "p", Name: "presenter view", Help: "five facts for the back row, or back", Group: GroupLook, Place: Always, use: panes, Intent: Intent{Op: Present}},
		{Keys: []string{"M", "shift+m"}, Show: "M", Name: "link matrix", Help: "every link: pick one and change it, or back", Group: GroupLook, use: panes, Intent: Intent{Op: Matrix}},
		{Keys: []string{"/"}, Show: "/", Name: "filter", Help: "filter drills, timeline, a table of regions", Group: GroupLook, use: filters, off: covered, Intent: Intent{Op: EditFilter}},
		{Keys: []string{"pgup", "ctrl+b"}, Show: "pgup", Name: "scroll back", Help: "go back in timeline and commands; up", Group: GroupLook, use: panes, off: covered, Intent: Intent{Op: Scroll, By: scrollBack}},
		{Keys: []string{"pgdown", "ctrl+f"}, Show: "pgdn", Name: "scroll on", Help: "go on in timeline and commands; down", Group: GroupLook, use: panes, off: covered, Intent: Intent{Op: Scroll, By: scrollOn}},
		{Keys: []string{"s"}, Show: "s", Name: "reduce motion", Help: "reduce motion: nothing spins or lights up", Group: GroupLook, use: always, Intent: Intent{Op: ToggleMotion}},
		{Keys: []string{"t"}, Show: "t", Name: "next theme", Help: strings.Join(style.Themes(), ", "), Group: GroupLook, use: always, off: colourless, Intent: Intent{Op: NextTheme}},
		{Keys: []string{"esc"}, Show: "esc", Name: "back", Help: "close what is open, go back; it never quits", Group: GroupLook, use: always, Intent: Intent{Op: Back}},
	}
	for id := pane.First; id <= pane.Last; id++ {
		t = append(t, Binding{Keys: []string{id.Key()}, Show: id.Key(), Name: id.Name(), Help: "show the pane " + id.Name(), Group: GroupLook, use: panes, off: nothingIn(id), Intent: Intent{Op: ShowPane, Pane: id}})
	}
	return t
}

// nothingIn says why a pane can't be shown, or has nothing to show of this fleet.
func nothingIn(id pane.ID) func(Now) string {
	return func(n Now) string { return cmp.Or(covered(n), id.Off(n.State)) }
}

func programKeys() Table {
	return Table{
		{Keys: []string{":"}, Show: ":", Name: "command", Help: "find a command by its words", Group: GroupProgram, Place: Always, use: always, Intent: Intent{Op: OpenPalette}},
		{Keys: []string{"?"}, Show: "?", Name: "help", Help: "every key, and what the words here mean", Group: GroupProgram, Place: Always, use: always, Intent: Intent{Op: OpenHelp}},
		{Keys: []string{"q"}, Show: "q", Name: "quit", Help: "quit; asks what to do with the fleet", Group: GroupProgram, Place: Always, use: always, Intent: Intent{Op: Quit}},
		{Keys: []string{"ctrl+c"}, Show: "ctrl+c", Name: "quit now", Help: "quit, taking its own fleet down; twice: now", Group: GroupProgram, use: always, Intent: Intent{Op: QuitNow}},
	}
}
