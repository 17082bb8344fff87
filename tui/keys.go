package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// binding is one key and what it is for. Footer, help and palette are made from
// the table below and nothing else.
type binding struct {
	keys  []string // as Bubble Tea names them
	show  string   // as people read it
	name  string   // two or three words
	help  string   // one line
	group string
	// danger marks what takes something away from users. Such keys are
	// shifted, or ask first.
	danger bool
	// footer is where the key is offered, when it can do something.
	footer place
	// each says that the palette offers it for each region, not for the focused one.
	each bool
	// why says why the key can't do anything now; "" when it can. Nil is
	// always.
	why func(*model) string
	do  func(*model) tea.Cmd
}

type place int

const (
	inHelp    place = iota
	mends           // for what is wrong now, before anything else
	forRegion       // for the focused region
	always
)

const (
	groupRegion = "Region"
	groupData   = "Data"
	groupLook   = "Look"
	groupRest   = "Program"
)

// bindings is the key table. It is filled in init, since what a key does may
// open the help, which reads the table.
var bindings []binding

func init() {
	bindings = append(append(regionKeys(), dataKeys()...), append(lookKeys(), programKeys()...)...)
}

func regionKeys() []binding {
	return []binding{
		{keys: []string{"K", "shift+k"}, show: "K", name: "kill", help: "kill the region: SIGKILL, links go silent", group: groupRegion, danger: true, footer: forRegion, each: true, why: canFault("killed"), do: ask(drill.VerbKill)},
		{keys: []string{"Z", "shift+z"}, show: "Z", name: "freeze", help: "freeze the region: connections hang", group: groupRegion, danger: true, footer: forRegion, each: true, why: canFault("frozen"), do: ask(drill.VerbFreeze)},
		{keys: []string{"c"}, show: "c", name: "cordon", help: "cordon: drain users, move authority, evict", group: groupRegion, danger: true, footer: forRegion, each: true, why: canCordon, do: ask(drill.VerbCordon)},
		{keys: []string{"u"}, show: "u", name: "uncordon", help: "uncordon: take users and work again", group: groupRegion, footer: mends, each: true, why: canUncordon, do: command(drill.VerbUncordon)},
		{keys: []string{"r", "R", "shift+r"}, show: "r", name: "restore", help: "end the region's fault and let it rejoin", group: groupRegion, footer: mends, each: true, why: canRestore, do: command(drill.VerbRestore)},
		{keys: []string{"X", "shift+x"}, show: "X", name: "partition", help: "cut the region's links to others: all or one", group: groupRegion, danger: true, why: canPartition, do: choose(partitionTitle, partitionChoices)},
		{keys: []string{"H", "shift+h"}, show: "H", name: "heal", help: "mend a partition", group: groupRegion, footer: mends, why: canHeal, do: choose(healTitle, healChoices)},
		{keys: []string{"enter"}, show: "⏎", name: "inspect", help: "show node and pods; on Data: lost writes", group: groupRegion, footer: forRegion, why: canInspect, do: inspect},
		{keys: []string{"left", "h", "up", "k"}, show: "← h", name: "previous region", help: "select the region before", group: groupRegion, why: hasSession, do: func(m *model) tea.Cmd { return m.move(-1) }},
		{keys: []string{"right", "l", "down", "j"}, show: "→ l", name: "next region", help: "select the region after", group: groupRegion, why: hasSession, do: func(m *model) tea.Cmd { return m.move(1) }},
	}
}

