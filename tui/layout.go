package tui

import (
	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/tui/pane"
)

// The least that the screen can be shown on, and from where it shows more.
const (
	minW, minH   = 60, 15
	wideW, wideH = 112, 30
	allW, allH   = 168, 44
)

// placed is a pane with its place. strip says that the fleet is shown as lines.
type placed struct {
	id         pane.ID
	x, y, w, h int
	strip      bool
}

// footerH is the rows of the footer: what runs, and keys.
const footerH = 2

// layout says where everything stands on a screen of w × h: the header's rows
// and the panes.
func layout(s *drill.State, w, h int, focus pane.ID, full bool) (header int, panes []placed) {
	switch {
	case w >= wideW && h >= wideH:
		header = pane.HeaderHeight
	case h >= 20:
		header = 2
	default:
		header = 1
	}
	body := h - header - footerH
	switch {
	case full:
		return header, []placed{{id: focus, x: 0, y: header, w: w, h: body}}
	case w >= allW && h >= allH:
		return header, layoutAll(s, w, body, header)
	case w >= wideW && h >= wideH:
		return header, layoutWide(s, w, body, header, focus)
	}
	return header, layoutSmall(s, w, body, header, focus)
}

// layoutSmall: the fleet as lines, and below it one pane of choice.
func layoutSmall(s *drill.State, w, body, y int, focus pane.ID) []placed {
	fleet := pane.StripHeight(s) + 2
	if fleet > body/2+2 {
		fleet = min(len(s.Regions)+2, body/2)
	}
	if focus == pane.Fleet {
		focus = pane.Recovery
	}
	return []placed{
		{id: pane.Fleet, x: 0, y: y, w: w, h: fleet, strip: true},
		{id: focus, x: 0, y: y + fleet, w: w, h: body - fleet},
	}
}

// recoveryH is the rows of stages, the rule and the comparison of all populations
// and one dataset, kept free from the beginning so that nothing jumps.
func recoveryH(s *drill.State) int {
	return len(drill.FailoverStages) + 2 + 1 + len(s.Populations) + min(len(s.Datasets), 1) + 3 + 2
}

// dataH is the rows of a dataset: its authority, what was lost, the table of its
// replicas, what writes take, what crossed borders, and one return. What its mode's
// promise holds up comes on top, and only the return gives way to that.
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

// The rows that the picture of a fleet needs when users are served elsewhere, the
// least that it is given, and those of the timeline.
const fleetH, fleetLeast, lastH = 12, 11, 8

// layoutWide: the sketch. The panes that have no place of their own take that
// of the timeline while they have the focus.
func layoutWide(s *drill.State, w, body, y int, focus pane.ID) []placed {
	left := w * 16 / 25
	right := w - left
	data := min(dataH(s), body*2/5)
	if body-data < fleetH+lastH { // the picture matters more than borders and returns
		data = min(dataH(s), body/3)
	}
	fleet := min(max(body-data-lastH, fleetLeast), 17)
	bottom := body - fleet - data
	recovery := min(recoveryH(s), body*3/5)
	last := pane.Timeline
	if focus > pane.Timeline {
		last = focus
	}
	return []placed{
		{id: pane.Fleet, x: 0, y: y, w: left, h: fleet},
		{id: pane.Data, x: 0, y: y + fleet, w: left, h: data},
		{id: last, x: 0, y: y + fleet + data, w: left, h: bottom},
		{id: pane.Traffic, x: left, y: y, w: right, h: body - recovery},
		{id: pane.Recovery, x: left, y: y + body - recovery, w: right, h: recovery},
	}
}

// layoutAll: everything at once, in three columns.
func layoutAll(s *drill.State, w, body, y int) []placed {
	left := w * 43 / 100
	mid := (w - left) / 2
	right := w - left - mid
	fleet := min(max(body*2/5, 13), 18)
	data := min(dataH(s)+1+bordersOf(s), max(body-fleet-lastH, dataH(s)+1))
	recovery := min(recoveryH(s)+2, body/2)
	links := min(len(s.Fleet.Links)+len(s.Fleet.Users)*len(s.Fleet.Regions)+4, body*2/5)
	region := min(body-links-8, 14)
	return []placed{
		{id: pane.Fleet, x: 0, y: y, w: left, h: fleet},
		{id: pane.Data, x: 0, y: y + fleet, w: left, h: data},
		{id: pane.Timeline, x: 0, y: y + fleet + data, w: left, h: body - fleet - data},
		{id: pane.Traffic, x: left, y: y, w: mid, h: body - recovery},
		{id: pane.Recovery, x: left, y: y + body - recovery, w: mid, h: recovery},
		{id: pane.Region, x: left + mid, y: y, w: right, h: region},
		{id: pane.Links, x: left + mid, y: y + region, w: right, h: links},
		{id: pane.Commands, x: left + mid, y: y + region + links, w: right, h: body - region - links},
	}
}
