package controller

import (
	"errors"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/health"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

const (
	// AskLimit bounds one question to an agent over the control link, which has no distance: an agent that takes longer is taken for silent.
	AskLimit = 500 * time.Millisecond
	// fenceLimit bounds the fence of a switchover at an authority that is known to answer: its disk may be slow, and to give up costs more.
	fenceLimit = 2 * time.Second
	// FreshFor is how old an answer may be to count as known.
	FreshFor = time.Second
	// tickEvery is how often a controller looks after its replicas and takes up again what could not be done before.
	tickEvery = 250 * time.Millisecond
)

// answerLimit is the shortest time after which a region's silence counts: to a probe, or to us.
func (r *Rules) answerLimit() time.Duration {
	if r.Probe > 0 {
		return min(r.Probe, AskLimit)
	}
	return AskLimit
}

// unfencedLease is what an authority is granted where the drill turns fencing
// off: longer than any drill, so it goes on by itself, as a store without
// fencing would.
const unfencedLease = 24 * time.Hour

// renewEvery is how often the authority's lease is renewed: one without fencing too, since
// a store that has restarted holds none.
func (m *Memory) renewEvery() time.Duration {
	return topology.RenewEvery(m.lease())
}

// driftShare is how much slower than ours a region's clock may run before a
// lease outlives our count of it. Quartz is within 0.01 %; 1 % is far beyond.
const driftShare = 100

// renewal grants the authority its lease again and again. A lease is counted from a
// reading of the region's own clock that came with its last answer. The reading was taken
// before that answer arrived here, so the lease is over, at the latest, one lease after
// the arrival: however long a grant lies in a frozen process or on a slow link.
type renewal struct {
	on      bool
	reading store.Clock
	readAt  time.Duration // when the reading came
	dueAt   time.Duration
	step    uint64         // under way; 0 is none
	silence health.Silence // the last ones in a row
}

// leaseOver is when the last lease that may have been granted has certainly run
// out, on the engine's clock.
func (m *Memory) leaseOver() time.Duration { return m.leaseEnds + m.lease()/driftShare }

func startRenewing(d *decision, reading store.Clock) {
	d.m.renewal = renewal{on: true, reading: reading, readAt: d.now, dueAt: d.now + d.m.renewEvery()}
}

func stopRenewing(d *decision) { d.m.renewal = renewal{} }

// renew grants the lease once more when that is due.
func renew(d *decision) {
	r := &d.m.renewal
	if !r.on || r.step != 0 || d.now < r.dueAt || d.m.ending {
		return
	}
	lease := d.m.lease()
	r.dueAt = max(r.dueAt+d.m.renewEvery(), d.now)
	if d.m.withholds() {
		return
	}
	if !d.m.rules.breach.leaseCount {
		d.m.leaseEnds = max(d.m.leaseEnds, r.readAt+lease)
	}
	r.step = d.ask(exchange.Step{Kind: exchange.StepGrant, Region: d.m.lead, Epoch: d.m.epoch, Clock: r.reading, Lease: lease, Limit: AskLimit})
}

// renewed takes the result of a renewal in.
func renewed(d *decision, o exchange.Done) bool {
	r := &d.m.renewal
	if r.step == 0 || o.Step.ID != r.step {
		return false
	}
	r.step = 0
	switch {
	case o.Err == nil:
		r.reading, r.readAt, r.silence = o.Status.Clock, d.now, health.Silence{}
	case o.Step.Kind == exchange.StepStatus: // asked again when the next grant is refused
	case errors.Is(o.Err, store.ErrStaleClock):
		// Its store has restarted and holds no lease. It still knows that it leads
		// the epoch and has all that it acknowledged, so it may go on.
		r.step = d.ask(exchange.Step{Kind: exchange.StepStatus, Region: d.m.lead, Limit: AskLimit})
	case errors.Is(o.Err, store.ErrNotAuthority), errors.Is(o.Err, store.ErrStaleEpoch):
		// It lost its contents, or somebody else has fenced it.
		lose(d, loss{region: d.m.lead, at: d.now, why: "its store no longer leads: " + o.Err.Error(), own: true})
	default:
		unrenewed(d, o.Err)
	}
	return true
}
