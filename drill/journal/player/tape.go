package player

import (
	"sort"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// tape is the events of a drill, and what they come to.
type tape struct {
	events []drill.Event
	times  []time.Duration // of the events; a time never goes back
	end    *drill.State    // after the last event
}

// Add appends what has happened meanwhile, of a drill that runs. The position stays.
func (t *tape) Add(events []drill.Event) {
	for _, e := range events {
		t.end.Apply(e)
		last := e.T
		if n := len(t.times); n > 0 {
			last = max(last, t.times[n-1])
		}
		t.times = append(t.times, last)
	}
	t.events = append(t.events, events...)
}

// Last is the number of the last event; 0 where there is none.
func (t *tape) Last() uint64 { return t.end.LastSeq }

// End is the state after the last event. It must not be changed.
func (t *tape) End() *drill.State { return t.end }

// Length is the time of the last event.
func (t *tape) Length() time.Duration {
	if len(t.times) == 0 {
		return 0
	}
	return t.times[len(t.times)-1]
}

// after is the position right after an event of the timeline.
func (t *tape) after(e drill.Event) int {
	n := sort.Search(len(t.events), func(i int) bool { return t.events[i].Seq >= e.Seq })
	return min(n+1, len(t.events))
}

// proof is the position right after the event that proved a fault.
func (t *tape) proof(f *drill.Fault) int {
	for i := sort.Search(len(t.times), func(i int) bool { return t.times[i] >= f.Proved }); i < len(t.events); i++ {
		if b, is := t.events[i].Body.(drill.FaultProved); is && b.ID == f.ID {
			return i + 1
		}
	}
	return len(t.events)
}

// Running is the time at which users first ask: the end of the bring-up; 0 where the drill never
// came so far.
func (t *tape) Running() time.Duration {
	for i, e := range t.events {
		if b, is := e.Body.(drill.PhaseEntered); is && b.Phase != drill.PhaseBringUp {
			return t.times[i]
		}
	}
	return 0
}
