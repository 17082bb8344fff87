// Package exports keeps count of the diverged tails that are brought out of their regions
// to the operator's disk, and of the rejoins that wait for them. It is pure.
package exports

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Limit bounds the copying of one diverged tail out of its region: all tries, and
// one of them.
const Limit = 30 * time.Second

// List is what is under way. It is a value: its methods return another.
type List struct{ all []rejoin }

// rejoin is the fetches of one replica since it went away, and its event, which waits for
// all of them once the replica is current.
type rejoin struct {
	done    drill.RejoinDone
	current bool
	fetches []fetch
}

// fetch brings one tail to the operator's disk.
type fetch struct {
	step  uint64 // under way; 0 waits for the next try
	until time.Duration
	over  bool
	path  string
	err   error
}

// Begin adds a tail of a region that a step fetches.
func (l List) Begin(now time.Duration, region string, step uint64) List {
	return l.add(region, fetch{step: step, until: now + Limit})
}

// Fail adds a tail of a region that can't be fetched.
func (l List) Fail(region string, why error) List {
	return l.add(region, fetch{over: true, err: why})
}

func (l List) add(region string, f fetch) List {
	all := append([]rejoin(nil), l.all...)
	return List{append(all, rejoin{done: drill.RejoinDone{Region: region}, fetches: []fetch{f}})}
}

// each changes every fetch, in lists of their own.
func (l List) each(change func(region string, f fetch) fetch) List {
	var all []rejoin
	for _, r := range l.all {
		var fetches []fetch
		for _, f := range r.fetches {
			fetches = append(fetches, change(r.done.Region, f))
		}
		r.fetches = fetches
		all = append(all, r)
	}
	return List{all}
}

// Result takes the result of a step in. One that failed is tried again, unless it has taken
// too long or the drill is ending.
func (l List) Result(now time.Duration, step uint64, path string, err error, ending bool) List {
	return l.each(func(_ string, f fetch) fetch {
		if f.step == step && !f.over {
			f.step, f.path, f.err = 0, path, err
			f.over = err == nil || now >= f.until || ending
		}
		return f
	})
}

// Again tries again what did not succeed: its region may have gone down, and come back.
func (l List) Again(now time.Duration, ask func(region string) uint64) List {
	return l.each(func(region string, f fetch) fetch {
		switch {
		case f.over || f.step != 0:
		case now >= f.until:
			f.over = true
		default:
			f.step = ask(region)
		}
		return f
	})
}

// End gives up what is not under way.
func (l List) End() List {
	return l.each(func(_ string, f fetch) fetch { f.over = f.over || f.step == 0; return f })
}

// Current adds the event of a replica that has everything again: it waits for the region's
// fetches.
func (l List) Current(done drill.RejoinDone) List {
	now := rejoin{done: done, current: true}
	var all []rejoin
	for _, r := range l.all {
		if r.current || r.done.Region != done.Region {
			all = append(all, r)
		} else {
			now.fetches = append(now.fetches, r.fetches...)
		}
	}
	return List{append(all, now)}
}

// Take is the events whose fetches are all over. At a drill's end, fetches that no rejoin
// came of are forgotten too.
func (l List) Take(ending bool) (List, []drill.Body) {
	var left []rejoin
	var events []drill.Body
	for _, r := range l.all {
		open := !r.current && !ending
		for _, f := range r.fetches {
			open = open || !f.over
		}
		switch {
		case open:
			left = append(left, r)
		case r.current:
			events = append(events, r.events()...)
		}
	}
	return List{left}, events
}

func (r rejoin) events() (events []drill.Body) {
	done := r.done
	for i, f := range r.fetches {
		switch {
		case f.err != nil:
			events = append(events, drill.TaskFailed{
				Task: fmt.Sprintf("bring the diverged writes of %s out of %s", done.Dataset, done.Region), Error: f.err.Error(),
				Next: fmt.Sprintf("copy %s out of the region before the fleet goes down", done.Exported),
			})
		case i == 0:
			done.Exported = f.path
		default:
			done.Exported = filepath.Dir(f.path)
		}
	}
	return append(events, done)
}
