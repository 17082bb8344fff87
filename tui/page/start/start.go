// Package start is the page on which a person chooses a drill, a fleet and where it runs, or a
// journal to play back. What to do first stands first.
package start

import (
	"context"
	"fmt"
	"math"
	"slices"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
)

// Page is the choice of a drill, of where and of which fleet.
type Page struct {
	Starting bool // what was chosen is being started
	Stopping bool // and given up
	GiveUp   context.CancelFunc

	known
	list  listing
	rows  int // of the list with all drills: a filter moves nothing else on the page
	focus section
	at    [sections]int // in Platforms, Fleets, journals; of drills, in list.items

	wanted int // the drill that a person chose, in Drills; also while the fleet is one that it can't run on
	// elsewhere says that the drill's own fleet is in no list, as one of a file beside the drill's.
	elsewhere bool
	unfit     string // why the wanted drill is not on the chosen fleet; "" where it is
	fits
	chosenOn bool // a person chose where, so that the machine's answer must not

	filter    textinput.Model
	filtering bool
	sought    int     // the drill, in Drills, that was wanted before a filter was typed
	begun     *Choice // what is being started
	what      string  // its name
}

// section is one of the lists of the page.
type section int

const (
	drills section = iota
	platforms
	fleets
	journals
	sections
)

// free is the drill in which a person presses the keys. It stands in Drills like the others.
var free = DrillChoice{
	Title:      "you press the keys",
	Hypothesis: "Users and data run; you break what you like, and read off what it costs.",
	Teaches:    "What your own hands can break, and what that costs: every key says first what it will do.",
}

// New is the page before anything was read or chosen. What it shows then comes by Found, List and
// Keep, in any order.
func New(o Offered) Page {
	p := Page{known: known{Offered: o}, filter: textinput.New(), rows: math.MaxInt16, fits: fits{why: map[Pair]string{}}}
	p.Drills = []DrillChoice{free}
	p.list = newListing(p.Drills, nil, "")
	p.filter.Prompt = ""
	if i := slices.Index(p.Platforms, p.First.On); i >= 0 {
		p.at[platforms], p.chosenOn = i, true
	}
	return p
}

// List takes in the fleets and drills that there are. What a person's settings say is chosen, else
// what is to be done first; what was begun before stays.
func (p *Page) List(c Catalog) {
	p.Fleets, p.Drills, p.listed = c.Fleets, append(slices.Clone(c.Drills), free), true
	p.at[fleets] = 0
	p.rows = len(newListing(p.Drills, p.Questions, "").rows)
	p.list = newListing(p.Drills, p.Questions, p.filter.Value())
	first := 0
	if p.at[drills] = 0; len(p.list.items) > 0 {
		first = p.list.items[0].drill
	}
	p.choose(first)
	if p.begun != nil {
		p.show(*p.begun)
		return
	}
	if i := p.drillOf(p.First.Drill); p.First.Drill != "" && i >= 0 {
		p.at[drills] = p.list.of(i)
		p.choose(i)
	}
	if i := p.fleetOf(p.First.Fleet); p.First.Fleet != "" && i >= 0 {
		p.chooseFleet(i)
	}
}

// Found takes in what the machine can run, and chooses the first that it is at ease with; where
// it is with none, the first that it can run.
func (p *Page) Found(m Machine) {
	p.machine = &m
	if p.chosenOn {
		return
	}
	for _, good := range []func(Offer) bool{Offer.atEase, func(o Offer) bool { return o.Available }} {
		if i := slices.IndexFunc(p.Platforms, func(on string) bool { return good(p.offer(on)) }); i >= 0 {
			p.at[platforms] = i
			break
		}
	}
	p.join()
}

// Waits reports whether the page waits for something that moves meanwhile.
func (p *Page) Waits() bool { return !p.Known() || !p.listed || !p.kept || p.Starting }

func (p *Page) on() string {
	if p.at[platforms] < len(p.Platforms) {
		return p.Platforms[p.at[platforms]]
	}
	return ""
}

// fleet is what a drill runs on; nil where there is none.
func (p *Page) fleet() *FleetChoice {
	if p.elsewhere {
		return &FleetChoice{Name: p.Drills[p.wanted].Fleet}
	}
	if p.at[fleets] < len(p.Fleets) {
		return &p.Fleets[p.at[fleets]]
	}
	return nil
}

