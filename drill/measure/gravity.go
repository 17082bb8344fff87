package measure

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// Rate is bytes per second, as they were measured over a span of two samples at least.
type Rate struct {
	BytesPerSecond float64
	Known          bool
}

// CopyRate is the payload that a replica stored per second lately, by its own answers. It is
// not known before answers are two samples apart. What a link's buffers held back may
// arrive at once, so it is never more than the link from the authority carries.
func CopyRate(s *drill.State, d *drill.DatasetState, region string) Rate {
	held := d.Replication.Held(region)
	if len(held) < 2 {
		return Rate{}
	}
	first, last := held[0], held[len(held)-1]
	if last.At-first.At < 2*Resolution {
		return Rate{}
	}
	return bounded(s, d.Authority, region, float64(last.Bytes-first.Bytes)/(last.At-first.At).Seconds())
}

// bounded is a rate between two regions, and not above their link's own.
func bounded(s *drill.State, a, b string, rate float64) Rate {
	if shape := ShapeNow(s, a, b); shape.Bandwidth > 0 {
		rate = min(rate, float64(shape.Bandwidth)/8)
	}
	return Rate{BytesPerSecond: rate, Known: true}
}

// CatchUp is how long a replica is predicted to need for what it lacks. One that is being
// copied goes on at the rate measured lately. Of every other, the rate is that at which
// writes come in, which says nothing of how fast more would: it takes the link's
// bandwidth. Both take one round trip at least. Not known where the authority or the
// replica can't be asked; AtLeast, and not known, where it is being copied and stands still.
func CatchUp(s *drill.State, d *drill.DatasetState, region string) Span {
	r := d.Replicas[region]
	if r == nil || r.OwedBytes == nil {
		return Span{}
	}
	if *r.OwedBytes == 0 {
		return Span{Known: true}
	}
	if rate := CopyRate(s, d, region); copied(s, d, region) && rate.Known {
		if rate.BytesPerSecond <= 0 {
			return Span{AtLeast: true}
		}
		return Span{D: RoundTrip(s, d.Authority, region) + perSecond(*r.OwedBytes, rate.BytesPerSecond), Known: true}
	}
	took, _ := Transfer(s, d.Authority, region, *r.OwedBytes)
	return Span{D: took, Known: true}
}

// Transfer is how long so many bytes are predicted to take from one region to another: a round trip, and the link's
// bandwidth as it stands, in bits per second; 0 where it has no limit.
func Transfer(s *drill.State, from, to string, bytes int64) (took time.Duration, bandwidth int64) {
	took, bandwidth = RoundTrip(s, from, to), ShapeNow(s, from, to).Bandwidth
	if bandwidth > 0 {
		took += perSecond(bytes, float64(bandwidth)/8)
	}
	return took, bandwidth
}

func perSecond(bytes int64, rate float64) time.Duration {
	return time.Duration(float64(bytes) / rate * float64(time.Second))
}

// copied reports whether a replica is being brought up to date as a whole.
func copied(s *drill.State, d *drill.DatasetState, region string) bool {
	return d.Replicas[region].Seeding || slices.ContainsFunc(s.Rejoins, func(r *drill.Rejoin) bool {
		return r.Dataset == d.Name && r.Region == region && r.Done == nil
	})
}

// Return is how long a replica that came back took until it was current, and how fast it
// copied. AtMost says that it was quicker than samples can measure: it was current within
// Took, and has no rate.
type Return struct {
	Took   time.Duration
	AtMost bool
	Rate   Rate
}

// ReturnOf is a rejoin that is done.
func ReturnOf(s *drill.State, r *drill.Rejoin) Return {
	if r.Done.Took < Resolution {
		return Return{Took: Resolution, AtMost: true}
	}
	out := Return{Took: r.Done.Took}
	if r.Done.Bytes > 0 {
		out.Rate = bounded(s, r.Authority, r.Region, float64(r.Done.Bytes)/r.Done.Took.Seconds())
	}
	return out
}

// Kept says whether a region keeps a replica of a dataset; where it does not because the law
// of the dataset says so, that is the error.
func Kept(s *drill.State, d *drill.DatasetState, region string) (kept bool, law error) {
	if slices.Contains(d.Spec.Regions, region) {
		return true, nil
	}
	if r := s.Region(region); r != nil {
		law = d.Spec.Residency(region, r.Spec.Jurisdiction)
	}
	return false, law
}

// Replicated is the payload bytes that a dataset's followers stored by replication so far; false while no
// follower has ever answered, which is not nothing sent.
func Replicated(d *drill.DatasetState) (bytes int64, known bool) {
	for _, s := range d.Replicas {
		known = known || s.Region != d.Authority
	}
	return d.Replication.Bytes(), known
}
