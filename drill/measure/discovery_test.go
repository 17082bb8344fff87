package measure

import (
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
)

// sample is one sample of a region's calls.
func sample(region string, calls, stale uint64, spell ...time.Duration) drill.DiscoverySampled {
	d := telemetry.Discovery{Region: region, Dataset: "orders", Kind: "mirror", Calls: calls, Stale: stale}
	if len(spell) == 2 {
		d.StaleFrom, d.StaleUntil = &spell[0], &spell[1]
	}
	return drill.DiscoverySampled{Found: []telemetry.Discovery{d}}
}

// The longest spell counts, whichever it was, and one that goes on is a lower bound.
func TestStaleCalls(t *testing.T) {
	s := drill.NewState()
	at := func(t time.Duration, b drill.Body) { s.Apply(drill.Event{Seq: s.LastSeq + 1, T: t, Body: b}) }
	if got := StaleLongest(s); got.Known {
		t.Errorf("%+v of a fleet whose regions are told", got)
	}
	at(1*time.Second, sample("eu-west", 0, 0))
	if got := StaleLongest(s); got.Known {
		t.Errorf("%+v before any call", got)
	}
	at(2*time.Second, sample("eu-west", 10, 0))
	if got := StaleLongest(s); got != (Span{Known: true}) {
		t.Errorf("%+v of calls that all were answered", got)
	}
	at(5*time.Second, sample("eu-west", 20, 4, 3*time.Second, 4800*time.Millisecond))
	if got := StaleLongest(s); got != (Span{D: 1800 * time.Millisecond, Known: true, AtLeast: true}) {
		t.Errorf("%+v while it goes on", got)
	}
	// The same spell, heard a little later than it was before.
	at(7*time.Second, sample("eu-west", 30, 8, 3010*time.Millisecond, 7*time.Second))
	at(30*time.Second, sample("eu-west", 90, 8, 3005*time.Millisecond, 7*time.Second))
	if got := StaleLongest(s); got != (Span{D: 4 * time.Second, Known: true}) {
		t.Errorf("%+v once it is over", got)
	}
	at(33*time.Second, sample("eu-west", 95, 9, 31*time.Second, 32*time.Second))
	at(40*time.Second, sample("eu-west", 99, 9, 31*time.Second, 32*time.Second))
	got := Discoveries(s)
	if len(got) != 1 || got[0].For != (Span{D: 4 * time.Second, Known: true}) || got[0].Going {
		t.Errorf("%+v: want the longer of two spells", got)
	}
	if share, known := got[0].Share(); !known || share != 9.0/99 {
		t.Errorf("%v of the calls", share)
	}
	failed := 0
	for _, p := range s.Discovery[0].Over.Points {
		failed += p.Failed
	}
	if failed != 9 || len(s.Discovery[0].Spells) != 2 {
		t.Errorf("%d stale calls over time in %d spells", failed, len(s.Discovery[0].Spells))
	}
}
