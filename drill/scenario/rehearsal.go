package scenario

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
)

// rehearsal goes through the steps as if each took effect, to find those that
// the engine could only refuse: a region killed twice, one restored that nothing
// broke. What a failover chooses is not known beforehand, and is left open.
type rehearsal struct {
	*drillReader
	down map[string]outage
	lead map[string]string     // of each dataset; "" once a failover may have moved it
	mode map[string]promised   // of each dataset, as far as steps set it
	lost bool                  // any fault so far: an authority may be gone
	cut  map[drill.Command]int // the partitions that are open, with their lines
}

type outage struct {
	word string // "killed", "frozen", "cordoned"
	line int
}

// promised is a dataset's promise, and the line of the step that made it; 0 is the
// fleet file's.
type promised struct {
	drill.Durability
	line int
}

func (o outage) String() string { return fmt.Sprintf("%s in line %d", o.word, o.line) }

func newRehearsal(r *drillReader) *rehearsal {
	h := &rehearsal{drillReader: r, down: map[string]outage{}, lead: map[string]string{}, cut: map[drill.Command]int{}, mode: map[string]promised{}}
	for _, d := range r.fleet.Datasets {
		h.lead[d.Name] = d.Authority
		h.mode[d.Name] = promised{Durability: d.Durability()}
	}
	return h
}

func (h *rehearsal) run() {
	for _, s := range h.steps {
		c := s.Command
		if s.Expect == drill.ExpectRefused {
			continue
		}
		switch c.Verb {
		case drill.VerbKill, drill.VerbFreeze, drill.VerbCordon:
			h.takeAway(s)
		case drill.VerbRestore, drill.VerbUncordon:
			h.bringBack(s)
		case drill.VerbPromote, drill.VerbSwitchover, drill.VerbForce:
			h.move(s)
		case drill.VerbPartition, drill.VerbHeal:
			h.sever(s)
		case drill.VerbReseed:
			h.reseed(s)
		case drill.VerbMode:
			h.promise(s)
		}
	}
}

// sever keeps the partitions that are open.
func (h *rehearsal) sever(s *step) {
	c := drill.Command{Between: s.Command.Between, From: s.Command.From, To: s.Command.To}
	line, open := h.cut[c]
	switch {
	case s.Command.Verb == drill.VerbHeal && !open:
		h.add(s.line, "nothing is partitioned there by then, so there is nothing to heal; name the same ends as the partition")
	case s.Command.Verb == drill.VerbHeal:
		delete(h.cut, c)
	case open:
		h.add(s.line, "that is partitioned since line %d; heal it first", line)
	default:
		h.cut[c], h.lost = s.line, true
		for dataset, lead := range h.lead {
			if lead == c.Between[0] || lead == c.Between[1] || lead == c.From || lead == c.To {
				h.lead[dataset] = ""
			}
		}
	}
}

func (h *rehearsal) reseed(s *step) {
	c := s.Command
	d, known := h.fleet.Dataset(c.Dataset)
	if !known || c.Region == "" {
		return
	}
	o, down := h.down[c.Region]
	switch {
	case !slices.Contains(d.Regions, c.Region):
		h.add(s.line, "%s holds no copy of %s; those that do are %s", c.Region, d.Name, list(d.Regions))
	case down:
		h.add(s.line, "%s is %s; %s it first", c.Region, o, o.undo())
	case h.lead[d.Name] == c.Region:
		h.add(s.line, "%s leads %s by then: every write that is nowhere else would be gone; switch over first", c.Region, d.Name)
	}
}

var taken = map[drill.Verb]string{drill.VerbKill: "killed", drill.VerbFreeze: "frozen", drill.VerbCordon: "cordoned"}

// undo is the verb that ends an outage.
func (o outage) undo() drill.Verb {
	if o.word == taken[drill.VerbCordon] {
		return drill.VerbUncordon
	}
	return drill.VerbRestore
}

func (h *rehearsal) takeAway(s *step) {
	region := s.Command.Region
	if region == "" {
		return
	}
	if o, down := h.down[region]; down {
		h.add(s.line, "%s is %s and can't be %s; %s it first", region, o, taken[s.Command.Verb], o.undo())
		return
	}
	h.down[region] = outage{taken[s.Command.Verb], s.line}
	if s.Command.Verb == drill.VerbCordon {
		h.empty(s)
	} else {
		h.lost = true
	}
	for dataset, lead := range h.lead {
		if lead == region {
			h.lead[dataset] = ""
		}
	}
}

// empty checks that a cordon leaves somebody to take the region's users and data.
func (h *rehearsal) empty(s *step) {
	region := s.Command.Region
	if len(h.down) == len(h.fleet.Regions) {
		h.add(s.line, "%s can't be cordoned: no other region is up by then to take its users; restore one first", region)
		return
	}
	for _, d := range h.fleet.Datasets {
		heir := slices.ContainsFunc(d.Regions, func(g string) bool { _, down := h.down[g]; return !down })
		if h.lead[d.Name] == region && !heir {
			h.add(s.line, "%s can't be cordoned: it leads %s, and no other region that holds a copy is up by then", region, d.Name)
		}
	}
}

func (h *rehearsal) bringBack(s *step) {
	region := s.Command.Region
	if region == "" {
		return
	}
	switch o, down := h.down[region]; {
	case !down && s.Command.Verb == drill.VerbUncordon:
		h.add(s.line, "%s is not cordoned by then, so there is nothing to uncordon; cordon it in a step before", region)
	case !down:
		h.add(s.line, "%s is neither killed nor frozen by then, so there is nothing to restore; break it in a step before", region)
	case o.undo() != s.Command.Verb:
		h.add(s.line, "%s is %s; use %s", region, o, o.undo())
		delete(h.down, region) // as it was meant
	default:
		delete(h.down, region)
	}
}

func (h *rehearsal) move(s *step) {
	c := s.Command
	d, known := h.fleet.Dataset(c.Dataset)
	if !known || c.To == "" {
		return
	}
	o, down := h.down[c.To]
	switch {
	case d.Mode == drill.ModePinned && !slices.Contains(d.Regions, c.To):
		// The engine refuses it by the rule's name, which a drill may want to show.
	case !slices.Contains(d.Regions, c.To):
		h.add(s.line, "%s holds no copy of %s; those that do are %s", c.To, d.Name, list(d.Regions))
	case down:
		h.add(s.line, "%s is %s and can't lead %s; %s it first", c.To, o, d.Name, o.undo())
	case h.lead[d.Name] == c.To:
		h.add(s.line, "%s leads %s by then already; name another region", c.To, d.Name)
	case c.Verb != drill.VerbSwitchover && !h.lost:
		h.add(s.line, "%s takes over from an authority that is lost, and nothing is broken by then; use switchover", c.Verb)
	default:
		h.lead[d.Name] = c.To
	}
}
