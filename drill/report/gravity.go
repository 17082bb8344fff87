package report

import (
	"math"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// meter measures what replication moved; see GravityMeter for what counts.
type meter struct {
	replicas map[[2]string]*replica // by dataset and region
	sent     map[string]map[string]int64
}

// replica is one region's copy of a dataset, from one answer to the next.
type replica struct {
	known bool
	role  drill.Role
	bytes int64
	// away holds from the first missing answer until the replica is current
	// again. It says itself then what it copied; caught is what is known before.
	away   bool
	caught map[string]int64 // by the region it came from
}

func newMeter() *meter {
	return &meter{replicas: map[[2]string]*replica{}, sent: map[string]map[string]int64{}}
}

func (m *meter) replica(dataset, region string) *replica {
	key := [2]string{dataset, region}
	if m.replicas[key] == nil {
		m.replicas[key] = &replica{}
	}
	return m.replicas[key]
}

// take reads an event, after the state has taken it in.
func (m *meter) take(s *drill.State, b drill.Body) {
	switch b := b.(type) {
	case drill.StoresSampled:
		for _, sample := range b.Stores {
			if d := s.Dataset(sample.Dataset); d != nil {
				m.sampled(d, sample)
			}
		}
	case drill.RejoinStarted:
		m.replica(b.Dataset, b.Region).leave()
	case drill.RejoinDone:
		if d := s.Dataset(b.Dataset); d != nil {
			m.send(d.Name, d.Authority, b.Bytes)
		}
		// The next answer is where growth is counted from.
		*m.replica(b.Dataset, b.Region) = replica{}
	}
}

func (m *meter) sampled(d *drill.DatasetState, s drill.StoreSample) {
	r := m.replica(s.Dataset, s.Region)
	if s.Stale {
		r.known = false
		r.leave()
		return
	}
	grown := s.Bytes - r.bytes
	// A replica that led until its last answer took writes from users since.
	replicated := r.known && grown > 0 && s.Role == drill.RoleFollower && r.role != drill.RoleAuthority
	r.known, r.role, r.bytes = true, s.Role, s.Bytes
	if s.Role == drill.RoleAuthority {
		m.settle(s.Dataset, r) // it can't rejoin itself
		return
	}
	switch {
	case replicated && r.away:
		r.caught[d.Authority] += grown
	case replicated:
		m.send(s.Dataset, d.Authority, grown)
	}
}

func (r *replica) leave() {
	if !r.away {
		r.away, r.caught = true, map[string]int64{}
	}
}

// settle counts what a replica was seen to copy while it was away, when it will
// not say any more itself.
func (m *meter) settle(dataset string, r *replica) {
	for from, n := range r.caught {
		m.send(dataset, from, n)
	}
	r.away, r.caught = false, nil
}

func (m *meter) send(dataset, from string, bytes int64) {
	if m.sent[dataset] == nil {
		m.sent[dataset] = map[string]int64{}
	}
	m.sent[dataset][from] += bytes
}

// gravity is a dataset's meter at the end.
func (b *builder) gravity(d *drill.DatasetState) GravityMeter {
	var out GravityMeter
	if s := d.Replicas[d.Authority]; s != nil && !s.Stale {
		out.Bytes = &s.Bytes
	}
	// No follower ever answered: nothing is known, which is not nothing sent.
	answered := false
	for key, r := range b.meter.replicas {
		if key[0] == d.Name {
			b.meter.settle(d.Name, r)
		}
	}
	for _, s := range d.Replicas {
		answered = answered || s.Region != d.Authority
	}
	if answered {
		out.Replicated = ptr(int64(0))
		for _, n := range b.meter.sent[d.Name] {
			*out.Replicated += n
		}
	}
	if e := measure.EgressOf(b.state, d.Name); e.Known {
		out.Sent = &e.Bytes
		if e.USD != nil {
			out.Egress = ptr(math.Round(*e.USD*1e12) / 1e12)
		}
	}
	if w, known := measure.SlowestWrites(b.state, d.Name); known {
		out.WriteP50, out.WriteP99 = millis(w.P50), millis(w.P99)
	}
	return out
}
