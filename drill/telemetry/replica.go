package telemetry

import (
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
)

// Replica is one region's replica of one dataset.
type Replica struct {
	Dataset  string    `json:"dataset"`
	Region   string    `json:"region"`
	Role     role.Role `json:"role"`
	Epoch    uint64    `json:"epoch"`                // highest epoch that it knows
	LastIn   uint64    `json:"last_epoch,omitempty"` // epoch of its last entry; 0 is empty, and in journals of before
	Position uint64    `json:"position"`             // how far its history reaches (store.Status); 0 is empty
	Entries  uint64    `json:"entries"`              // writes held
	Bytes    int64     `json:"bytes"`                // payload bytes held
	// LagWrites and OwedBytes are what the replica lacks of the authority's log, in
	// writes and payload bytes; nil while the authority can't be asked. Of a replica
	// that can't be, the bytes go by its last answer, and the writes are unknown.
	LagWrites *uint64 `json:"lag_writes"`
	OwedBytes *int64  `json:"owed_bytes"`
	// Seeding says that it is being copied whole and must not be promoted yet.
	Seeding bool `json:"seeding,omitempty"`
	// Waiting is how many writes an authority holds back because its durability
	// does not hold yet, and WaitingFor the regions it waits for.
	Waiting    int      `json:"waiting,omitempty"`
	WaitingFor []string `json:"waiting_for,omitempty"`
	// Error is what keeps the replica from working, if anything.
	Error string `json:"error,omitempty"`
	// Copying is how far the copy of everything is that it makes; nil while it makes none.
	Copying *Copying `json:"copying,omitempty"`
	// Snapshot is the last one that was shipped here, of a replica that holds that instead of a running store; nil is none.
	Snapshot *Snapshot `json:"snapshot,omitempty"`
	// Stalled is for how long no write has reached its disk, or been applied, though one was
	// tried all along (store.Status), and StalledBy what is in the way.
	Stalled   time.Duration `json:"stalled,omitempty"`
	StalledBy string        `json:"stalled_by,omitempty"`
	// Rate is the payload bytes per second that it stored since the last sample.
	Rate float64 `json:"rate"`
	// Contact is when it last answered, on the engine's clock.
	Contact time.Duration `json:"contact"`
	// Stale says that this sample repeats the last known answer: the region
	// did not answer this time.
	Stale bool `json:"stale,omitempty"`
}

// Snapshot is a consistent copy of the authority's contents, in a file of the region's disk.
type Snapshot struct {
	Taken time.Duration `json:"taken"` // on the engine's clock: its contents were those of the authority then
	Bytes int64         `json:"bytes"` // of the file
	Took  time.Duration `json:"took"`  // from the first byte asked for to the last on disk
}

// Copying is a whole copy of an authority's data under way. Bytes are those that crossed
// the link for it; Total is about what there is to copy, 0 while unknown.
type Copying struct {
	Bytes   int64 `json:"bytes"`
	Total   int64 `json:"total,omitempty"`
	Attempt int   `json:"attempt"` // 1 is the first since it follows that authority
}

// DiskFull reports whether what a replica says is in the way (StalledBy) is a disk without room. It says what the system told it: the
// text of ENOSPC, or EDQUOT (strerror(3)), which a database repeats in its own log.
func DiskFull(why string) bool {
	why = strings.ToLower(why)
	return strings.Contains(why, "no space left on device") || strings.Contains(why, "disk quota exceeded")
}
