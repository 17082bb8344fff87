package measure

import "github.com/fleetdrill/fleetdrill/drill"

// Leader is a region that takes a dataset's writes. Took is how many it acknowledged while another
// one did too; Split says that this is so now.
type Leader struct {
	Region string
	Epoch  uint64
	Split  bool
	Took   int
}

// Leaders is who takes writes of a dataset now: nobody, its authority, or, while its brain is split,
// each side of that, the older epoch first.
func Leaders(d *drill.DatasetState) []Leader {
	var out []Leader
	for _, b := range d.Splits {
		if !b.Over {
			out = append(out, Leader{b.Old, b.OldEpoch, true, len(b.Tails[b.Old])}, Leader{b.New, b.NewEpoch, true, len(b.Tails[b.New])})
		}
	}
	if len(out) == 0 && d.Authority != "" {
		out = append(out, Leader{Region: d.Authority, Epoch: d.Epoch})
	}
	return out
}

// Leads finds a region among a dataset's leaders.
func Leads(d *drill.DatasetState, region string) (Leader, bool) {
	for _, l := range Leaders(d) {
		if l.Region == region {
			return l, true
		}
	}
	return Leader{}, false
}

// ServesUnreached reports whether a region that the router holds for down, and that no fault of
// its own stops, answered users in the last sample: it is cut off, and not dead.
func ServesUnreached(r *drill.RegionState) bool {
	return r.Health == drill.HealthDown && r.Fault == nil && r.Share > 0
}
