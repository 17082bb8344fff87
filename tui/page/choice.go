// Package page holds the pages of the screen. A page owns its state, its keys and its
// drawing; what a key brought about it returns, and drawing it changes nothing.
package page

import (
	"context"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Machine is what can be run here, best first.
type Machine struct{ Offers []Offer }

// Offer is one platform that a fleet can run on.
type Offer struct {
	Name      string // what Choice.On takes
	What      string // what regions are on it, in a few words
	Available bool
	// Why says, when it is not available, what is missing and what mends it.
	Why string
	// Joins says that a fleet which runs there already is joined, and left running.
	Joins bool
	// Memory is the bytes that a fleet of three regions needs, MemoryFree
	// those that are free; 0 for what is not known.
	Memory, MemoryFree int64
	// Duration is about how long a fleet takes to come up; 0 when not known.
	Duration time.Duration
	// Engine names what runs it, "docker 28.5"; "" where nothing else does.
	Engine string
}

// FleetChoice is a fleet that can be chosen.
type FleetChoice struct {
	Name    string // what Choice.Fleet takes
	Summary string // one line: "3 regions, 9,000 users, 1 dataset"
	// Running is the platform on which a fleet of that name was kept, so that a
	// start joins it; "" when none was.
	Running string
	// Err is why the file can't be used; nil when it can.
	Err error
}

// DrillChoice is a drill that can be chosen.
type DrillChoice struct {
	Name       string // what Choice.Drill takes
	Title      string
	Hypothesis string
	Fleet      string // the name of its fleet; "" for any
	Err        error
}

// JournalChoice is a journal that can be played back.
type JournalChoice struct {
	Path  string    // what Host.Load takes; "" is the one that ships
	When  time.Time // when the drill began
	Drill string    // the plan's name; "" for a drill by hand
	Fleet string
	// Verdict is how the drill ended; "" for one that was not judged.
	Verdict drill.Verdict
}

// Choice is what a person chose. Drill "" is a drill by hand, On "" what this
// machine runs best.
type Choice struct {
	On, Fleet, Drill string
}

// Start is the choice of where, which fleet and which drill.
type Start struct {
	Starting bool // what was chosen is being started
	Stopping bool // and given up
	GiveUp   context.CancelFunc
	// Journal is the newest journal; "" for none.
	Journal string

	machine   *Machine // nil while it is being looked at
	platforms []string
	fleets    []FleetChoice
	drills    []DrillChoice // the first is "by hand"
	section   int
	at        [3]int
	own       int    // the fleet that a person chose, where no drill brings one
	chosenOn  bool   // a person chose where, so that the machine's answer must not
	what      string // is being started
}

const (
	sectionOn = iota
	sectionFleet
	sectionDrill
)

// NewStart is the page before anything was chosen.
func NewStart(platforms []string, fleets []FleetChoice, drills []DrillChoice, journal string) Start {
	hand := DrillChoice{Title: "you press the keys", Hypothesis: "Users and data run; you break what you like and read off what it costs."}
	return Start{platforms: platforms, fleets: fleets, drills: append([]DrillChoice{hand}, drills...), section: sectionFleet, Journal: journal}
}

// Found takes in what the machine can run, and chooses the best of it.
func (p *Start) Found(m Machine) {
	p.machine = &m
	if p.chosenOn {
		return
	}
	for i, name := range p.platforms {
		if p.offer(name).Available {
			p.at[sectionOn] = i
			p.join()
			return
		}
	}
}

// Known reports whether the machine has been looked at.
func (p *Start) Known() bool { return p.machine != nil }

// Waits reports whether the page waits for something that moves meanwhile.
func (p *Start) Waits() bool { return !p.Known() || p.Starting }

func (p *Start) offer(on string) Offer {
	if p.machine != nil {
		for _, o := range p.machine.Offers {
			if o.Name == on {
				return o
			}
		}
	}
	return Offer{Name: on}
}

func (p *Start) on() string {
	if p.at[sectionOn] < len(p.platforms) {
		return p.platforms[p.at[sectionOn]]
	}
	return ""
}

func (p *Start) lens() [3]int { return [3]int{len(p.platforms), len(p.fleets), len(p.drills)} }

func (p *Start) fleet() *FleetChoice {
	if p.at[sectionFleet] < len(p.fleets) {
		return &p.fleets[p.at[sectionFleet]]
	}
	return nil
}

// join selects the platform on which the chosen fleet is up, so that a start joins it, but
// where a person chose another.
func (p *Start) join() {
	f := p.fleet()
	if f == nil || p.chosenOn || !p.offer(f.Running).Available {
		return
	}
	if i := slices.Index(p.platforms, f.Running); i >= 0 {
		p.at[sectionOn] = i
	}
}

// move moves in the section. A drill brings its fleet with it, by hand is on the fleet that was
// chosen before, and a fleet that a drill is not for takes that drill away again.
func (p *Start) move(by int) {
	n := p.lens()[p.section]
	if n == 0 {
		return
	}
	p.at[p.section] = (p.at[p.section] + by + n) % n
	d := p.drills[p.at[sectionDrill]]
	switch p.section {
	case sectionOn:
		p.chosenOn = true
	case sectionFleet:
		p.own = p.at[sectionFleet]
		p.join()
		if f := p.fleet(); f != nil && d.Fleet != "" && d.Fleet != f.Name {
			p.at[sectionDrill] = 0
		}
	case sectionDrill:
		p.at[sectionFleet] = p.own
		p.bring(d)
	}
}

// Begin selects in the lists what is being started, which flags may have chosen,
// and names it: a file somewhere else is in no list.
func (p *Start) Begin(c Choice, giveUp context.CancelFunc) {
	p.Starting, p.GiveUp, p.what = true, giveUp, c.Fleet
	for i, f := range p.fleets {
		if f.Name == c.Fleet {
			p.at[sectionFleet], p.own = i, i
		}
	}
	if c.Drill == "" {
		return
	}
	p.what = c.Drill
	for i, d := range p.drills {
		if d.Name == c.Drill {
			p.at[sectionDrill] = i
			p.bring(d)
		}
	}
}

// bring selects the fleet that a drill is for.
func (p *Start) bring(d DrillChoice) {
	for i, f := range p.fleets {
		if d.Fleet == f.Name {
			p.at[sectionFleet] = i
		}
	}
}
