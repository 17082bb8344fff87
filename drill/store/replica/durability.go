package replica

import (
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Rule is when a write is durable: a mode, what it asks for (two durabilities while it
// is switched), and the regions that hold the dataset. The zero Rule was not set yet.
type Rule struct {
	Mode         topology.Mode
	Durabilities []topology.Durability // that of Mode first
	Regions      []string
	Every        time.Duration // between two snapshots, in mode backup
}

// Configure sets the rule; whoever waits is judged anew at once, so that a weaker mode
// lets them go. ErrMode for what can't be kept here, ErrClosed.
func (l *Leadership) Configure(d topology.Dataset) error {
	err := error(nil)
	if d.Name != l.c.Dataset {
		err = fmt.Errorf("got dataset %q: this replica holds another one", d.Name)
	}
	for _, durability := range d.Durabilities() {
		if err == nil {
			err = store.CheckDurability(durability, l.c.Region, d.Regions)
		}
	}
	if err == nil && d.Mode == topology.ModeBackup {
		switch {
		case !l.c.Backup:
			err = fmt.Errorf("%w: this engine ships no snapshots", store.ErrMode)
		case d.Every <= 0:
			err = fmt.Errorf("%w: backup without a time between two snapshots", store.ErrMode)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && l.closed {
		err = store.ErrClosed
	}
	if err != nil {
		return fmt.Errorf("configure %s in %s: %w", l.c.Dataset, l.c.Region, err)
	}
	l.rule = Rule{Mode: d.Mode, Durabilities: d.Durabilities(), Regions: slices.Clone(d.Regions), Every: d.Every}
	l.wake()
	return nil
}

// Rule is the one of now. Its slices are not to be changed.
func (l *Leadership) Rule() Rule {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rule
}

// Copies are how far the regions' copies reach, as the authority of an epoch knows.
// Positions are the engine's own.
type Copies struct {
	Region     string            // the authority
	Regions    []string          // that hold the dataset
	Position   uint64            // of the authority
	EpochStart uint64            // the least position that has something of the epoch it leads
	Followers  map[string]uint64 // the last that each has reported in this epoch
}

// DurableIndex is up to which position a durability holds for what was written in the
// epoch that the authority leads, and for all before that.
//
// A majority that stores an entry of an older epoch is not enough: a region with a
// newer last entry could still be promoted over it (Raft, section 5.4.2). So until
// something of this epoch is on a majority, quorum counts only what all regions store,
// which needs no write to come true. That is safe: a region reports in this epoch once
// its history is the beginning of this one, so whoever is promoted next has those
// entries, each in its epoch, and nobody who follows it cuts them.
func (c Copies) DurableIndex(d topology.Durability) uint64 {
	switch d.Mode {
	case topology.ModeSync:
		return min(c.Followers[d.With], c.Position)
	case topology.ModeQuorum:
		positions := []uint64{c.Position}
		for _, region := range c.Regions {
			if region != c.Region {
				positions = append(positions, c.Followers[region])
			}
		}
		slices.Sort(positions)
		slices.Reverse(positions)
		majority := positions[len(positions)/2] // of n, the majority's last one
		if majority < c.EpochStart {
			return positions[len(positions)-1]
		}
		return majority
	default:
		return c.Position
	}
}

// Durable is up to which position every durability holds.
func (c Copies) Durable(all []topology.Durability) uint64 {
	durable := c.Position
	for _, d := range all {
		durable = min(durable, c.DurableIndex(d))
	}
	return durable
}

// WaitingFor are the regions, sorted, whose reports a write at a position waits for.
func (c Copies) WaitingFor(all []topology.Durability, position uint64) (regions []string) {
	need := func(region string) {
		if region != c.Region && c.Followers[region] < position && !slices.Contains(regions, region) {
			regions = append(regions, region)
		}
	}
	for _, d := range all {
		switch {
		case d.Mode == topology.ModeSync:
			need(d.With)
		case d.Mode == topology.ModeQuorum && c.DurableIndex(d) < position:
			for _, region := range c.Regions {
				need(region)
			}
		}
	}
	slices.Sort(regions)
	return regions
}

// DurableIndex is that of the rule's own mode, without what a switch adds.
func (r Rule) DurableIndex(c Copies) uint64 {
	if len(r.Durabilities) == 0 {
		return c.Position
	}
	return c.DurableIndex(r.Durabilities[0])
}
