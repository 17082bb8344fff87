package start

import (
	tea "charm.land/bubbletea/v2"

	"github.com/fleetdrill/fleetdrill/tui/keys"
)

// Outcome is what a key brought about.
type Outcome struct {
	Choice *Choice        // what is to be started; nil where nothing is
	Replay *JournalChoice // the journal to play back; nil where none is
	Why    string         // why what was chosen can't be started, or was not taken
	Pass   bool           // the key is for nothing on this page
}

// pageBy is how far page up and page down move.
const pageBy = 8

// Key takes a key.
func (p *Page) Key(k tea.KeyPressMsg) Outcome {
	if p.filtering {
		return typed(p, k)
	}
	switch keys.OwnOf(k.String(), keys.PageStart, keys.Live) {
	case keys.OwnNextList:
		p.focus = (p.focus + 1) % sections
	case keys.OwnLastList:
		p.focus = (p.focus + sections - 1) % sections
	case keys.OwnDown:
		return p.move(1, true)
	case keys.OwnUp:
		return p.move(-1, true)
	case keys.OwnPageDown:
		return p.move(pageBy, false)
	case keys.OwnPageUp:
		return p.move(-pageBy, false)
	case keys.OwnFirst:
		return p.move(-p.len(p.focus), false)
	case keys.OwnLast:
		return p.move(p.len(p.focus), false)
	case keys.OwnEnter:
		return p.enter()
	case keys.OwnBack:
		if p.filter.Value() != "" {
			p.unfilter()
			break
		}
		p.focus = drills
	default:
		return Outcome{Pass: true}
	}
	return Outcome{}
}

// EditFilter lets a filter of the drills be typed.
func (p *Page) EditFilter() {
	if !p.filtering && p.filter.Value() == "" {
		p.sought = p.wanted
	}
	p.focus, p.filtering = drills, true
	p.filter.Focus()
	p.filter.CursorEnd()
}

func (p *Page) enter() Outcome {
	if p.Starting { // a replay would hide the drill that comes up
		return Outcome{Why: "it is being started"}
	}
	if p.focus == journals {
		if len(p.journals) == 0 {
			return Outcome{Why: p.empty(journals)}
		}
		return Outcome{Replay: &p.journals[p.at[journals]]}
	}
	if p.focus == drills && p.len(drills) == 0 {
		return Outcome{Why: p.empty(drills)}
	}
	c, why := p.ready()
	if why != "" {
		return Outcome{Why: why}
	}
	return Outcome{Choice: &c}
}

// typed takes a key while a filter is typed. The list is moved in at the same time.
func typed(p *Page, k tea.KeyPressMsg) Outcome {
	switch k.String() {
	case "enter", "tab":
		p.filtering = false
		p.filter.Blur()
	case "esc":
		p.filtering = false
		p.filter.Blur()
		p.unfilter()
	case "down":
		return p.move(1, true)
	case "up":
		return p.move(-1, true)
	default:
		p.edit(k)
	}
	return Outcome{}
}

func (p *Page) edit(msg tea.Msg) {
	was := p.filter.Value()
	p.filter, _ = p.filter.Update(msg) // its command blinks a cursor that is not drawn
	if p.filter.Value() != was {
		p.refilter()
	}
}

// refilter lists the drills anew; the one that was selected stays so where it is listed.
func (p *Page) refilter() {
	was := p.wanted
	p.list = newListing(p.Drills, p.Questions, p.filter.Value())
	p.at[drills] = p.list.of(was)
	if len(p.list.items) > 0 {
		if now := p.list.items[p.at[drills]].drill; now != was {
			p.choose(now)
		}
	}
}

// unfilter lists all drills again. Where none had the words, the one that was selected before is.
func (p *Page) unfilter() {
	if p.len(drills) == 0 && p.sought < len(p.Drills) {
		p.choose(p.sought)
	}
	p.filter.SetValue("")
	p.refilter()
}

// len is how much there is in a list.
func (p *Page) len(s section) int {
	if s == drills && !p.listed {
		return 0
	}
	return [sections]int{len(p.list.items), len(p.Platforms), len(p.Fleets), len(p.journals)}[s]
}

// move moves in the list in focus; around its ends only by single steps.
func (p *Page) move(by int, around bool) Outcome {
	n := p.len(p.focus)
	if n == 0 {
		return Outcome{}
	}
	to := p.at[p.focus] + by
	if around {
		to = (to + n) % n
	}
	to = min(max(to, 0), n-1)
	p.at[p.focus] = to
	switch p.focus {
	case drills:
		p.choose(p.list.items[to].drill)
	case platforms:
		p.chosenOn = true
	case fleets:
		p.chooseFleet(to)
		return unfits(p.unfit)
	}
	return Outcome{}
}

// spot is what a click on a list is on: one of its things, or -1 for the list alone.
type spot struct {
	list section
	of   int
}

// Mouse takes what was done with the mouse: a click selects, the wheel moves. It reports whether
// a click is as good as Enter: it is on what is selected.
func (p *Page) Mouse(did keys.Mouse) (o Outcome, enter bool) {
	at, is := did.On.(spot)
	if !is || did.Did != keys.Clicked && did.Did != keys.Wheeled {
		return Outcome{}, false
	}
	focused := p.focus == at.list
	p.focus, p.filtering = at.list, false
	p.filter.Blur()
	switch {
	case did.Did == keys.Wheeled:
		return p.move(-did.By, false), false
	case at.of < 0:
		return Outcome{}, false
	case focused && p.at[at.list] == at.of:
		return Outcome{}, true
	}
	return p.move(at.of-p.at[at.list], false), false
}
