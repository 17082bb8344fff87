// Package store is the interface of the store engines: one Replica is one
// region's copy of one dataset. The engines are log and postgres, in the folders below.
package store

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// What a caller decides on. The agent turns each into a wire code of its own.
var (
	// ErrFenced: this replica holds no lease for the epoch that it would write in.
	ErrFenced = errors.New("fenced: no lease")
	// ErrNotAuthority: this replica follows another region.
	ErrNotAuthority = errors.New("not the authority")
	// ErrStaleEpoch: the caller speaks for an epoch older than one seen here.
	ErrStaleEpoch = errors.New("stale epoch")
	// ErrStaleClock: a grant echoes a clock reading of another run of the replica.
	ErrStaleClock = errors.New("grant for another run of the replica")
	// ErrMode: the replication mode is not served by this engine.
	ErrMode = errors.New("replication mode not served")
	// ErrPinned: residency keeps this dataset's contents out of here.
	ErrPinned = errors.New("pinned to another jurisdiction")
	// ErrSeeding: the replica is being copied whole, and lacks writes that it once had.
	ErrSeeding = errors.New("seeding: it is being copied whole and lacks writes that it once had")
	// ErrClosed: the replica was closed; its region is ending.
	ErrClosed = errors.New("replica is closed")
	// ErrBadWrite: the write itself can't be stored: no ID, too large, or its ID is there with another payload.
	ErrBadWrite = errors.New("write not acceptable")
)

// Write is one record to be appended. ID is unique per dataset: appending an ID
// that is there already acknowledges the stored one and stores nothing, so a
// retry is harmless.
type Write struct {
	ID      string `json:"id"`
	Payload []byte `json:"payload"`
}

// Entry is a stored write. Index counts from 1, in the log engine without gaps; Epoch is the
// leader epoch it was first written in.
type Entry struct {
	Index   uint64 `json:"index"`
	Epoch   uint64 `json:"epoch"`
	ID      string `json:"id"`
	Payload []byte `json:"payload,omitempty"`
}

// Ack says where a write was stored.
type Ack struct {
	Index uint64 `json:"index"`
	Epoch uint64 `json:"epoch"`
}

// Clock is a reading of a replica's own monotonic clock in nanoseconds, and the
// run of the replica it belongs to. A lease is counted from a reading that the
// replica itself gave, echoed by the controller, so that a grant which lay in a
// queue (of a frozen process, a slow link) cannot extend a lease by its delay:
// the lease ends, at the latest, its duration after the controller received the reading.
type Clock struct {
	Run     string `json:"run"`
	Reading int64  `json:"reading"`
}

// Status is a replica at one moment.
type Status struct {
	Dataset string    `json:"dataset"`
	Region  string    `json:"region"`
	Role    role.Role `json:"role"`
	Epoch   uint64    `json:"epoch"` // highest epoch that it has seen
	// Position is how far the replica's history reaches: in the log engine the index
	// of the last entry on disk, in postgres the last WAL byte on disk; 0 is empty.
	Position uint64 `json:"position"`
	Entries  uint64 `json:"entries"`    // writes held
	LastIn   uint64 `json:"last_epoch"` // epoch of the last entry; 0 when empty
	Bytes    int64  `json:"bytes"`      // payload bytes of all entries
	Clock    Clock  `json:"clock"`
	// LeaseLeft is how long it still serves writes; 0 unless it is the authority.
	LeaseLeft time.Duration `json:"lease_left"`
	// Authority is whom it follows, "" otherwise.
	Authority string `json:"authority,omitempty"`
	// AuthorityPosition is the authority's last position that it has heard of over its stream, and
	// Heard how long ago. Nil when it does not follow or has not heard yet.
	AuthorityPosition *uint64       `json:"authority_position,omitempty"`
	Heard             time.Duration `json:"heard,omitempty"`
	// Followers, on the authority: the last position that each region has reported as stored on disk.
	Followers map[string]uint64 `json:"followers,omitempty"`
	// Mode is the mode that it was last configured with, "" before.
	Mode topology.Mode `json:"mode,omitempty"`
	// DurableIndex, on the authority: up to which position the durability of Mode alone holds.
	DurableIndex uint64 `json:"kept,omitempty"`
	// Waiting is how many writes are on its disk and not acknowledged because a
	// durability does not hold yet; WaitingFor the regions that have not reported them.
	Waiting    int      `json:"waiting,omitempty"`
	WaitingFor []string `json:"waiting_for,omitempty"`
	// AtRisk, on the authority: writes that no other region has reported as stored;
	// nil when unknown.
	AtRisk *uint64 `json:"at_risk,omitempty"`
	// Seeding says that it does not have everything yet that it once acknowledged or
	// reported as stored (its disk is new): it must not be promoted, nor counted in a majority.
	Seeding bool `json:"seeding,omitempty"`
	// Mute says that its database does not answer: what it holds is of its last answer, so it
	// must not be chosen for that, nor counted.
	Mute bool `json:"mute,omitempty"`
	// Unread says that what it holds has not been read since it was opened: Position,
	// LastIn, Entries and Bytes are unknown, not zero.
	Unread bool `json:"unread,omitempty"`
	// Copied is payload bytes received by replication since it last began to follow.
	Copied int64 `json:"copied"`
	// Cut is the last cut of a diverged tail since the replica opened, or from before
	// if it has not caught up since; nil is none.
	Cut *Cut `json:"cut,omitempty"`
	// Snapshot is the last one that was shipped here, of a replica that holds that instead of a
	// running store (mode backup): Position, Entries, LastIn and Bytes are then its. Nil is none.
	Snapshot *Snapshot `json:"snapshot,omitempty"`
	// Restored is the snapshot that it was made from when it was promoted last in this run; nil is none.
	Restored *Restored `json:"restored,omitempty"`
	// Copying is how far the copy of everything is that it makes of its authority's data; nil
	// while it makes none, or its engine copies entry by entry.
	Copying *Copying `json:"copying,omitempty"`
	// Stalled is for how long no write has reached its own disk, or been applied from what it
	// received, though one was tried all along; 0 where the last one did. What waits for
	// other regions is not counted. StalledBy is what is in the way.
	Stalled   time.Duration `json:"stalled,omitempty"`
	StalledBy string        `json:"stalled_by,omitempty"`
	// Disk is how its disk is made to fail on purpose; "" is not at all.
	Disk DiskFault `json:"disk,omitempty"`
	// Error is what keeps it from working, if anything (a full disk, a bad peer).
	Error string `json:"error,omitempty"`
}

