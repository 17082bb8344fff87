package measure

import "github.com/fleetdrill/fleetdrill/drill"

// Progress is how far a replica's copy is. Share goes from 0 to 1 and is known where it is known how
// much there was to copy; Left is what it is predicted to need yet.
type Progress struct {
	Share float64
	Known bool
	Rate  Rate
	Left  Span
}

// CopyProgress is how far a replica is that copies its authority's data whole, or what it missed
// while it was away; false where it does neither.
func CopyProgress(s *drill.State, d *drill.DatasetState, region string) (p Progress, copying bool) {
	r := d.Replicas[region]
	if r == nil || r.Stale || !copied(s, d, region) {
		return Progress{}, false
	}
	p.Rate, p.Left = CopyRate(s, d, region), CatchUp(s, d, region)
	if c := r.Copying; c != nil {
		if c.Total > 0 {
			p.Share, p.Known = min(1, float64(c.Bytes)/float64(c.Total)), true
		}
		return p, true
	}
	for _, back := range s.Rejoins {
		if back.Dataset != d.Name || back.Region != region || back.Done != nil {
			continue
		}
		if whole := back.OwedBytes; whole != nil && *whole > 0 && r.OwedBytes != nil {
			p.Share, p.Known = 1-min(1, max(0, float64(*r.OwedBytes)/float64(*whole))), true
		}
	}
	return p, true
}
