package ground

import "github.com/fleetdrill/fleetdrill/drill/topology"

// Saved is the retries above its budget that a request a second can cost.
func Saved(r topology.Retries) float64 { return r.Budget * topology.RetryBudgetOver.Seconds() }

// Retries is how many retries a request costs on average where a share of attempts fails, and no budget bounds them.
func Retries(r topology.Retries, failing float64) (n float64) {
	again := 1.0
	for range r.Most {
		again *= failing
		n += again
	}
	return n
}
