package snapshot

import (
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Holder is the snapshot that a replica holds in place of its log, and what came of loading one.
type Holder struct {
	// Dir is the folder of the snapshot.
	Dir   string
	clock func() time.Duration

	// Changing is held while the snapshot, and the log beside it, become another.
	Changing sync.Mutex

	mu       sync.Mutex
	last     *Kept // nil is none
	restored *store.Restored
}

// Kept is a snapshot on disk.
type Kept struct {
	Info
	At time.Duration // when its contents were the authority's, on the own clock
}

// Open finds the snapshot of a folder. Its age at a time now goes by the machine's clock: the run that took it is over.
func Open(dir string, clock func() time.Duration, now time.Time) (*Holder, error) {
	h := &Holder{Dir: dir, clock: clock}
	if err := Sweep(dir); err != nil {
		return nil, err
	}
	info, ok, err := Last(dir)
	if ok {
		h.last = &Kept{Info: info, At: clock() - max(0, now.Sub(info.Taken))}
	}
	return h, err
}

// Any says whether there is one.
func (h *Holder) Any() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last != nil
}

// Holding is the snapshot where it has more than a log that ends at a position of an epoch;
// nil where the log is what the replica holds. One with an older last epoch has less, as everywhere.
func (h *Holder) Holding(position, lastIn uint64) *Kept {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := h.last
	if k == nil || k.Epoch < lastIn || k.Epoch == lastIn && k.Position <= position {
		return nil
	}
	return k
}

// Describe fills in what is held as a snapshot, of which the log that s describes has not all.
func (h *Holder) Describe(s *store.Status) {
	k := h.Holding(s.Position, s.LastIn)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.restored != nil {
		restored := *h.restored
		s.Restored = &restored
	}
	if k == nil && s.Mode == topology.ModeBackup && s.Position == 0 {
		k = h.last // one of nothing
	}
	if k == nil {
		return
	}
	s.Position, s.Entries, s.LastIn, s.Bytes = k.Position, k.Position, k.Epoch, k.Bytes
	s.Snapshot = &store.Snapshot{Age: max(0, h.clock()-k.At), Size: k.Size, Took: k.Took}
}

// Took notes a snapshot that is on disk.
func (h *Holder) Took(k Kept) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last = &k
}

// Restored notes that the snapshot was loaded: from when on, and until now.
func (h *Holder) Restored(k *Kept, began time.Duration) store.Restored {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.restored = &store.Restored{Age: began - k.At, Bytes: k.Bytes, Entries: k.Position, Took: h.clock() - began}
	return *h.restored
}

// Forget removes the snapshot: the log has all of it, or it is dropped. One that stays on
// disk for an error is not looked at where the log has more.
func (h *Holder) Forget() error {
	h.mu.Lock()
	was := h.last
	h.last = nil
	h.mu.Unlock()
	if was == nil {
		return nil
	}
	return Remove(h.Dir)
}
