package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Audit reads a replica's contents: it calls visit for every entry with an index
// above after, in the order of the indexes, and returns an error unless it
// certainly visited all of them.
type Audit func(ctx context.Context, after uint64, visit func(id string, payload []byte, index, epoch uint64) error) error

// finding is what an audit brought up of one write.
type finding struct {
	times   int
	altered bool
}

// Check holds every write that is acknowledged by now against the full contents
// of the region's replica. Writes acknowledged while it runs are left to the next
// check. Acknowledged and Unacknowledged count the whole drill so far; Lost
// names only what no earlier check of the dataset has found lost, in the order
// of acknowledgement; LostBefore counts what one has. Mismatched names, each time, what is there with other
// contents than were sent, or more than once. Entries that this ledger never heard of are no business of
// its own: an earlier drill's, or preloaded.
//
// An audit that breaks, is out of order, or outlives ctx is an error, and then
// nothing is known: neither that writes are lost nor that they are not.
func (l *Ledger) Check(ctx context.Context, dataset, region, why string, failover int, audit Audit) (drill.LedgerChecked, error) {
	l.mu.Lock()
	b := l.book(dataset)
	acked := slices.Clip(b.acked)
	unacked := slices.Clone(b.unacked)
	sent := len(b.writes)
	l.mu.Unlock()

	found, err := l.find(ctx, b, sent, audit)
	if err != nil {
		return drill.LedgerChecked{}, fmt.Errorf("audit %s in %s: %w", dataset, region, err)
	}
	checked := drill.LedgerChecked{
		Dataset: dataset, Region: region, Why: why, Failover: failover,
		Acknowledged: len(acked), Unacknowledged: len(unacked),
		Lost: []drill.LostWrite{},
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, i := range acked {
		w := &b.writes[i]
		switch {
		case found[i].times > 0:
		case w.Lost:
			checked.LostBefore++
		default:
			w.Lost = true
			checked.Lost = append(checked.Lost, drill.LostWrite{ID: w.ID, Epoch: w.Epoch, Acked: w.Ended})
		}
	}
	slices.SortStableFunc(checked.Lost, func(a, b drill.LostWrite) int { return cmp.Compare(a.Acked, b.Acked) })
	for _, i := range unacked {
		if found[i].times > 0 {
			checked.PresentUnacknowledged++
		}
	}
	for i, f := range found {
		if f.altered || f.times > 1 {
			checked.Mismatched = append(checked.Mismatched, b.writes[i].ID)
		}
	}
	b.recent = slices.DeleteFunc(b.recent, func(i int) bool { return b.writes[i].Lost })
	return checked, nil
}

// find looks the first writes of a book up in the contents that an audit reads: a finding for each.
func (l *Ledger) find(ctx context.Context, b *book, sent int, audit Audit) ([]finding, error) {
	found := make([]finding, sent)
	var last uint64
	err := audit(ctx, 0, func(id string, payload []byte, index, _ uint64) error {
		if index <= last {
			return fmt.Errorf("entry %s has index %d, after index %d", id, index, last)
		}
		last = index
		contents := digestOf(payload)
		l.mu.Lock()
		defer l.mu.Unlock()
		i, ours := b.byID[id]
		if !ours || i >= sent {
			return nil
		}
		w := &b.writes[i]
		found[i].times++
		found[i].altered = found[i].altered || w.known && contents != w.contents
		return nil
	})
	if err == nil {
		err = ctx.Err()
	}
	return found, err
}
