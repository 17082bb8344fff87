package measure

import "github.com/fleetdrill/fleetdrill/drill"

// ShareServedBy is the share of the population's answered requests that the
// region answered in the last sample; with none answered, whether it is routed there.
func ShareServedBy(p *drill.PopulationState, region string) float64 {
	total := 0
	if p.Last != nil {
		for _, n := range p.Last.ServedBy {
			total += n
		}
	}
	if total > 0 {
		return float64(p.Last.ServedBy[region]) / float64(total)
	}
	if p.Region == region && region != "" {
		return 1
	}
	return 0
}
