package keys

// Time is which time of a drill one looks at.
type Time int

// The times.
const (
	Live     Time = iota
	Paused        // an earlier moment of the drill that runs
	Replayed      // a journal
	times
)

// Scope is a set of pages, each looked at in one of the times.
type Scope uint32

// anywhere is all pages in all times.
const anywhere = ^Scope(0)

func one(p Page, t Time) Scope { return 1 << (int(p)*int(times) + int(t)) }

// on is some pages in all times.
func on(list ...Page) (s Scope) {
	for _, p := range list {
		for t := range times {
			s |= one(p, t)
		}
	}
	return s
}

// in is all pages in some times.
func in(list ...Time) (s Scope) {
	for p := range pages {
		for _, t := range list {
			s |= one(p, t)
		}
	}
	return s
}

// Has reports whether a page, looked at in a time, is in the set.
func (s Scope) Has(p Page, t Time) bool { return s&one(p, t) != 0 }

// page is the first page of a set; false of an empty one.
func (s Scope) page() (Page, bool) {
	for p := range pages {
		if s&on(p) != 0 {
			return p, true
		}
	}
	return 0, false
}

// use is what a key is about: where that is there, and what is said anywhere else. Where a key is for
// something is in the scope alone; the reason is only words.
type use struct {
	scope     Scope
	elsewhere func(Now) string
}

// What keys are about.
var (
	always      = use{scope: anywhere}
	commands    = use{on(PageDrill) & in(Live), Now.NoCommands}
	panes       = use{on(PageDrill), Now.NoSession}
	filters     = use{on(PageDrill, PageStart), Now.NoSession}
	findings    = use{on(PageDrill, PageResult), Now.NoSession}
	moments     = use{on(PageBringUp, PageDrill) | on(PageResult)&in(Paused, Replayed), noTime}
	faults      = use{on(PageBringUp, PageDrill, PageResult), noTime} // of a result those of its drill, which is replayed from there
	replays     = use{on(PageBringUp, PageDrill, PageResult) & in(Replayed), noSpeed}
	replayable  = use{on(PageResult) & in(Live, Paused), noReplay}
	results     = use{on(PageResult), noResult}
	reruns      = use{on(PageResult) & in(Live, Paused), noRerun}
	drillsToEnd = use{on(PageDrill) & in(Live), notToEnd}
)
