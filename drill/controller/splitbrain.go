package controller

import (
	"maps"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Term is one authority's time in one epoch, from the first write that a user
// had acknowledged.
type Term struct {
	Region string
	Epoch  uint64
	First  time.Duration
}

// split is what was told of two authorities at once: when last, which writes, and
// whether it was over.
type split struct {
	epoch uint64 // of the newer one
	at    time.Duration
	ids   map[string]bool // never changed, replaced as a whole
	over  bool
}

// splitEvery is how often a split brain that grows is told of.
const splitEvery = time.Second

// acknowledged takes the acknowledgements since the last one in.
func acknowledged(d *decision, o Acked) {
	m := &d.m
	for _, a := range o.Epochs {
		if a.Epoch >= m.lastAck.epoch {
			m.lastAck.epoch, m.lastAck.at = a.Epoch, a.Last
		}
		if n := len(m.terms); n == 0 || a.Epoch > m.terms[n-1].Epoch {
			m.terms = added(m.terms, Term{Region: a.Region, Epoch: a.Epoch, First: a.First})
		}
	}
	m.overlap = m.overlap || o.Overlap
	rerouted(d, o.Epochs)
	if s := m.switchover; s != nil && s.leg == toReroute {
		for _, a := range o.Epochs {
			if a.Epoch >= s.done.Epoch {
				over(d, a.First)
				break
			}
		}
	}
}

// readTails asks the ledger for writes that two authorities acknowledged at once.
func readTails(d *decision) {
	m := &d.m
	switch {
	case m.splitRead != 0:
	case m.overlap:
		m.splitRead = d.ask(Step{Kind: StepTails, Terms: m.terms})
	default:
		flushed(d)
	}
}

// tailsRead holds the ledger against the terms: a write that was sent after a
// newer authority had acknowledged its first, and was acknowledged by an older
// one all the same, makes two authorities at once. One that was sent before may
// only have been late on its way home.
func tailsRead(d *decision, o Done) bool {
	m := &d.m
	if m.splitRead == 0 || o.Step.ID != m.splitRead {
		return false
	}
	m.splitRead = 0
	every := splitEvery
	if len(m.flush) > 0 || m.ending {
		every = 0
	}
	for i, tail := range o.Tails {
		if len(tail.Old) == 0 {
			continue
		}
		was, is := o.Step.Terms[i], o.Step.Terms[i+1]
		last := tail.Old[len(tail.Old)-1].Ended
		tails := map[string][]string{}
		for _, w := range tail.Old {
			tails[was.Region] = append(tails[was.Region], w.ID)
		}
		for _, w := range tail.New {
			if w.Sent <= last {
				tails[is.Region] = append(tails[is.Region], w.ID)
			}
		}
		reportSplit(d, drill.SplitBrain{
			Dataset: d.name(), Old: was.Region, OldEpoch: was.Epoch, New: is.Region, NewEpoch: is.Epoch,
			Began: tail.Old[0].Sent, Tails: tails, Over: followsNow(d, was.Region),
		}, every)
	}
	flushed(d)
	return true
}

// flushed answers those who wait until everything was told.
func flushed(d *decision) {
	for _, number := range d.m.flush {
		d.do(Step{Kind: StepFlushed, Command: number})
	}
	d.m.flush = nil
}

// followsNow says whether a region was heard to follow, so that it takes no writes.
func followsNow(d *decision, region string) bool {
	r := d.m.of(region)
	return region == d.m.lead || r != nil && r.fresh(d.now) && r.status.Role == drill.RoleFollower
}

// reportSplit emits the writes that no event had before. What is told of already is told
// of again after the given time.
func reportSplit(d *decision, b drill.SplitBrain, every time.Duration) {
	m := &d.m
	at := slices.IndexFunc(m.splits, func(s split) bool { return s.epoch == b.NewEpoch })
	var known split
	if at >= 0 {
		known = m.splits[at]
	}
	news := map[string][]string{}
	for region, ids := range b.Tails {
		for _, id := range ids {
			if !known.ids[id] {
				news[region] = append(news[region], id)
			}
		}
	}
	if at >= 0 && b.Over == known.over && (len(news) == 0 || d.now-known.at < every) {
		return
	}
	ids := maps.Clone(known.ids)
	if ids == nil {
		ids = map[string]bool{}
	}
	for _, list := range news {
		for _, id := range list {
			ids[id] = true
		}
	}
	s := split{epoch: b.NewEpoch, at: d.now, ids: ids, over: b.Over}
	if at < 0 {
		m.splits = added(m.splits, s)
	} else {
		m.splits = slices.Clone(m.splits)
		m.splits[at] = s
	}
	b.Tails = news
	d.emit(b)
}
