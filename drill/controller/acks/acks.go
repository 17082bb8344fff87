// Package acks sums acknowledged writes up, for the failover controller.
package acks

import "time"

// Sum is the writes that were acknowledged since the last one, by epoch, in the order
// of their first. Overlap says that an older epoch's came after a newer one's.
type Sum struct {
	Epochs  []Epoch
	Overlap bool
}

// Epoch is the acknowledgements of one epoch: who gave them, and when the first and
// the last came home.
type Epoch struct {
	Region      string
	Epoch       uint64
	First, Last time.Duration
}

// Tally sums acknowledgements up between two observations: there are hundreds a second,
// and only the first and the last of an epoch say anything.
type Tally struct {
	newest  uint64
	overlap bool // was reported
	next    Sum
}

// Add counts one. It reports whether it is news that can't wait: the first of a newer
// epoch, or the first that an older authority gave beside a newer one.
func (t *Tally) Add(region string, epoch uint64, at time.Duration) (news bool) {
	if epoch < t.newest && !t.overlap {
		t.overlap, t.next.Overlap, news = true, true, true
	}
	if epoch > t.newest {
		t.newest, news = epoch, true
	}
	for i := range t.next.Epochs {
		if e := &t.next.Epochs[i]; e.Epoch == epoch {
			e.Last = max(e.Last, at)
			return news
		}
	}
	t.next.Epochs = append(t.next.Epochs, Epoch{Region: region, Epoch: epoch, First: at, Last: at})
	return news
}

// Take is what was counted since the last take; false where that is nothing.
func (t *Tally) Take() (Sum, bool) {
	a := t.next
	t.next = Sum{}
	return a, len(a.Epochs) > 0
}
