package start

import (
	"cmp"
	"slices"
	"strings"
)

// firstHeading is above the drill that is to be done first.
const firstHeading = "Start here"

const (
	otherHeading = "More drills"
	freeHeading  = "No plan: you press the keys"
)

// listing is the drills as they are listed: what to do first, then by the questions that they
// answer, the shorter ones first, but for what is marked as the first. It is by hand because bubbles' list has rows of one height without headings,
// turns pages where this scrolls, and has a filter of its own for each list.
type listing struct {
	rows  []row
	items []item // the drills among the rows
}

// row is a line of the list: a heading, or an item.
type row struct {
	heading string
	item    int // -1 of a heading
}

type item struct {
	drill int // in Drills
	first bool
	row   int
}

// newListing lists those drills in which a filter's words are; the last is the free one.
func newListing(all []DrillChoice, questions []string, filter string) listing {
	var order []int
	for i := range all[:len(all)-1] {
		order = append(order, i)
	}
	rank := func(d DrillChoice) int {
		switch i := slices.Index(questions, d.Question); {
		case d.Err != nil:
			return len(questions) + 2
		case i >= 0:
			return i
		case d.Question != "":
			return len(questions)
		}
		return len(questions) + 1
	}
	later := func(d DrillChoice) int {
		if d.First {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := all[i], all[j]
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.Question, b.Question), cmp.Compare(later(a), later(b)), cmp.Compare(a.Duration, b.Duration))
	})
	var l listing
	if filter == "" && len(order) > 0 && all[order[0]].Err == nil {
		l.add(firstHeading, order[0], true)
	}
	heading := ""
	for _, i := range order {
		if !matches(all[i], filter) {
			continue
		}
		h := cmp.Or(all[i].Question, otherHeading)
		if h == heading {
			h = ""
		} else {
			heading = h
		}
		l.add(h, i, false)
	}
	if last := len(all) - 1; matches(all[last], filter) || filter != "" && strings.Contains("free drill by hand", strings.ToLower(filter)) {
		l.add(freeHeading, last, false)
	}
	return l
}

func (l *listing) add(heading string, drill int, first bool) {
	if heading != "" {
		l.rows = append(l.rows, row{heading: heading, item: -1})
	}
	l.rows = append(l.rows, row{item: len(l.items)})
	l.items = append(l.items, item{drill: drill, first: first, row: len(l.rows) - 1})
}

// of is the item of a drill, not what is to be done first; 0 where it is not listed.
func (l listing) of(drill int) int {
	return max(slices.IndexFunc(l.items, func(i item) bool { return i.drill == drill && !i.first }), 0)
}

// matches reports whether all words of a filter are in what is said of a drill.
func matches(d DrillChoice, filter string) bool {
	text := strings.ToLower(strings.Join([]string{d.Name, d.Title, d.Question, d.Teaches, d.Fleet}, " "))
	for word := range strings.FieldsSeq(strings.ToLower(filter)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
