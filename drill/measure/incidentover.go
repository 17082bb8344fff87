package measure

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// checkWait is how long after users recovered the check of the ledger is waited for. It takes
// milliseconds and begins with the first write of the new leader, but a leader that is lost
// again may never be checked.
const checkWait = 10 * time.Second

// settle says whether an incident has run its course, and since when.
func (i *Incident) settle(s *drill.State, told told) {
	at, over := i.ended, true
	for _, f := range i.Faults {
		recovered, known := told.recovered[f.ID]
		at, over = max(at, recovered), over && known
	}
	if i.Command != nil && AffectedBy(s, i.Command.ID, "").Open {
		over = false // its users are still counted, for a sample longer than it takes to say that they recovered
	}
	if i.Kind == IncidentHang && len(i.Moves) == 0 {
		over = i.Lifted != nil
		if over {
			at = *i.Lifted
		}
	}
	for _, m := range i.Moves {
		if m.Failover == nil {
			continue
		}
		written := m.Failover.Ends[drill.StageReroute]
		checked, known := told.checked[m.Failover.ID]
		switch {
		case !m.Failover.Written():
			over = false
		default:
			last := written + checkWait
			if known {
				last = min(max(written, checked), last)
			}
			at, over = max(at, last), over && s.Now >= last
		}
	}
	if !over && told.ended > 0 {
		at, over = told.ended, true
	}
	if i.Over = over; over {
		i.Settled = at
	}
}

// told is when the timeline says things of which the state keeps no time.
type told struct {
	recovered  map[int]time.Duration // by fault
	checked    map[int]time.Duration // by failover
	uncordoned map[string][]time.Duration
	stalled    []drill.StoreStalled
	flowing    []flowing
	ended      time.Duration // 0 while it runs
}

type flowing struct {
	drill.StoreFlows
	t time.Duration
}

func timesTold(s *drill.State) told {
	t := told{recovered: map[int]time.Duration{}, checked: map[int]time.Duration{}, uncordoned: map[string][]time.Duration{}}
	for _, e := range s.Timeline {
		switch b := e.Body.(type) {
		case drill.Recovered:
			if !b.Slowly {
				t.recovered[b.Fault] = e.T
			}
		case drill.LedgerChecked:
			if _, known := t.checked[b.Failover]; !known && b.Failover != 0 {
				t.checked[b.Failover] = e.T
			}
		case drill.RegionCordoned:
			if !b.On {
				t.uncordoned[b.Region] = append(t.uncordoned[b.Region], e.T)
			}
		case drill.StoreStalled:
			t.stalled = append(t.stalled, b)
		case drill.StoreFlows:
			t.flowing = append(t.flowing, flowing{b, e.T})
		case drill.DrillEnded:
			t.ended = e.T
		}
	}
	return t
}

// flows is when writes reached a replica's disk again after they stopped.
func (t told) flows(b drill.StoreStalled) (time.Duration, bool) {
	for _, f := range t.flowing {
		if f.Dataset == b.Dataset && f.Region == b.Region && f.t >= b.Since {
			return f.t, true
		}
	}
	return 0, false
}
