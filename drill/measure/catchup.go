package measure

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// CatchUp is how long a replica is expected to need for the bytes that it lacks: a
// prediction. A return that has copied for longer than two samples goes on at its own
// speed so far; else the link's bandwidth and round trip decide, and without a bandwidth
// the bytes per second of the last sample. Known is false where the bytes are unknown,
// and Moves is false where nothing is being copied.
type CatchUp struct {
	D     time.Duration
	Known bool
	Moves bool
}

// CatchUpOf predicts a replica's of a dataset.
func CatchUpOf(s *drill.State, d *drill.DatasetState, region string) CatchUp {
	r := d.Replicas[region]
	if r == nil || r.OwedBytes == nil {
		return CatchUp{}
	}
	if *r.OwedBytes <= 0 {
		return CatchUp{Known: true, Moves: true}
	}
	link, _ := s.Fleet.LinkBetween(d.Authority, region)
	speed := r.Rate
	if link.Bandwidth > 0 {
		speed = float64(link.Bandwidth) / 8
	}
	if own, known := returnSpeed(s, d.Name, r); known {
		speed = min(speed, own)
		if link.Bandwidth <= 0 {
			speed = own
		}
	}
	if speed <= 0 {
		return CatchUp{Known: true}
	}
	return CatchUp{D: time.Duration(float64(*r.OwedBytes)/speed*float64(time.Second)) + link.RTT, Known: true, Moves: true}
}

// returnSpeed is the bytes per second that a return under way has copied since it began.
func returnSpeed(s *drill.State, dataset string, r *drill.StoreSample) (float64, bool) {
	for _, back := range s.Rejoins {
		if back.Dataset != dataset || back.Region != r.Region || back.Done != nil || back.OwedBytes == nil {
			continue
		}
		took := r.Contact - back.Began
		if took < 2*Resolution {
			return 0, false
		}
		return max(float64(*back.OwedBytes-*r.OwedBytes), 0) / took.Seconds(), true
	}
	return 0, false
}

// Speed is the bytes per second of a return that is over; false where it took no longer
// than what samples can tell, since a division by that says nothing about the link.
func Speed(done drill.RejoinDone) (float64, bool) {
	if done.Took < Resolution || done.Bytes <= 0 {
		return 0, false
	}
	return float64(done.Bytes) / done.Took.Seconds(), true
}
