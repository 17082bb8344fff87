package ledger

import "time"

// Acknowledged is the writes of a dataset that were acknowledged in an epoch and
// sent at or after a time on the engine's clock, in the order of acknowledgement.
func (l *Ledger) Acknowledged(dataset string, epoch uint64, sentFrom time.Duration) []Write {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Write
	b := l.book(dataset)
	for _, i := range b.acked {
		if w := b.writes[i].Write; w.Epoch == epoch && w.Sent >= sentFrom {
			out = append(out, w)
		}
	}
	return out
}
