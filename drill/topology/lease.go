package topology

import "time"

// renewals is how often a lease is renewed in its own length: with five, four
// renewals in a row may be lost before the authority stops serving.
const renewals = 5

const (
	// leastStall is the least time for which an authority's writes must not have reached its
	// disk before it is given up, however short its lease: a laptop's disk that is busy with
	// much else takes that long now and then.
	leastStall = 2 * time.Second
	// stallLeases is the same in leases. After half of it the lease is not renewed, so that
	// it has run out by the time that another may lead.
	stallLeases = 2
)

// StallLimit is for how long an authority's writes may not reach its disk, or its store may say nothing, before it is taken
// for lost though its region answers, by its lease.
func StallLimit(lease time.Duration) time.Duration { return max(stallLeases*lease, leastStall) }

// RenewEvery is how often the failover controller renews a lease of that length: a long one
// as often as the default's, so that who stopped is known as soon.
func RenewEvery(lease time.Duration) time.Duration { return min(lease, DefaultLease) / renewals }
