package impact

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// foundBy is what becomes of a write, or of a read that the authority is to answer, that a region's gateway sends to the new authority of a dataset once that takes writes, or to
// the former one where it finds authorities by itself and has not noticed.
func foundBy(e *exposure, k class, at, moved time.Duration, region, to string, d *drill.DatasetState, write bool) fate {
	fresh := e.written(k, at, region, to, d, write)
	former := d.Authority
	share := staleShare(e, at, moved, region, former, d.Name)
	if share == 0 || former == to {
		return fresh
	}
	meets := refused // it answers, and does not lead
	if hearsNothing(e, at, region, former) {
		meets = waits
	}
	return fate{}.plus(fresh, 1-share).plus(meets, share)
}

// hearsNothing reports whether a region hears nothing of another at a time.
func hearsNothing(e *exposure, at time.Duration, region, other string) bool {
	return e.silent(other, at) || region != other && e.apart(region, other) && at < e.Undone
}

// staleShare is the share of a region's calls for a dataset that go to its former authority at a time. A name is looked up anew when
// its record expires, which the gateway says, or else at any time within a TTL alike; a mirror spreads calls over both while the former one says nothing;
// what does not answer a health check is called no more by the time that another leads.
func staleShare(e *exposure, at, moved time.Duration, region, former, dataset string) float64 {
	switch how := e.s.Fleet.DiscoveryOf(region); how.Kind {
	case topology.DiscoveryBareDNS:
		if how.Cache == topology.CacheProcess {
			return 1
		}
		if expires, known := recordExpires(e, region, dataset, how.TTL, moved); known {
			if at < expires {
				return 1
			}
			return 0
		}
		return min(max(1-(at-moved).Seconds()/how.TTL.Seconds(), 0), 1)
	case topology.DiscoveryMirror:
		if hearsNothing(e, at, region, former) {
			return 0.5
		}
	}
	return 0
}

// recordExpires is when a region's record of a dataset expires that it has when another leads: it is looked up again and again until
// then, and is the former one's.
func recordExpires(e *exposure, region, dataset string, ttl, moved time.Duration) (time.Duration, bool) {
	for _, d := range e.s.Discovery {
		if d.Region == region && d.Dataset == dataset && d.Expires != nil && ttl > 0 {
			at := *d.Expires - e.s.Now
			if at < moved {
				at += (moved - at + ttl - 1) / ttl * ttl
			}
			return at, true
		}
	}
	return 0, false
}

// unnoticed is when the last region calls a former authority no more, by what the model knows.
func unnoticed(e *exposure, promoted time.Duration) time.Duration {
	last := promoted
	for _, r := range e.s.Fleet.Regions {
		switch how := e.s.Fleet.DiscoveryOf(r.Name); {
		case how.Kind == topology.DiscoveryMirror, how.Kind == topology.DiscoveryBareDNS && how.Cache == topology.CacheProcess:
			last = max(last, e.Undone)
		case how.Kind == topology.DiscoveryBareDNS:
			last = max(last, promoted+how.TTL)
		}
	}
	return min(last, mostMoved)
}
