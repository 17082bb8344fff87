package controller

import (
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/controller/candidate"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/controller/exports"
	"github.com/fleetdrill/fleetdrill/drill/controller/health"
	"github.com/fleetdrill/fleetdrill/drill/controller/splitbrain"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Rules is what does not change while a drill runs.
type Rules struct {
	Dataset topology.Dataset // as the fleet file has it; the durability of now is in Memory
	Policy  topology.FailoverPolicy
	Links   []topology.Link // the fleet's, as its file has them
	// StepLimit bounds one step of a move at a region that answers: what its disk may
	// take, or a server that has to be made and started.
	StepLimit time.Duration
	Probe     time.Duration // how long the router waits for a probe's answer
	// Export says that diverged tails are fetched to the operator's disk.
	Export bool

	breach breach
}

// breach leaves out a safety rule; tests set it, to see their simulation fail.
type breach struct {
	leaseWait, leaseCount, freshEpoch, twoSteps, hung bool
	candidate                                         candidate.Breach
}

// Memory is all that the controller of one dataset knows. It is a value: Decide returns
// a new one and leaves the old one as it was.
type Memory struct {
	rules    Rules
	replicas []replica // in the order of the dataset's regions
	steps    uint64    // the number of the last step
	tickAt   time.Duration
	ending   bool

	lead      string // the region promoted last
	confirmed string // the one whose lease was confirmed last
	epoch     uint64
	used      uint64        // the highest epoch that any region may have been told
	leaseEnds time.Duration // when the last lease that may have been granted has run out
	began     uint64        // the position that the authority began its epoch with
	renewal   renewal

	rule      candidate.Rule // what is promoted by
	since     time.Duration  // when that came into force
	tentative *tentative

	bringUp    *bringUp // nil once there was a first authority
	promotion  *promotion
	failover   *failover
	switchover *switchover
	modeChange *modeChange
	reseed     *reseed
	awaited    []awaited
	exports    exports.List
	waitsFor   []string // what writes were last said to wait for

	lastAck struct {
		epoch uint64
		at    time.Duration
	}
	terms     splitbrain.Log
	tailsStep uint64   // the step that reads the tails; 0 is none
	flush     []uint64 // who waits until all that is told at intervals was told
}

// replica is what is known of one region and its copy of the dataset.
type replica struct {
	region  string
	up      bool // the router's verdict
	judged  exchange.Judged
	known   bool // it has answered
	status  store.Status
	heardAt time.Duration // when that answer came

	condition exchange.Condition
	run       string // of its store when it last answered
	// authorityAt is when it last heard from the authority, if it follows.
	follows     bool
	authorityAt time.Duration
	asked       uint64         // the step that tells it whom to follow; 0 is none
	copyingTold time.Duration  // when something was said of it last
	copying     *store.Copying // the whole copy that was said to be under way; nil is none
	// stalls says that its writes don't reach its disk, and since when, on the engine's clock.
	stalls      bool
	stallsSince time.Duration
	cut         *store.Cut // the last one that is known of
	outage      *outage    // nil while it is current
}

// NewMemory is what is known before anything was heard.
func NewMemory(r Rules) Memory {
	m := Memory{rules: r, rule: candidate.Rule{Durability: r.Dataset.Durability()}, confirmed: r.Dataset.Authority, bringUp: &bringUp{}}
	for _, region := range r.Dataset.Regions {
		m.replicas = append(m.replicas, replica{region: region, condition: exchange.Condition{Region: region}})
	}
	return m
}

// clone is a memory that may be changed. What a replica's outage points to is replaced
// as a whole, never changed.
func (m Memory) clone() Memory {
	m.replicas = slices.Clone(m.replicas)
	m.tentative = cloned(m.tentative)
	m.bringUp, m.promotion, m.failover = cloned(m.bringUp), cloned(m.promotion), cloned(m.failover)
	m.switchover, m.modeChange, m.reseed = cloned(m.switchover), cloned(m.modeChange), cloned(m.reseed)
	return m
}

func cloned[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

// Leader is the authority and its epoch; "" while there is none.
func (m *Memory) Leader() (string, uint64) { return m.lead, m.epoch }

// Assumed reports whether there has been a first authority.
func (m *Memory) Assumed() bool { return m.bringUp == nil }

// config is the dataset as regions are to be told of it now.
func (m *Memory) config() topology.Dataset {
	d := m.rules.Dataset
	d.Mode, d.With, d.Also = m.rule.Mode, m.rule.With, nil
	if c := m.modeChange; c != nil {
		d.Mode, d.With = c.to.Mode, c.to.With
		was := m.rule.Durability
		d.Also = &was
	}
	return d
}

// of is a region's replica; nil where it holds none.
func (m *Memory) of(region string) *replica {
	for i := range m.replicas {
		if m.replicas[i].region == region {
			return &m.replicas[i]
		}
	}
	return nil
}

func (m *Memory) up(region string) bool {
	r := m.of(region)
	return r != nil && r.up
}

// fresh reports whether the replica's last answer still counts at a time.
func (r *replica) fresh(now time.Duration) bool { return r.known && now-r.heardAt < FreshFor }

// lease is how long an authority serves writes without a renewal.
func (m *Memory) lease() time.Duration {
	if !m.rules.Policy.Fence {
		return unfencedLease
	}
	return m.rules.Policy.Lease
}

// Gathered reports whether every replica that is not held away leads or hears whom it
// follows: one that has just come back, or just led, may not have been told yet.
func (m *Memory) Gathered(now time.Duration, held map[string]bool) bool {
	return !slices.ContainsFunc(m.replicas, func(r replica) bool { return !held[r.region] && m.missing(now, &r) != "" })
}

// Missing says of every replica that has not all of its data yet what it is at, and how many
// bytes those hold and have copied, so that it can be seen whether that goes on. What the
// others store meanwhile brings nobody nearer.
func (m *Memory) Missing(now time.Duration) (what []string, bytes int64) {
	for i := range m.replicas {
		r := &m.replicas[i]
		if why := m.missing(now, r); why != "" {
			bytes += r.status.Bytes + r.status.Copied
			what = append(what, fmt.Sprintf("%s of %s %s", m.rules.Dataset.Name, r.region, why))
		}
	}
	return what, bytes
}

func (m *Memory) missing(now time.Duration, r *replica) string {
	if !r.known || now-r.heardAt > FreshFor {
		return "does not answer"
	}
	return health.Missing(r.status, m.lead, m.epoch)
}
