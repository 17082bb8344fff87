package runner

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller"
	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Samples is every replica of every dataset as last heard, and the writes at
// risk of those whose authority answered lately. prior are the samples before, by dataset
// and region with a slash between, and since how long ago those were.
func (w *Watch) Samples(spec topology.Fleet, authority func(dataset string) string, prior map[string]telemetry.Replica, since time.Duration) drill.StoresSampled {
	out := drill.StoresSampled{AtRisk: map[string]uint64{}}
	now := w.cfg.Clock.Now()
	for _, d := range spec.Datasets {
		lead, leadAt, leadKnown := w.Replica(authority(d.Name), d.Name)
		leadKnown = leadKnown && authority(d.Name) != "" && now-leadAt < controller.FreshFor
		for _, region := range d.Regions {
			s, at, known := w.Replica(region, d.Name)
			if !known {
				continue
			}
			sample := telemetry.Replica{
				Dataset: d.Name, Region: region, Role: s.Role, Epoch: s.Epoch, LastIn: s.LastIn, Position: s.Position,
				Entries: s.Entries, Bytes: s.Bytes, Contact: at, Stale: now-at >= controller.FreshFor || s.Mute,
				Seeding: s.Seeding, Waiting: s.Waiting, WaitingFor: s.WaitingFor, Error: s.Error,
				Stalled: s.Stalled, StalledBy: s.StalledBy,
			}
			if c := s.Copying; c != nil {
				sample.Copying = &telemetry.Copying{Bytes: c.Bytes, Total: c.Total, Attempt: c.Attempt}
			}
			if b := s.Snapshot; b != nil {
				sample.Snapshot = &telemetry.Snapshot{Taken: max(0, at-b.Age), Bytes: b.Size, Took: b.Took}
			}
			p, ok := prior[d.Name+"/"+region]
			if s.Unread {
				if ok { // what it held when that was last known
					p.Stale, p.Error = true, s.Error
					out.Stores = append(out.Stores, p)
				}
				continue
			}
			if ok && since > 0 && s.Bytes > p.Bytes {
				sample.Rate = float64(s.Bytes-p.Bytes) / since.Seconds()
			}
			if leadKnown {
				owed := max(0, lead.Bytes-s.Bytes)
				sample.OwedBytes = &owed
				if !sample.Stale {
					lag := lead.Entries - min(lead.Entries, s.Entries)
					sample.LagWrites = &lag
				}
			}
			out.Stores = append(out.Stores, sample)
		}
		if leadKnown && lead.Role == role.Authority && lead.AtRisk != nil {
			out.AtRisk[d.Name] = *lead.AtRisk
		}
	}
	return out
}
