package topology

import "time"

// mostReserve is the most that a tier keeps for its answer's way back: what a busy machine, or one more round trip, takes.
const mostReserve = 250 * time.Millisecond

// AnswerWithin is how long a tier may work on a request that who asked waits so long for: an eighth of it, and at most
// mostReserve, is left for the answer, so that it says what did not answer before the asker has gone.
func AnswerWithin(left time.Duration) time.Duration { return left - min(left/8, mostReserve) }

// CopiesWithin is how long an authority waits for the copies that its durability asks for, of a write by a user who waits
// timeout at a region toRegion away, whose authority is toAuthority further: each tier on the way keeps its reserve.
// Zero or less leaves no time.
func CopiesWithin(timeout, toRegion, toAuthority time.Duration) time.Duration {
	return AnswerWithin(AnswerWithin(timeout-toRegion) - toAuthority)
}

// HolderWithin is how long a region that keeps no replica waits for the one at an index of n that do, of the time that it
// has for an answer: half of what those before left, so that one which is silent leaves enough for another, and the last
// all of it.
func HolderWithin(within time.Duration, index, n int) time.Duration {
	if index == n-1 {
		return within
	}
	return within >> (index + 1)
}

// LeastResend is the least time after which TCP sends a lost segment again. RFC 6298 (2.4) says one second; Linux has
// always used this (TCP_RTO_MIN).
const LeastResend = 200 * time.Millisecond

// ResentAfter is what a lost segment is taken to cost on a link of that round trip: the retransmission timeout (RFC 6298),
// taken for twice the round trip.
func ResentAfter(rtt time.Duration) time.Duration { return max(LeastResend, 2*rtt) }
