package drill

import (
	"fmt"
	"slices"
)

// outlook is what a command is predicted to do to one dataset.
type outlook struct {
	moves bool   // its authority is lost, or moved first
	waits string // what its mode would lack; "" when its writes don't wait
	last  bool   // no other copy would be left
	// unreached are the regions whose users' writes don't reach it, or are not
	// acknowledged until it has moved.
	unreached []string
}

// stops reports whether a write that users send to a region is hurt.
func (o outlook) stops(region string) bool {
	return o.waits != "" || slices.Contains(o.unreached, region)
}

func (s *State) outlook(d *DatasetState, c Command) outlook {
	if c.Verb == VerbPartition {
		return s.outlookCut(d, c)
	}
	others := s.Copies(d, func(region string) bool { return region != c.Region })
	o := outlook{waits: d.lacks(c, others)}
	if o.moves = d.Authority == c.Region; o.moves {
		o.last = len(others) == 0
		if c.Verb != VerbCordon { // which moves it before anything stops
			o.unreached = s.Fleet.RegionNames()
		}
	}
	return o
}

// outlookCut is a partition's: whether the controller still reaches the authority,
// whether the authority reaches the replicas that its mode needs, and whose users
// reach the authority.
func (s *State) outlookCut(d *DatasetState, c Command) outlook {
	var o outlook
	if d.Authority == "" {
		return o
	}
	o.moves = c.separates(d.Authority, EndControl)
	for _, region := range s.Fleet.RegionNames() {
		apart := c.separates(region, d.Authority)
		goesOn := o.moves && !s.Fleet.Failover.Fence && !apart // the old authority takes it, for now
		if apart || o.moves && !goesOn {
			o.unreached = append(o.unreached, region)
		}
	}
	if o.moves {
		left := s.Copies(d, func(region string) bool { return !c.separates(region, EndControl) })
		o.waits = d.lacks(Command{Verb: VerbKill, Region: d.Authority}, left)
		return o
	}
	near := s.Copies(d, func(region string) bool { return region != d.Authority && !c.separates(region, d.Authority) })
	switch {
	case d.Spec.Mode == ModeSync && !slices.Contains(near, d.Spec.With):
		o.waits = fmt.Sprintf("%s needs it for every acknowledgement", d.Spec.Durability())
	case d.Spec.Mode == ModeQuorum && len(near)+1 < d.Spec.Majority():
		o.waits = fmt.Sprintf("quorum needs %d of %d replicas, %d would be left", d.Spec.Majority(), len(d.Spec.Regions), len(near)+1)
	}
	return o
}

// lacks is what the dataset's mode would miss after the command, others being the
// replicas left: for the next write's acknowledgement, or to be certain who may
// take over. "" when it lacks nothing.
func (d *DatasetState) lacks(c Command, others []string) string {
	needed := c.Region == d.Authority || c.Region == d.Spec.With
	switch {
	case !slices.Contains(d.Spec.Regions, c.Region):
		return ""
	case d.Spec.Mode == ModeQuorum && len(others) < d.Spec.Majority():
		return fmt.Sprintf("quorum needs %d of %d replicas, %d would be left", d.Spec.Majority(), len(d.Spec.Regions), len(others))
	case d.Spec.Mode != ModeSync || !needed:
		return ""
	case len(others) < 2:
		return fmt.Sprintf("sync needs two replicas, %d would be left", len(others))
	case c.Verb == VerbCordon:
		return "" // moves the authority and finds another partner first
	case c.Region == d.Spec.With:
		return fmt.Sprintf("%s needs it for every acknowledgement", d.Spec.Durability())
	case !slices.Contains(others, d.Spec.With):
		return fmt.Sprintf("%s, which does not serve, and no other region is certain to have every acknowledged write", d.Spec.Durability())
	}
	return ""
}
