// Package layout says where the panes stand on a screen.
package layout

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/chart"
	"github.com/fleetdrill/fleetdrill/tui/fleetmap"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// The least that the screen can be shown on, and from where it shows more.
const (
	MinW, MinH   = 60, 15
	wideW, wideH = 112, 30
	allW, allH   = 168, 44
)

// Placed is a pane with its place.
type Placed struct {
	ID         pane.ID
	X, Y, W, H int
}

// HeaderHeight is the rows of the header where there is room for big digits.
const HeaderHeight = chart.DigitHeight

// FooterHeight is the rows of the footer: what runs, and keys.
const FooterHeight = 2

// Header is the rows of the header on a screen of w × h.
func Header(w, h int) int {
	switch {
	case w >= wideW && h >= wideH:
		return HeaderHeight
	case h >= 20:
		return 2
	}
	return 1
}

// paneH is the rows of a pane with a frame and a line, splitH those of two that show what matters.
const paneH, splitH = 3, 8

// Below is how many rows can be kept free below the panes at most, so that one still is shown.
func Below(w, h int) int { return max(h-Header(w, h)-FooterHeight-paneH, 0) }

// Place says where the panes stand on a screen of w × h, below the header and above so many rows that are
// kept free for what is said below them. With full, or where there is room for no other, the focused pane has
// all the room.
func Place(s *drill.State, w, h, below int, focus pane.ID, full bool) []Placed {
	header := Header(w, h)
	body := h - header - FooterHeight - below
	switch {
	case full, body < splitH:
		return []Placed{{ID: focus, X: 0, Y: header, W: w, H: body}}
	case w >= allW && h >= allH:
		return placeAll(s, w, body, header, focus)
	case w >= wideW && h >= wideH:
		fleet, last := fleetLeast, lastH
		if below > 0 { // the timeline gives way before the map, and both before the data
			fleet, last = paneH, lastLeast
		}
		return placeWide(s, w, body, header, fleet, last, focus)
	}
	return placeSmall(s, w, body, header, focus)
}

// waterfallH is the rows of a pane that shows a whole recovery, and the least of the pane beside the map.
const waterfallH = 9

// placeSmall: the fleet, and below it one pane of choice; of a fleet that is a table the region in focus.
func placeSmall(s *drill.State, w, body, y int, focus pane.ID) []Placed {
	if focus == pane.Fleet {
		focus = pane.Recovery
		if fleetmap.Tabled(s) {
			focus = pane.Region
		}
	}
	most := max(body-waterfallH, min(len(s.Regions)+2, body/2))
	fleet := max(fleetmap.Rows(s, w-inset, most-2)+2, 3)
	fleet = max(fleet, min(fleet+2, body-waterfallH-2)) // the picture has use for two rows more
	return []Placed{
		{ID: pane.Fleet, X: 0, Y: y, W: w, H: fleet},
		{ID: focus, X: 0, Y: y + fleet, W: w, H: body - fleet},
	}
}

// inset is the columns that a pane's frame and margins take.
const inset = 4

// recoveryH is the rows of stages, the rule and the comparison of all populations
// and one dataset, kept free from the beginning so that nothing jumps.
func recoveryH(s *drill.State) int {
	return len(drill.FailoverStages) + 2 + 1 + len(s.Populations) + min(len(s.Datasets), 1) + 3 + 2
}

// dataH is the rows of a dataset: its leader, what was lost, the table of its
// replicas, what writes take in two rows, and what crossed borders. A return takes the second
// of what writes take, and what its durability holds up comes on top.
func dataH(s *drill.State) int {
	most := 0
	for _, d := range s.Datasets {
		most = max(most, len(d.Spec.Regions))
	}
	return most + 6 + 2
}

// bordersOf is how many borders the fleet's links cross, each way for itself, so that
// where there is room each has its row before anything has crossed it.
func bordersOf(s *drill.State) int {
	crossed := map[[2]string]bool{}
	for _, l := range s.Fleet.Links {
		a, b := s.Region(l.Between[0]), s.Region(l.Between[1])
		if a != nil && b != nil && a.Spec.Jurisdiction != b.Spec.Jurisdiction {
			crossed[[2]string{a.Spec.Jurisdiction, b.Spec.Jurisdiction}] = true
			crossed[[2]string{b.Spec.Jurisdiction, a.Spec.Jurisdiction}] = true
		}
	}
	return len(crossed)
}

