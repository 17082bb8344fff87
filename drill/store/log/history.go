package log

import "github.com/fleetdrill/fleetdrill/drill/store"

// span is where an epoch begins in the log.
type span struct{ epoch, first uint64 }

// history is the epochs of a log, oldest first: both numbers rise strictly. Each
// ends where the next begins, the last at the log's position. Histories are
// values: methods return a changed copy.
type history []span

// end is where the largest epoch not above the given one ended, in a log of that
// position; zero when there is none (KIP-101's OffsetForLeaderEpoch, with
// KIP-279's answer of the epoch that it is about).
func (h history) end(epoch, position uint64) store.EpochEnd {
	for i := len(h) - 1; i >= 0; i-- {
		if h[i].epoch > epoch {
			continue
		}
		end := position
		if i+1 < len(h) {
			end = h[i+1].first - 1
		}
		return store.EpochEnd{Epoch: h[i].epoch, End: end}
	}
	return store.EpochEnd{}
}

// begin adds an epoch. Epochs that begin there too have no entries and are dropped.
func (h history) begin(epoch, first uint64) history {
	return append(h.cut(first-1), span{epoch, first})
}

// cut drops the epochs that have no entry up to the position.
func (h history) cut(position uint64) history {
	var kept history
	for _, s := range h {
		if s.first <= position {
			kept = append(kept, s)
		}
	}
	return kept
}
