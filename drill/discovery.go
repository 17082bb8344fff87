package drill

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/series"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

func init() {
	register[DiscoverySampled]()
}

// DiscoverySampled is what the gateways of a fleet found of each dataset's authority by themselves at one moment, and what
// came of their calls. It is sampled where regions discover authorities (topology.Discovery).
type DiscoverySampled struct {
	Found []telemetry.Discovery `json:"found"`
}

// Kind implements Body.
func (DiscoverySampled) Kind() string { return "discovery.sampled" }

func (b DiscoverySampled) fold(s *State, _ Event) {
	for _, found := range b.Found {
		d := find(s.Discovery, func(x *DiscoveryState) bool { return x.Region == found.Region && x.Dataset == found.Dataset })
		if d == nil {
			d = &DiscoveryState{at: s.Now}
			s.Discovery = append(s.Discovery, d)
		}
		d.sampled(found, s.Now)
	}
}

// DiscoveryState is one region's finding of one dataset's authority: the newest sample, when calls were sent to stale
// endpoints, and calls over time.
type DiscoveryState struct {
	telemetry.Discovery
	Spells []Spell                 // oldest first
	Over   series.Of[series.Count] // calls that ended; a failed one is a stale one
	at     time.Duration
}

// Spell is a stretch of a drill's time.
type Spell struct{ From, Until time.Duration }

// StaleSettles is how long no call may have been sent to a stale endpoint until that counts as over: an agent's own measure of
// a spell.
const StaleSettles = 3 * time.Second

// sampled takes a sample in.
func (d *DiscoveryState) sampled(now telemetry.Discovery, at time.Duration) {
	was := d.Discovery
	d.Discovery = now
	calls, stale := int(now.Calls-min(was.Calls, now.Calls)), int(now.Stale-min(was.Stale, now.Stale))
	if !now.Silent {
		d.Over.Take(at, at-d.at, series.Count{Over: at - d.at, OK: max(calls-stale, 0), Failed: stale})
	}
	d.at = at
	if now.StaleFrom == nil || now.StaleUntil == nil {
		return
	}
	n := len(d.Spells)
	if n == 0 || *now.StaleFrom > d.Spells[n-1].Until+StaleSettles/2 {
		d.Spells = append(d.Spells, Spell{*now.StaleFrom, *now.StaleUntil})
		return
	}
	// The same spell: its ages came over a link, and differ a little from one answer to the next.
	last := &d.Spells[n-1]
	last.From, last.Until = min(last.From, *now.StaleFrom), max(last.Until, *now.StaleUntil)
}
