package engine

import (
	"context"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// reign is one authority's time in one epoch, from the first write that a user
// had acknowledged.
type reign struct {
	region string
	epoch  uint64
	first  time.Duration
}

// split is what was told of two authorities at once: when last, which writes, and
// whether it was over.
type split struct {
	at   time.Duration
	told map[string]bool // ids
	over bool
}

// splitEvery is how often a split brain that grows is told of.
const splitEvery = time.Second

// noteReign keeps the first acknowledgement of each epoch, and whether one of an
// older epoch came after it. Call it with mu held.
func (k *keeper) noteReign(region string, epoch uint64, at time.Duration) {
	newest := reign{}
	if n := len(k.reigns); n > 0 {
		newest = k.reigns[n-1]
	}
	switch {
	case epoch > newest.epoch:
		k.reigns = append(k.reigns, reign{region: region, epoch: epoch, first: at})
	case epoch < newest.epoch:
		k.beside = true
	}
}

// noteSplits holds the ledger against the reigns: a write that was sent after a
// newer authority had acknowledged its first, and was acknowledged by an older
// one all the same, makes two authorities at once. One that was sent before may
// only have been late on its way home. One that is told of already is told of again
// after the given time.
func (k *keeper) noteSplits(every time.Duration) {
	k.mu.Lock()
	reigns, beside := slices.Clone(k.reigns), k.beside
	k.mu.Unlock()
	if !beside {
		return
	}
	for i := 1; i < len(reigns); i++ {
		was, is := reigns[i-1], reigns[i]
		old := k.ledger.Acknowledged(k.spec.Name, was.epoch, is.first)
		if len(old) == 0 {
			continue
		}
		began, last := old[0].Sent, old[len(old)-1].Ended
		tail := map[string][]string{}
		for _, w := range old {
			tail[was.region] = append(tail[was.region], w.ID)
		}
		for _, w := range k.ledger.Acknowledged(k.spec.Name, is.epoch, is.first) {
			if w.Sent <= last {
				tail[is.region] = append(tail[is.region], w.ID)
			}
		}
		k.tellSplit(drill.SplitBrain{
			Dataset: k.spec.Name, Old: was.region, OldEpoch: was.epoch, New: is.region, NewEpoch: is.epoch,
			Began: began, Tails: tail, Over: k.follows(was.region),
		}, every)
	}
}

// tellAll has told what is told at intervals: the drill is about to be judged. A keeper
// that is busy with a move is not waited for.
func (k *keeper) tellAll(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, actTimeout)
	defer cancel()
	told := make(chan struct{})
	select {
	case k.ending <- told:
		<-told
	case <-ctx.Done():
	}
}

// follows says whether a region was heard to follow, so that it takes no writes.
func (k *keeper) follows(region string) bool {
	lead, _ := k.leader()
	s, at, known := k.watch.replica(region, k.spec.Name)
	return region == lead || known && k.now()-at < fresh && s.Role == drill.RoleFollower
}

// tellSplit tells of the writes that were not told of before.
func (k *keeper) tellSplit(b drill.SplitBrain, every time.Duration) {
	known := k.splits[b.NewEpoch]
	first := known == nil
	if first {
		known = &split{told: map[string]bool{}}
		k.splits[b.NewEpoch] = known
	}
	news := map[string][]string{}
	for region, ids := range b.Tails {
		for _, id := range ids {
			if !known.told[id] {
				news[region] = append(news[region], id)
			}
		}
	}
	turns := b.Over != known.over
	if !first && !turns && (len(news) == 0 || k.now()-known.at < every) {
		return
	}
	for _, ids := range news {
		for _, id := range ids {
			known.told[id] = true
		}
	}
	known.at, known.over = k.now(), b.Over
	b.Tails = news
	k.emit(b)
}
