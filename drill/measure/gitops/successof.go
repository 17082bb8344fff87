package gitops

import "github.com/fleetdrill/fleetdrill/drill"

// SuccessOf is the share of the last sample's requests that were answered, of the populations that the router sends to a region; nil
// where nobody was asked there.
func SuccessOf(s *drill.State, region string) *float64 {
	ok, all := 0, 0
	for _, p := range s.Populations {
		if p.Last != nil && p.Region == region {
			ok += p.Last.OK
			all += p.Last.Requests
		}
	}
	if all == 0 {
		return nil
	}
	share := float64(ok) / float64(all)
	return &share
}