// drill is what would be started: the wanted drill, or a free one where the fleet is none for it.
func (p *Page) drill() DrillChoice {
	if p.unfit != "" {
		return p.Drills[len(p.Drills)-1]
	}
	return p.Drills[p.wanted]
}

// join selects the platform on which the chosen fleet is up, so that a start joins it, but
// where a person chose another.
func (p *Page) join() {
	f := p.fleet()
	if f == nil || p.elsewhere || p.chosenOn || !p.offer(f.Running).Available {
		return
	}
	if i := slices.Index(p.Platforms, f.Running); i >= 0 {
		p.at[platforms] = i
	}
}

// choose takes a drill, which brings its fleet with it.
func (p *Page) choose(drill int) {
	p.wanted, p.unfit, p.fits.pending = drill, "", nil
	d := p.Drills[drill]
	i := p.fleetOf(d.Fleet)
	if p.elsewhere = i < 0 && d.Fleet != ""; i >= 0 {
		p.at[fleets] = i
	}
	p.join()
}

// chooseFleet takes a fleet. The wanted drill stays where it can run on it, which is asked for where
// that is not known yet.
func (p *Page) chooseFleet(i int) {
	p.at[fleets], p.elsewhere, p.unfit, p.fits.pending = i, false, "", nil
	p.join()
	d, f := p.Drills[p.wanted], p.Fleets[i]
	if d.Fleet == "" || d.Fleet == f.Name || d.Err != nil || f.Err != nil {
		return
	}
	p.unfit = p.fits.of(Pair{d.Name, f.Name})
}

// Answer takes why a drill can't run on a fleet; nil where it can.
func (p *Page) Answer(on Pair, err error) Outcome {
	why, awaited := p.fits.answer(on, err)
	if !awaited { // something else was chosen meanwhile
		return Outcome{}
	}
	if p.unfit = why; p.Starting { // what is wrong with it, the start says
		return Outcome{}
	}
	return unfits(why)
}

// ready is the choice, or why it can't be started.
func (p *Page) ready() (Choice, string) {
	f, d, on := p.fleet(), p.drill(), p.on()
	switch {
	case !p.listed:
		return Choice{}, "still reading which drills there are"
	case p.machine == nil:
		return Choice{}, "still looking at what this machine can run"
	case !p.offer(on).Available:
		return Choice{}, fmt.Sprintf("%s can't run here: %s", on, p.offer(on).Why)
	case d.Err == nil && d.Compares != nil:
		return Choice{On: on, Drill: d.Name, Compare: true}, ""
	case f == nil:
		return Choice{}, "there is no fleet to choose"
	case f.Err != nil:
		return Choice{}, f.Err.Error()
	case d.Err != nil:
		return Choice{}, d.Err.Error()
	case p.fits.pending != nil:
		return Choice{}, fmt.Sprintf("still looking whether %s can run on %s", d.Name, f.Name)
	}
	c := Choice{On: on, Fleet: f.Name, Drill: d.Name}
	if p.elsewhere { // the drill's file knows where it is
		c.Fleet = ""
	}
	return c, ""
}

// Begin selects in the lists what is being started, which flags may have chosen,
// and names it: a file somewhere else is in no list.
func (p *Page) Begin(c Choice, giveUp context.CancelFunc) {
	p.Starting, p.GiveUp, p.begun = true, giveUp, &c
	if p.what = c.Fleet; c.Drill != "" {
		p.what = c.Drill
	}
	p.show(c)
}

// show selects a choice in the lists.
func (p *Page) show(c Choice) {
	if i := slices.Index(p.Platforms, c.On); i >= 0 {
		p.at[platforms] = i
	}
	if drill := p.drillOf(c.Drill); drill >= 0 {
		p.filter.SetValue("")
		p.list = newListing(p.Drills, p.Questions, "")
		if p.list.items[p.at[drills]].drill != drill { // else what is shown first stays
			p.at[drills] = p.list.of(drill)
		}
		p.choose(drill)
	}
	if fleet := p.fleetOf(c.Fleet); fleet >= 0 {
		p.chooseFleet(fleet)
	}
}

// Typing reports whether keys are characters of a filter now.
func (p *Page) Typing() bool { return p.filtering }

// Paste takes a text that was pasted.
func (p *Page) Paste(text string) {
	if p.filtering {
		p.edit(tea.PasteMsg{Content: text})
	}
}
