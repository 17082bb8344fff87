package store

import "context"

// DiskFault is how the disk under a replica is made to fail on purpose, while all else of its region goes on. It stands in the
// store, below all that the engine decides: neither the engine nor who asks it can tell it from a disk that fails by itself.
type DiskFault string

// The faults of a disk. What was on it can be read all the while.
const (
	DiskWorks DiskFault = ""
	DiskHangs DiskFault = "hangs" // no write comes to an end
	DiskFull  DiskFault = "full"  // each write is refused: ENOSPC
)

// Breakable is a replica whose disk can be made to fail.
type Breakable interface {
	// BreakDisk has its disk fail in that way from now on; DiskWorks lets it work again, and with it what hung.
	BreakDisk(ctx context.Context, fault DiskFault) error
	// TryDisk tries to write to its disk, without storing anything for users, and returns what came of it: nil once that
	// is on disk, the disk's error, or once ctx ends that it has not come to an end.
	TryDisk(ctx context.Context) error
}
