package topology

import (
	"cmp"
	"fmt"
	"time"
)

// Dataset is data with one authoritative region and replicas in others.
type Dataset struct {
	Name         string   `json:"name"`
	Engine       string   `json:"engine"`
	Mode         Mode     `json:"mode"`
	Authority    string   `json:"authority"`
	Regions      []string `json:"regions"`
	With         string   `json:"with,omitempty"`
	Jurisdiction string   `json:"jurisdiction,omitempty"`
	Weight       int64    `json:"weight,omitempty"` // bytes preloaded
	// Every is how often a snapshot is shipped to With, in mode backup; 0 in the others.
	Every time.Duration `json:"every,omitempty"`
	// Also is a durability that is kept beside the mode's while the mode is being
	// switched, so that whoever promotes by either rule loses nothing; nil otherwise.
	Also *Durability `json:"also,omitempty"`
}

// Majority is how many of the dataset's regions are more than half of them.
func (d Dataset) Majority() int { return len(d.Regions)/2 + 1 }

// Mode says when a write to a dataset is acknowledged.
type Mode string

// The replication modes: a write is acknowledged once it is stored by the
// authority (async, pinned, backup), by the authority and the region With (sync), or by
// a majority of the dataset's regions (quorum). Pinned also keeps every replica
// and every answer inside the jurisdiction. Backup has no replica that runs: a snapshot of
// everything is shipped to With every so often.
const (
	ModeAsync  Mode = "async"
	ModeSync   Mode = "sync"
	ModeQuorum Mode = "quorum"
	ModePinned Mode = "pinned"
	ModeBackup Mode = "backup"
)

// Durability is what an acknowledgement means: the mode, and for sync the region
// that stores every write beside the authority, for backup the one that snapshots go to.
type Durability struct {
	Mode Mode   `json:"mode"`
	With string `json:"with,omitempty"`
}

// String is the durability as a person would say it: "sync with eu-west".
func (p Durability) String() string {
	if p.Mode == ModeBackup && p.With != "" {
		return string(p.Mode) + " to " + p.With
	}
	if p.With != "" {
		return string(p.Mode) + " with " + p.With
	}
	return string(p.Mode)
}

// Readers are the regions that can answer a read while a region leads: of a backup nobody
// but that one, since a snapshot is no running store.
func (d Dataset) Readers(authority string) []string {
	if d.Mode == ModeBackup {
		return []string{authority}
	}
	return d.Regions
}

// Durability is what the dataset's mode says now.
func (d Dataset) Durability() Durability { return Durability{Mode: d.Mode, With: d.With} }

// Durabilities is every durability that an acknowledgement must keep: while a mode is
// being switched, that of before too.
func (d Dataset) Durabilities() []Durability {
	all := []Durability{d.Durability()}
	if d.Also != nil && *d.Also != d.Durability() {
		all = append(all, *d.Also)
	}
	return all
}

// Residency refuses a region, in a jurisdiction of that name, that the dataset is pinned
// out of; nil where the region may hold it. While its mode is switched either durability
// pins it.
func (d Dataset) Residency(region, jurisdiction string) error {
	for _, p := range d.Durabilities() {
		if p.Mode == ModePinned && jurisdiction != d.Jurisdiction {
			return fmt.Errorf("residency: %s is pinned to %s, %s is in %s", d.Name, d.Jurisdiction, region, cmp.Or(jurisdiction, "no jurisdiction"))
		}
	}
	return nil
}
