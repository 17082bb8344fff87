package engine

import (
	"maps"
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

// split is two authorities at once, as it was told last.
type split struct {
	drill.SplitBrain
	told int
}

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
// only have been late on its way home.
func (k *keeper) noteSplits() {
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
		})
	}
}

// follows says whether a region was heard to follow, so that it takes no writes.
func (k *keeper) follows(region string) bool {
	lead, _ := k.leader()
	s, at, known := k.watch.replica(region, k.spec.Name)
	return region == lead || known && k.now()-at < fresh && s.Role == drill.RoleFollower
}

func (k *keeper) tellSplit(b drill.SplitBrain) {
	n := 0
	for tail := range maps.Values(b.Tails) {
		n += len(tail)
	}
	known := k.splits[b.NewEpoch]
	if known != nil && known.told == n && known.Over == b.Over {
		return
	}
	k.splits[b.NewEpoch] = &split{SplitBrain: b, told: n}
	k.emit(b)
}
