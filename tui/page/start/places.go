package start

import (
	"github.com/fleetdrill/fleetdrill/tui/keys"
)

// From which width the page shows all lists at a time, and from which drills with their titles and
// all that there is to say of them below.
const (
	columnsW = 76
	wideW    = 150
)

// drillsW is as wide as the longest name of a drill that ships needs, with its time.
const drillsW = 44

// listsH is the height that the lists beside the drills need, however few drills there are.
const listsH = 10

// aboutH is the least height of what is said of the selected thing.
const aboutH = 6

// top is the rows above the lists.
const top = 1

type rect struct{ x, y, w, h int }

// arrangement is where everything on the page stands; what has no height is not shown.
type arrangement struct {
	lists [sections]rect
	about rect // what is said of the selected thing
	tip   rect // something worth reading
	parts rect // what is in the chosen fleet
	keys  rect // what can be done in a drill
}

// arrange places everything on w columns and h rows.
func (p picture) arrange(w, h int, n keys.Now) (in arrangement) {
	switch {
	case w >= wideW: // drills and what is said of them at the left, the rest at the right
		left := w * 4 / 7 // of 200 columns what the longest title that ships needs
		list := min(p.rows+2, max(h-aboutH-2, h*3/5))
		in.lists[drills] = rect{0, 0, left, list}
		p.below(&in, rect{0, list, left, h - list})
		p.right(&in, rect{left, 0, w - left, h}, n, true)
	case w >= columnsW: // what is said of them below all
		lists := min(max(p.rows+2, listsH), h-aboutH)
		left := max(drillsW, w*2/5)
		in.lists[drills] = rect{0, 0, left, lists}
		p.below(&in, rect{0, lists, w, h - lists})
		p.right(&in, rect{left, 0, w - left, lists}, n, false)
	default: // one list at a time
		about := min(max(h/3, 4), h/2)
		in.lists[p.focus] = rect{0, 0, w, h - about}
		in.about = rect{0, h - about, w, about}
	}
	return in
}

// below gives what is said of the selected thing what it needs, and something worth reading the
// rest where that is enough for it.
func (p picture) below(in *arrangement, r rect) {
	const tip = 7
	about := p.aboutHeight(r.w)
	if r.h-about < tip {
		about = r.h
	}
	in.about = rect{r.x, r.y, r.w, about}
	in.tip = rect{r.x, r.y + about, r.w, r.h - about}
}

// right gives platforms what they need, then fleets, and journals the rest. On a large page what
// is in the chosen fleet stands between them, and keys below.
func (p picture) right(in *arrangement, r rect, n keys.Now, large bool) {
	const least = 3 // a list of one line
	on := min(len(p.lines(platforms, n, r.w-4))+2, max(r.h/2, least))
	rest := r.h - on
	fleet := min(max(len(p.Fleets), 1)+2, max(rest*3/5, least))
	last := min(max(len(p.journals), 1)+2, max(rest-fleet, least))
	fleet = min(max(len(p.Fleets), 1)+2, rest-last)
	y := r.y
	next := func(h int) rect {
		y += h
		return rect{r.x, y - h, r.w, h}
	}
	in.lists[platforms], in.lists[fleets] = next(on), next(fleet)
	if f := p.fleet(); large && f != nil && p.focus != fleets {
		if h := len(f.Parts) + 2; h > 2 && on+fleet+h+last <= r.h {
			in.parts = next(h)
		}
	}
	const someKeys = 6
	if left := r.y + r.h - y; large && left-last >= someKeys {
		in.lists[journals] = next(last)
		in.keys = next(left - last)
	} else {
		in.lists[journals] = next(left)
	}
}
