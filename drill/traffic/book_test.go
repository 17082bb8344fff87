package traffic

import (
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/ledger"
)

// book is a ledger that can be asked what it was told of a write.
type book struct {
	*ledger.Ledger
	mu     sync.Mutex
	writes map[string]ledger.Write // by dataset and id
}

func newBook() *book { return &book{Ledger: ledger.New(), writes: map[string]ledger.Write{}} }

func (b *book) Sent(dataset, id string, payload []byte, at time.Duration) {
	b.Ledger.Sent(dataset, id, payload, at)
	b.note(dataset, id, func(w *ledger.Write) { w.Sent = at })
}

func (b *book) Acked(dataset, id, region string, epoch, index uint64, at time.Duration) {
	b.Ledger.Acked(dataset, id, region, epoch, index, at)
	b.note(dataset, id, func(w *ledger.Write) {
		w.State, w.By, w.Epoch, w.Index, w.Ended = ledger.Acknowledged, region, epoch, index, at
	})
}

func (b *book) Unacked(dataset, id string, at time.Duration, reason string) {
	b.Ledger.Unacked(dataset, id, at, reason)
	b.note(dataset, id, func(w *ledger.Write) { w.State, w.By, w.Ended = ledger.Unacknowledged, reason, at })
}

func (b *book) note(dataset, id string, change func(*ledger.Write)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := b.writes[dataset+"/"+id]
	w.ID = id
	change(&w)
	b.writes[dataset+"/"+id] = w
}

func (b *book) find(dataset, id string) (ledger.Write, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w, known := b.writes[dataset+"/"+id]
	return w, known
}