// The least that the map of a fleet is given, the most, the least of its data, and the rows of the timeline and the
// least of them.
const fleetLeast, fleetMost, dataLeast, lastH, lastLeast = 11, 18, 9, 8, 5

// fleetH is the rows of the map of a fleet in a pane of w columns, between the least and the most: what its picture
// wants, with room for a user who is served elsewhere.
func fleetH(s *drill.State, w, least, most int) int {
	return min(max(fleetmap.Rows(s, w-inset, most-2)+2, least), max(most, least))
}

// trafficLeast is the rows of the requests' chart beside a recovery that needs the others.
const trafficLeast = 10

// placeWide: the sketch, with a map of at least so many rows, and a timeline of so many where there is room. The
// panes that have no place of their own take that of the timeline while they have the focus.
func placeWide(s *drill.State, w, body, y, mapRows, lastRows int, focus pane.ID) []Placed {
	left := w * 16 / 25
	right := w - left
	fleet := fleetH(s, left, mapRows, min(body-dataLeast-lastRows, fleetMost))
	data := max(min(dataH(s), body-fleet-lastRows), dataLeast)
	if body-fleet-data < lastLeast {
		data = 0
	} else {
		fleet = max(fleet, min(body-data-lastRows, fleetMost-1))
	}
	bottom := body - fleet - data
	recovery := min(recoveryH(s), max(body*3/5, body-trafficLeast))
	last, top := pane.Timeline, pane.Traffic
	if focus > pane.Timeline {
		last = focus
	}
	if fleetmap.Tabled(s) && focus != pane.Traffic { // the region in focus beside the table
		top = pane.Region
		if last == pane.Region {
			last = pane.Timeline
		}
	}
	placed := []Placed{
		{ID: pane.Fleet, X: 0, Y: y, W: left, H: fleet},
		{ID: last, X: 0, Y: y + fleet + data, W: left, H: bottom},
		{ID: top, X: left, Y: y, W: right, H: body - recovery},
		{ID: pane.Recovery, X: left, Y: y + body - recovery, W: right, H: recovery},
	}
	switch {
	case data > 0:
		placed = append(placed, Placed{ID: pane.Data, X: 0, Y: y + fleet, W: left, H: data})
	case focus == pane.Data: // with room for one of both
		placed[1].ID = pane.Data
	}
	return placed
}

// placeAll: everything at once, in three columns.
func placeAll(s *drill.State, w, body, y int, focus pane.ID) []Placed {
	left := w * 43 / 100
	mid := (w - left) / 2
	right := w - left - mid
	fleet := max(fleetH(s, left, fleetLeast, fleetMost), min(body*2/5, fleetMost))
	data := max(min(dataH(s)+2+bordersOf(s), body-fleet-lastH), dataLeast)
	recovery := min(recoveryH(s)+2, body/2)
	last := pane.Commands
	if focus > last {
		last = focus
	}
	heat := len(s.Regions) + len(s.Populations) + 2
	links := min(heat+len(s.Fleet.Links)+len(s.Fleet.Users)*len(s.Fleet.Regions)+4, body*9/20)
	region := min(body-links-8, 14)
	return []Placed{
		{ID: pane.Fleet, X: 0, Y: y, W: left, H: fleet},
		{ID: pane.Data, X: 0, Y: y + fleet, W: left, H: data},
		{ID: pane.Timeline, X: 0, Y: y + fleet + data, W: left, H: body - fleet - data},
		{ID: pane.Traffic, X: left, Y: y, W: mid, H: body - recovery},
		{ID: pane.Recovery, X: left, Y: y + body - recovery, W: mid, H: recovery},
		{ID: pane.Region, X: left + mid, Y: y, W: right, H: region},
		{ID: pane.Links, X: left + mid, Y: y + region, W: right, H: links},
		{ID: last, X: left + mid, Y: y + region + links, W: right, H: body - region - links},
	}
}