// Snapshot is a consistent copy of an authority's contents, in a file of the region's disk.
type Snapshot struct {
	Age   time.Duration `json:"age"`   // since its contents were those of the authority
	Size  int64         `json:"size"`  // of the file, in bytes
	Took  time.Duration `json:"took"`  // from the first byte asked for to the last on disk
	Count int           `json:"count"` // how many were shipped since it follows the authority of now
}

// Restored is what came of loading a snapshot into a store.
type Restored struct {
	Age     time.Duration `json:"age"` // of the snapshot, when the loading began
	Bytes   int64         `json:"bytes"`
	Entries uint64        `json:"entries"`
	Took    time.Duration `json:"took"`
}

// Current says whether a follower has all that its mode has it hold: what the authority had
// when it was last heard or, of a backup, a snapshot of it.
func (s Status) Current() bool {
	switch {
	case !s.Whole() || s.AuthorityPosition == nil:
		return false
	case s.Mode == topology.ModeBackup:
		return s.Snapshot != nil && s.Snapshot.Count > 0
	}
	return s.Position >= *s.AuthorityPosition
}

// Whole says whether it is known to have all that it ever acknowledged or reported.
func (s Status) Whole() bool { return !s.Seeding && !s.Mute }

// Copying is a whole copy under way. Bytes are those that crossed the link for it; Total is
// about what there is to copy, 0 while unknown. Attempt is how many were begun since it
// follows, and Why what broke the one before.
type Copying struct {
	Bytes   int64  `json:"bytes"`
	Total   int64  `json:"total,omitempty"`
	Attempt int    `json:"attempt"`
	Why     string `json:"why,omitempty"`
}

// Cut is a diverged tail that was exported, then removed.
type Cut struct {
	Entries  int    `json:"entries"`
	From     uint64 `json:"from"`     // first index removed
	Exported string `json:"exported"` // file, JSON Lines of Entry
}

