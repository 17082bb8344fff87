package topology

import "time"

// renewals is how often a lease is renewed in its own length: with five, four
// renewals in a row may be lost before the authority stops serving.
const renewals = 5

// RenewEvery is how often the failover controller renews a lease of that length: a long one
// as often as the default's, so that who stopped is known as soon.
func RenewEvery(lease time.Duration) time.Duration { return min(lease, DefaultLease) / renewals }
