// Package staleness keeps how each region found a dataset's authority by itself: the newest sample, and when calls were sent to
// endpoints that did not lead.
package staleness

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/series"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// State is one region's finding of one dataset's authority: the newest sample, when calls were sent to stale
// endpoints, and calls over time.
type State struct {
	telemetry.Discovery
	Spells []Spell                 // oldest first
	Over   series.Of[series.Count] // calls that ended; a failed one is a stale one
	at     time.Duration
}

// Spell is a stretch of a drill's time.
type Spell struct{ From, Until time.Duration }

// Settles is how long no call may have been sent to a stale endpoint until that counts as over: an agent's own measure of
// a spell.
const Settles = 3 * time.Second

// New is the state of one that is not known before a time.
func New(at time.Duration) *State { return &State{at: at} }

// Take takes a sample in.
func (d *State) Take(now telemetry.Discovery, at time.Duration) {
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
	if n == 0 || *now.StaleFrom > d.Spells[n-1].Until+Settles/2 {
		d.Spells = append(d.Spells, Spell{*now.StaleFrom, *now.StaleUntil})
		return
	}
	// The same spell: its ages came over a link, and differ a little from one answer to the next.
	last := &d.Spells[n-1]
	last.From, last.Until = min(last.From, *now.StaleFrom), max(last.Until, *now.StaleUntil)
}