// Replica is one region's copy of a dataset. It starts fenced. Its methods may
// be called from several goroutines.
type Replica interface {
	// Append stores a write and returns once it is durable as the mode asks and the
	// lease was still held after that. ErrFenced, ErrNotAuthority, ErrMode, ErrBadWrite, or the context's
	// error. After ErrFenced, a disk's or the context's error the write may be stored all the same.
	Append(ctx context.Context, w Write) (Ack, error)
	// Lookup finds an entry by ID; false when it is not (yet) here.
	Lookup(ctx context.Context, id string) (Entry, bool, error)
	Status(ctx context.Context) (Status, error)
	// Audit calls visit for each entry with an index above after, in order, up to
	// the position at the time of the call.
	Audit(ctx context.Context, after uint64, visit func(Entry) error) error

	// Epoch is the highest epoch that it has seen. It waits for nothing.
	Epoch() uint64

	// Configure sets the mode and the regions that hold the dataset.
	Configure(ctx context.Context, d topology.Dataset) error
	// Promote makes this replica the authority in epoch, which must be above every
	// epoch it knows an authority of and not below one it was fenced with (or equal to the one it already is
	// the authority of). It serves writes only after a Grant. ErrStaleEpoch; ErrSeeding while
	// it does not have everything yet that it once acknowledged or reported.
	Promote(ctx context.Context, epoch uint64) error
	// Grant lets the authority of epoch serve writes until lease after the echoed
	// reading. ErrStaleEpoch, ErrStaleClock, ErrNotAuthority. A zero lease with fencing off is not special: the
	// engine grants a very long one.
	Grant(ctx context.Context, epoch uint64, echo Clock, lease time.Duration) error
	// Fence stops writes in every epoch below the given one, at once: no Append is
	// acknowledged after it returned. It persists.
	Fence(ctx context.Context, epoch uint64) error
	// Follow copies from the authority of epoch, first cutting its own diverged tail. It returns
	// at once; Status has the progress. A lost stream is taken up again until Fence, Promote or another Follow.
	Follow(ctx context.Context, authority string, epoch uint64) error

	// Close stops all work and releases the files.
	Close() error
}

// Preloader is a replica that can be preloaded to a dataset's weight, and copied anew.
type Preloader interface {
	// Preload fills a replica that has never held anything with entries that come
	// to bytes of payload or, in whole entries, a little more, the same in every region; one that holds something is
	// left as it is. lead says that it is to be the first authority: an engine whose
	// followers begin as a physical copy loads only that one.
	Preload(ctx context.Context, bytes int64, lead bool) error
	// Reseed drops everything that a follower holds, as if its disk were new, and
	// copies it anew from the authority that it follows. One that follows nobody refuses.
	Reseed(ctx context.Context) error
}

// Snapshotter is a replica that can hold a snapshot of its authority's contents instead of
// a running store.
type Snapshotter interface {
	// Snapshot ships one now, from the authority that it follows, and returns once it is on
	// disk here: it has all that was there when it was asked for. One that follows nobody in mode backup
	// refuses with ErrMode.
	Snapshot(ctx context.Context) error
}

// Dialer opens a connection to the authority's replica itself, for an engine with a
// protocol of its own: of the authority of epoch leader, and no later one, whose history
// the caller has not compared with its own. It goes through the link. first is what is
// said first on it (some KiB at most, nil nothing): it travels with the request for the
// connection, which saves a round trip. Who is an Upstream may be one too.
type Dialer interface {
	Dial(ctx context.Context, authority, dataset string, leader uint64, first []byte) (net.Conn, error)
}

// Tunnelled is a replica that serves connections which a Dialer of another region opened.
// ServeConn returns when the connection is over; it closes it. ErrNotAuthority unless it
// leads epoch leader, fenced or not.
type Tunnelled interface {
	ServeConn(ctx context.Context, conn net.Conn, leader uint64) error
}

// Upstream is how a follower reaches its authority's replica, through whatever
// lies between (gateways, links).
type Upstream interface {
	// EpochEnd asks where the largest epoch not above the given one ended on the authority: that
	// epoch, and the index of its last entry (KIP-101, KIP-279). leader is the epoch the caller believes the authority leads.
	EpochEnd(ctx context.Context, authority, dataset string, leader, epoch uint64) (EpochEnd, error)
	// Stream calls each with batches of entries after the given index as they are
	// stored, and with empty batches as heartbeats; it ends with an error, or nil when ctx ends.
	// A stream on which nothing arrives it gives up, since a link that is cut silently ends no
	// connection; a large batch on a narrow link arrives in pieces, and is not silence.
	Stream(ctx context.Context, authority, dataset string, leader, after uint64, each func(Batch) error) error
	// Stored reports that the region has stored everything up to the position.
	Stored(ctx context.Context, authority, dataset string, leader uint64, region string, position uint64) error
}

// EpochEnd is the end of an epoch in an authority's log.
type EpochEnd struct {
	Epoch uint64 `json:"epoch"`
	End   uint64 `json:"end"`
}

// Batch is some consecutive entries, possibly none, and the authority's position
// when it was sent.
type Batch struct {
	Entries  []Entry `json:"entries,omitempty"`
	Position uint64  `json:"position"`
}

// Source is what an authority's replica offers to followers; the agent serves
// it to them. Its errors are ErrNotAuthority and ErrStaleEpoch where leader is not the epoch it leads.
type Source interface {
	EpochEnd(ctx context.Context, leader, epoch uint64) (EpochEnd, error)
	Stream(ctx context.Context, leader, after uint64, each func(Batch) error) error
	Stored(ctx context.Context, leader uint64, region string, position uint64) error
}
