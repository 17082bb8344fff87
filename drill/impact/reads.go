package impact

import (
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/impact/ground"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// read is the answer to a read: of the region's own replica, or where it keeps none, or that says nothing and runs apart, of the
// nearest that answers. The region asks the next one only when it has waited for the one
// before; once that has been found silent, as what was gone before has been, it comes last.
func (e *exposure) read(k class, at time.Duration, region string, d *drill.DatasetState) fate {
	readers := d.Spec.Readers(d.Authority)
	own := slices.Contains(readers, region)
	if silent, hangs := silentStore(e, region, d, at); len(readers) == 0 || own && !silent {
		return e.answered(k, region, ground.Path{}, 0)
	} else if own && (len(readers) == 1 || !storeApart(e.s.Region(region))) {
		if hangs {
			return waits
		}
		return refused
	}
	if refuses(e, region, at, config.RefusesRegions, "") {
		return refused
	}
	near := e.s.Fleet.Nearest(region, readers)
	gone := func(r string) bool { return e.ground.Storeless[r] }
	holders := append(slices.DeleteFunc(slices.Clone(near), gone), slices.DeleteFunc(near, func(r string) bool { return !gone(r) })...)
	within := topology.AnswerWithin(k.timeout() - k.pop.Spec.RTT[region])
	found, waited := time.Duration(0), time.Duration(0)
	for i, holder := range holders {
		silent, hangs := silentStore(e, holder, d, at)
		if !silent && !e.silent(holder, at) && (at >= e.Undone || !e.apart(region, holder)) {
			there := e.ground.Between(region, holder)
			opening := opens(e, region, holder, at)
			there.RTT += waited
			return e.crossed(k, region, there, ground.Here, opening)
		}
		wait := topology.HolderWithin(within, i, len(holders))
		if silent && !hangs {
			wait = 0
		}
		if found += wait; at < found { // nobody has waited for it to the end yet
			waited += wait
		}
	}
	return waits
}

// outside reports whether residency keeps the dataset out of a region: it refuses reads and writes of it.
func (e *exposure) outside(region string, d *drill.DatasetState) bool {
	r := e.s.Region(region)
	return r != nil && d.Spec.Residency(region, r.Spec.Jurisdiction) != nil
}
