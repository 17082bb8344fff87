// Package splitbrain finds writes that two authorities of a dataset acknowledged at
// the same time. It is pure.
package splitbrain

import (
	"maps"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Every is how often a split brain that grows is an event.
const Every = time.Second

// Term is one authority's time in one epoch, from the first write that a user
// had acknowledged.
type Term struct {
	Region string
	Epoch  uint64
	First  time.Duration
}

// Tail is what was acknowledged by an older and a newer authority at once: writes sent
// since the newer one's first acknowledgement, in the order of acknowledgement.
type Tail struct{ Old, New []Write }

// Write is one acknowledged write. Times are on the engine's clock.
type Write struct {
	ID          string
	Sent, Ended time.Duration
}

// Log is what is known of the terms and was reported of them. It is a value: Add and
// Report return another.
type Log struct {
	Terms []Term
	// Overlap says that an older authority had a write acknowledged after a newer one.
	Overlap  bool
	readAt   time.Duration
	reported []report
}

// report is what was reported of a pair of authorities, by the newer one's epoch.
type report struct {
	epoch uint64
	at    time.Duration
	ids   map[string]bool // never changed, replaced as a whole
	over  bool
}

// Add takes an epoch's first acknowledgement in.
func (l Log) Add(t Term) Log {
	if n := len(l.Terms); n == 0 || t.Epoch > l.Terms[n-1].Epoch {
		l.Terms = append(slices.Clip(l.Terms), t)
	}
	return l
}

// Due reports whether the tails are to be read now. follows says of a region that it
// takes no writes.
func (l Log) Due(now time.Duration, follows func(region string) bool) bool {
	if !l.Overlap {
		return false
	}
	for _, r := range l.reported {
		for i, t := range l.Terms {
			if i > 0 && t.Epoch == r.epoch && follows(l.Terms[i-1].Region) != r.over {
				return true
			}
		}
	}
	return len(l.reported) == 0 || now-l.readAt >= Every
}

// Report holds what the ledger has against the terms: a write that was sent after a
// newer authority had acknowledged its first, and was acknowledged by an older
// one all the same, makes two authorities at once. One that was sent before may
// only have been late on its way home. There is one tail for each term after the first.
// What was reported already is reported again after the given time.
func (l Log) Report(now, every time.Duration, dataset string, terms []Term, tails []Tail, follows func(region string) bool) (Log, []drill.SplitBrain) {
	l.readAt = now
	var events []drill.SplitBrain
	for i, tail := range tails {
		if len(tail.Old) == 0 {
			continue
		}
		was, is := terms[i], terms[i+1]
		last := tail.Old[len(tail.Old)-1].Ended
		ids := map[string][]string{}
		for _, w := range tail.Old {
			ids[was.Region] = append(ids[was.Region], w.ID)
		}
		for _, w := range tail.New {
			if w.Sent <= last {
				ids[is.Region] = append(ids[is.Region], w.ID)
			}
		}
		var news bool
		l, ids, news = l.report(now, every, is.Epoch, ids, follows(was.Region))
		if news {
			events = append(events, drill.SplitBrain{
				Dataset: dataset, Old: was.Region, OldEpoch: was.Epoch, New: is.Region, NewEpoch: is.Epoch,
				Began: tail.Old[0].Sent, Tails: ids, Over: follows(was.Region),
			})
		}
	}
	return l, events
}

// report leaves the writes that no event had before; false where there is nothing to say.
func (l Log) report(now, every time.Duration, epoch uint64, tails map[string][]string, over bool) (Log, map[string][]string, bool) {
	at := slices.IndexFunc(l.reported, func(r report) bool { return r.epoch == epoch })
	known := report{epoch: epoch}
	if at >= 0 {
		known = l.reported[at]
	}
	news := map[string][]string{}
	for region, ids := range tails {
		for _, id := range ids {
			if !known.ids[id] {
				news[region] = append(news[region], id)
			}
		}
	}
	if at >= 0 && over == known.over && (len(news) == 0 || now-known.at < every) {
		return l, nil, false
	}
	ids := map[string]bool{}
	maps.Copy(ids, known.ids)
	for _, list := range news {
		for _, id := range list {
			ids[id] = true
		}
	}
	known.at, known.ids, known.over = now, ids, over
	l.reported = slices.Clone(l.reported)
	if at < 0 {
		l.reported = append(l.reported, known)
	} else {
		l.reported[at] = known
	}
	return l, news, true
}
