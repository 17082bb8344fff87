package frames

import (
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/condition"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// mostOnAMap is how many regions, and how many populations, a map has room for.
const mostOnAMap = 8

// Map is populations above and regions below them, and what joins them. Lines have a cell that says what they are like now: a
// route "on" while its population is sent there, a link "cut" or "shaped" while a fault holds it.
type Map struct {
	W, H    int
	Regions []Place
	Users   []Place
	Routes  []Line
	Links   []Line
}

// Place is a box: its name, and the cells of its texts and of its state. State is "fine", "care", "gone" or "unknown".
type Place struct {
	Name  string
	X, Y  int
	Lines []int
	State int
}

// W and H are the measures of a region's box, which stands around its X.
func (Place) W() int { return boxW }

// H is described at W.
func (Place) H() int { return boxH }

// Half is half of W.
func (Place) Half() int { return boxW / 2 }

// Line joins two places.
type Line struct {
	Title          string
	X1, Y1, X2, Y2 int
	State          int
}

// Low is how far down the curve of a link bends.
func (l Line) Low() int { return l.Y1 + bend }

// The measures of a map.
const (
	mapW, usersY, regionsY, mapH = 720, 34, 150, 250
	boxW, boxH, bend             = 150, 62, 40 // of a region's box, and how deep a link hangs below
)

func mapOf(end *drill.State, b *Board) *Map {
	if len(end.Regions) > mostOnAMap || len(end.Populations) > mostOnAMap {
		return nil
	}
	m := &Map{W: mapW, H: mapH}
	at := func(i, n int) int { return mapW * (2*i + 1) / (2 * max(n, 1)) }
	for i, p := range end.Populations {
		name := p.Spec.Name
		m.Users = append(m.Users, Place{Name: name, X: at(i, len(end.Populations)), Y: usersY, Lines: []int{
			b.cell(ofPopulation(name, func(p *drill.PopulationState) string {
				ok, failed := rates(p)
				if ok == format.Unknown {
					return format.Unknown
				}
				return ok + "/s, " + failed + "/s fail"
			})),
		}, State: b.cell(ofPopulation(name, userState))})
	}
	for i, r := range end.Regions {
		name := r.Spec.Name
		m.Regions = append(m.Regions, Place{Name: name, X: at(i, len(end.Regions)), Y: regionsY, Lines: []int{
			b.cell(ofRegion(name, func(s *drill.State, r *drill.RegionState) string {
				words := condition.Of(s, r).Words
				return words[min(1, len(words)-1)]
			})),
			b.cell(func(s *drill.State) string { return leads(s, name) }),
		}, State: b.cell(ofRegion(name, func(_ *drill.State, r *drill.RegionState) string { return regionState(r) }))})
	}
	for _, u := range m.Users {
		for _, r := range m.Regions {
			m.Routes = append(m.Routes, Line{u.Name + " to " + r.Name, u.X, u.Y + 12, r.X, r.Y, b.cell(ofPopulation(u.Name, func(p *drill.PopulationState) string {
				return format.Either(p.Refused == "" && (p.Region == r.Name && p.Shares == nil || p.Shares[r.Name] > 0), "on", "")
			}))})
		}
	}
	for i, a := range m.Regions {
		for _, z := range m.Regions[i+1:] {
			if _, linked := end.Fleet.LinkBetween(a.Name, z.Name); linked {
				m.Links = append(m.Links, Line{a.Name + " and " + z.Name, a.X, a.Y + boxH, z.X, z.Y + boxH, b.cell(func(s *drill.State) string { return linkState(s, a.Name, z.Name) })})
			}
		}
	}
	return m
}

func linkState(s *drill.State, a, b string) string {
	switch {
	case len(measure.CutBy(s, a, b))+len(measure.CutBy(s, b, a)) > 0:
		return "cut"
	case len(measure.ShapedBy(s, a, b))+len(measure.ShapedBy(s, b, a)) > 0:
		return "shaped"
	}
	return ""
}

func regionState(r *drill.RegionState) string {
	switch r.Health {
	case drill.HealthHealthy:
		return "fine"
	case drill.HealthDown, drill.HealthFrozen:
		return "gone"
	case drill.HealthUnknown, drill.HealthStarting, "":
		return format.Unknown
	}
	return "care"
}

// userState is how many of a population are affected now: nobody, somebody, or most.
func userState(p *drill.PopulationState) string {
	a := measure.AffectedAmong(p)
	switch {
	case !a.Known:
		return format.Unknown
	case a.Affected == 0:
		return "fine"
	case a.Share < 0.5:
		return "care"
	}
	return "gone"
}

// leads is which datasets a region leads.
func leads(s *drill.State, region string) string {
	var names []string
	for _, d := range s.Datasets {
		if _, is := measure.Leads(d, region); is {
			names = append(names, d.Name)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return ""
	}
	return "★ " + format.And(names)
}
