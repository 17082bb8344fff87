package store

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// CheckDurability says whether the region own, one of those that hold a dataset, could
// keep a durability as its authority. ErrMode: sync or backup without a partner among the
// regions, a majority of regions that it is not one of, an unknown mode.
func CheckDurability(p topology.Durability, own string, regions []string) error {
	switch p.Mode {
	case topology.ModeAsync, topology.ModePinned:
		return nil
	case topology.ModeQuorum:
		// Of no regions, one replica would be a majority.
		if !slices.Contains(regions, own) {
			return fmt.Errorf("%w: quorum of %v, which %s is not one of", ErrMode, regions, own)
		}
		return nil
	case topology.ModeSync, topology.ModeBackup:
		if !slices.Contains(regions, p.With) {
			return fmt.Errorf("%w: %s with %q: name one of %v", ErrMode, p.Mode, p.With, regions)
		}
		return nil
	}
	return fmt.Errorf("%w: %q; use async, sync, quorum, pinned or backup", ErrMode, p.Mode)
}
