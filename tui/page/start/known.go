package start

import (
	"fmt"
	"slices"
)

// known is what was told of what there is to choose from. It comes part by part, from who reads it.
type known struct {
	Offered
	Catalog
	listed   bool // the catalog is there
	journals []JournalChoice
	recorded int      // how many there are in all; those that ship are not counted
	kept     bool     // they are there
	machine  *Machine // nil while it is being looked at
}

// Keep takes in the newest journals that can be played back, newest first, and how many there are; those that
// ship are not counted.
func (k *known) Keep(newest []JournalChoice, all int) {
	k.journals, k.recorded, k.kept = newest, all, true
}

// Known reports whether the machine has been looked at.
func (k *known) Known() bool { return k.machine != nil }

func (k *known) drillOf(name string) int {
	return slices.IndexFunc(k.Drills, func(d DrillChoice) bool { return d.Name == name })
}

func (k *known) fleetOf(name string) int {
	return slices.IndexFunc(k.Fleets, func(f FleetChoice) bool { return f.Name == name })
}

func (k *known) offer(on string) Offer {
	if k.machine != nil {
		for _, o := range k.machine.Offers {
			if o.Name == on {
				return o
			}
		}
	}
	return Offer{Name: on}
}

// empty is what an empty list says.
func (k *known) empty(s section) string {
	there := [sections]bool{drills: k.listed, platforms: true, fleets: k.listed, journals: k.kept}
	if !there[s] {
		return "being read"
	}
	return [sections]string{"no drill has that word; esc shows all", "none found", "none found", "none yet: every drill writes one"}[s]
}

// Next is the drill that is listed after another, the first after a free one; false after the last.
func (k *known) Next(drill string) (DrillChoice, bool) {
	past := drill == ""
	for _, i := range newListing(k.Drills, k.Questions, "").items {
		d := k.Drills[i.drill]
		if i.first || d.Name == "" || d.Err != nil || d.Compares != nil { // told again below, or no drill
			continue
		}
		if past {
			return d, true
		}
		past = d.Name == drill
	}
	return DrillChoice{}, false
}

// fits is whether drills can run on fleets, as far as it was asked.
type fits struct {
	why     map[Pair]string // they can't; "" where they can
	pending *Pair           // what is to be found out of the choice
	asked   bool            // and was asked for
}

// of is why a drill can't run on a fleet; "" where it can, and while that is to be found out.
func (f *fits) of(on Pair) string {
	why, known := f.why[on]
	if !known {
		f.pending, f.asked = &on, false
	}
	return why
}

// Ask is what is to be found out of the choice, by reading files; nil where nothing is, or it is
// asked for already. Page.Answer takes what came of it.
func (f *fits) Ask() *Pair {
	if f.pending == nil || f.asked {
		return nil
	}
	f.asked = true
	return f.pending
}

// answer takes in an answer, and reports whether it is the one that is waited for.
func (f *fits) answer(on Pair, err error) (why string, awaited bool) {
	if err != nil {
		why = fmt.Sprintf("%s can't run on %s: %s", on.Drill, on.Fleet, err)
	}
	f.why[on] = why
	if awaited = f.pending != nil && *f.pending == on; awaited {
		f.pending = nil
	}
	return why, awaited
}

// unfits says that the wanted drill is not on the chosen fleet, if so.
func unfits(why string) Outcome {
	if why == "" {
		return Outcome{}
	}
	return Outcome{Why: why + "; a free drill is chosen instead"}
}
