// Package wanted keeps how many web replicas each region of a fleet is to have.
package wanted

import (
	"sync"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Replicas is how many each region is to have. Its methods may be called from several goroutines.
type Replicas struct {
	governed map[string]bool

	mu  sync.Mutex
	all map[string]int
}

// New is what a fleet begins with: a region that its repository governs has none until it was reconciled.
func New(f topology.Fleet) *Replicas {
	r := &Replicas{all: map[string]int{}, governed: map[string]bool{}}
	for _, region := range f.RegionNames() {
		if r.governed[region] = topology.Governs(f, region); !r.governed[region] {
			r.all[region] = topology.WebReplicas(f, region)
		}
	}
	return r
}

// Of is how many a region is to have.
func (r *Replicas) Of(region string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all[region]
}

// Set wants another number and returns the one before.
func (r *Replicas) Set(region string, n int) (was int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	was, r.all[region] = r.all[region], n
	return was
}

// Govern wants another number of a region that its repository governs; of another it changes nothing.
func (r *Replicas) Govern(region string, replicas int) {
	if r.Governs(region) {
		r.Set(region, replicas)
	}
}

// Governs reports whether a region gets what it runs by its repository.
func (r *Replicas) Governs(region string) bool { return r.governed[region] }
