package controller

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// tails are the diverged tails that a replica has cut since it went away: usually one,
// more where another authority was lost before it was current.
type tails struct {
	entries  int
	exported string   // the region's own file of the last one
	fetched  []uint64 // each fetch, by its number
}

// returning is a rejoin or a fetch whose end is still to be told: an event of a rejoin waits
// for every fetch of its replica.
type returning struct {
	done    drill.RejoinDone
	told    bool // the replica is current; else only fetches are under way
	fetches []fetch
}

// fetch brings one tail to the operator's disk.
type fetch struct {
	id    uint64 // stays the same for every try
	step  uint64 // under way; 0 waits for the next tick
	until time.Duration
	over  bool
	path  string
	err   error
}

// fetchLimit bounds the copying of one diverged tail out of its region: all tries, and
// one of them.
const fetchLimit = 30 * time.Second

// noteCut looks whether a replica has cut a tail that is not known of yet, and fetches
// it at once: the region's own file goes with the fleet, and another cut, or a restart,
// may come before the replica is current.
func noteCut(d *decision, r *replica) {
	cut := r.status.Cut
	if cut == nil || r.cut != nil && *cut == *r.cut {
		return
	}
	r.cut = cut
	if r.outage == nil {
		goAway(d, r)
	}
	t := &r.change().tails
	t.entries += cut.Entries
	t.exported = cut.Exported
	if !d.m.rules.Export {
		return
	}
	d.m.steps++
	f := fetch{id: d.m.steps, until: d.now + fetchLimit}
	if cut.Entries == 0 {
		f.over, f.err = true, errors.New("what it held could not be read, and was set aside whole")
	} else {
		f.step = askFetch(d, r.region)
	}
	t.fetched = added(t.fetched, f.id)
	d.m.returning = added(d.m.returning, returning{done: drill.RejoinDone{Dataset: d.name(), Region: r.region}, fetches: []fetch{f}})
}

func askFetch(d *decision, region string) uint64 {
	return d.ask(Step{Kind: StepFetch, Region: region, Limit: fetchLimit})
}

// fetched takes the result of a try in.
func fetched(d *decision, o Done) bool {
	if o.Step.Kind != StepFetch {
		return false
	}
	eachFetch(d, func(region string, f fetch) fetch {
		if f.step != o.Step.ID || f.over {
			return f
		}
		f.step, f.path, f.err = 0, o.Path, o.Err
		f.over = o.Err == nil || d.now >= f.until || d.m.ending
		return f
	})
	tellReturned(d)
	return true
}

// fetchAgain tries again what did not succeed: its region may have gone down, and come
// back.
func fetchAgain(d *decision) {
	eachFetch(d, func(region string, f fetch) fetch {
		switch {
		case f.over || f.step != 0:
		case d.now >= f.until || d.m.ending:
			f.over = true
		default:
			f.step = askFetch(d, region)
		}
		return f
	})
	tellReturned(d)
}

// eachFetch changes the fetches in lists of their own.
func eachFetch(d *decision, change func(region string, f fetch) fetch) {
	if len(d.m.returning) == 0 {
		return
	}
	var all []returning
	for _, r := range d.m.returning {
		var fetches []fetch
		for _, f := range r.fetches {
			fetches = append(fetches, change(r.done.Region, f))
		}
		r.fetches = fetches
		all = append(all, r)
	}
	d.m.returning = all
}

// current ends the outage of a replica that has everything again.
func current(d *decision, r *replica, s store.Status) {
	a := r.outage
	r.outage = nil
	done := returning{told: true, done: drill.RejoinDone{Dataset: d.name(), Region: r.region, Bytes: a.copiedSince(s), Took: d.now - a.began,
		Diverged: a.tails.entries, Exported: a.tails.exported}}
	var left []returning
	for _, other := range d.m.returning {
		if other.told || other.done.Region != r.region {
			left = append(left, other)
		} else {
			done.fetches = append(done.fetches, other.fetches...)
		}
	}
	d.m.returning = append(left, done)
	tellReturned(d)
}

// tellReturned emits the rejoins whose fetches are all over.
func tellReturned(d *decision) {
	var left []returning
	for _, r := range d.m.returning {
		open := !r.told && !d.m.ending
		for _, f := range r.fetches {
			open = open || !f.over
		}
		if open {
			left = append(left, r)
			continue
		}
		for i, f := range r.fetches {
			switch {
			case f.err != nil:
				if !r.told {
					break
				}
				d.emit(drill.TaskFailed{Task: fmt.Sprintf("bring the diverged writes of %s out of %s", d.name(), r.done.Region), Error: f.err.Error(),
					Next: fmt.Sprintf("copy %s out of the region before the fleet goes down", r.done.Exported)})
			case i == 0:
				r.done.Exported = f.path
			default:
				r.done.Exported = filepath.Dir(f.path)
			}
		}
		if r.told {
			d.emit(r.done)
		}
	}
	d.m.returning = left
}