func dataKeys() []binding {
	return []binding{
		{keys: []string{"F", "shift+f"}, show: "F", name: "switch over", help: "move the authority here, losing nothing", group: groupData, footer: forRegion, each: true, why: canSwitchover, do: command(drill.VerbSwitchover)},
		{keys: []string{"P", "shift+p"}, show: "P", name: "promote", help: "take the authority from one that is gone", group: groupData, danger: true, footer: mends, each: true, why: canPromote, do: ask(drill.VerbPromote)},
		{keys: []string{"!"}, show: "!", name: "force", help: "promote though acked writes may be lost", group: groupData, danger: true, footer: mends, each: true, why: canPromote, do: ask(drill.VerbForce)},
		{keys: []string{"m"}, show: "m", name: "mode", help: "async, sync or quorum: when writes are acked", group: groupData, why: canSetMode, do: choose(modeTitle, modeChoices)},
		{keys: []string{"D", "shift+d"}, show: "D", name: "reseed", help: "the replica loses its disk and is copied anew", group: groupData, danger: true, why: canReseed, do: ask(drill.VerbReseed)},
		{keys: []string{"d"}, show: "d", name: "next dataset", help: "select the next dataset", group: groupData, footer: always, why: canChooseDataset, do: nextDataset},
		{keys: []string{"L", "shift+l"}, show: "L", name: "lost writes", help: "list writes that are lost, or were split", group: groupData, why: canListLost, do: listLost},
	}
}

func lookKeys() []binding {
	list := []binding{
		{keys: []string{"tab"}, show: "tab", name: "next pane", help: "go to the next pane", group: groupLook, footer: always, why: hasSession, do: func(m *model) tea.Cmd { return m.cycle(1) }},
		{keys: []string{"shift+tab"}, show: "shift+tab", name: "previous pane", help: "go to the pane before", group: groupLook, why: hasSession, do: func(m *model) tea.Cmd { return m.cycle(-1) }},
		{keys: []string{"f"}, show: "f", name: "full pane", help: "give the pane all the room, or give it back", group: groupLook, why: hasSession, do: func(m *model) tea.Cmd { m.full = !m.full; return nil }},
		{keys: []string{"/"}, show: "/", name: "filter", help: "filter the timeline by a word", group: groupLook, why: hasSession, do: openFilter},
		{keys: []string{"pgup", "ctrl+b"}, show: "pgup", name: "scroll back", help: "go back in timeline and commands", group: groupLook, do: func(m *model) tea.Cmd { return m.scrollBy(5) }},
		{keys: []string{"pgdown", "ctrl+f"}, show: "pgdn", name: "scroll on", help: "go on in timeline and commands", group: groupLook, do: func(m *model) tea.Cmd { return m.scrollBy(-5) }},
		{keys: []string{"s"}, show: "s", name: "stillness", help: "stillness: nothing spins or lights up", group: groupLook, do: toggleMotion},
		{keys: []string{"t"}, show: "t", name: "light or dark", help: "look for dark or for light terminals", group: groupLook, why: hasColor, do: func(m *model) tea.Cmd { m.light = !m.light; m.setTheme(); return nil }},
		{keys: []string{"esc"}, show: "esc", name: "back", help: "go back one thing; it never quits", group: groupLook, do: back},
	}
	for id := pane.First; id <= pane.Last; id++ {
		digit := string(rune('0' + int(id)))
		list = append(list, binding{keys: []string{digit}, show: digit, name: id.Name(), help: "show the pane " + id.Name(), group: groupLook, why: hasSession, do: func(m *model) tea.Cmd { return m.show(id) }})
	}
	return list
}

func programKeys() []binding {
	return []binding{
		{keys: []string{"n"}, show: "n", name: "note", help: "write a note into the journal", group: groupRest, footer: always, why: canCommand, do: openNote},
		{keys: []string{":"}, show: ":", name: "command", help: "find a command by its words", group: groupRest, footer: always, do: openPalette},
		{keys: []string{"?"}, show: "?", name: "keys", help: "show all keys", group: groupRest, footer: always, do: openHelp},
		{keys: []string{"q"}, show: "q", name: "quit", help: "quit; asks what to do with the fleet", group: groupRest, footer: always, do: quit},
		{keys: []string{"ctrl+c"}, show: "ctrl+c", name: "quit now", help: "quit, fleet down unless found up; again: now", group: groupRest, do: func(m *model) tea.Cmd { return m.stop() }},
	}
}

func bindingFor(key string) *binding {
	for i := range bindings {
		for _, k := range bindings[i].keys {
			if k == key {
				return &bindings[i]
			}
		}
	}
	return nil
}
