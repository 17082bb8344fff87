// Package record keeps on disk what fleetdrill made, written down before it is
// made, so that whatever ends fleetdrill (a power cut too) a later `down` finds
// all of it and touches nothing else.
//
// A fleet has one folder, STATE/fleets/FLEET (0700), with record.json (0600), a
// lock, and whatever the fleet puts beside them.
package record

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Version is the version of the format that this package writes and reads.
const Version = 1

// What a caller may have to tell apart. A fleet that has no record is
// fs.ErrNotExist, one that has a record already fleet.ErrExists.
var (
	// ErrBroken is a record that cannot be read, or a folder without one.
	ErrBroken = errors.New("record is broken")
	// ErrLocked is a fleet that another process (or another part of this one)
	// drives now. The error is a *LockedError.
	ErrLocked = errors.New("in use")
	// ErrAlive is a process that outlived SIGKILL for longer than KillWait.
	ErrAlive = errors.New("still alive")
)

// Record is what is ours of one fleet.
type Record struct {
	Version int            `json:"version"`
	Fleet   topology.Fleet `json:"fleet"`
	On      string         `json:"on"` // the platform's name
	Token   string         `json:"token"`
	Made    time.Time      `json:"made"`
	// Owner is the fleetdrill process that drives the fleet, or was the last to.
	Owner    Process   `json:"owner"`
	Clusters []Cluster `json:"clusters,omitempty"`
	// PostgresImage is the image whose PostgreSQL wrote the data of a fleet of kind
	// clusters; "" is none, or a record from before this was noted.
	PostgresImage string    `json:"postgres_image,omitempty"`
	Processes     []Process `json:"processes,omitempty"`
	// Descendants is processes below those of regions that were stopped: what is stopped
	// does not end with its parent. The JSON name stays, so that older records can be read.
	Descendants []Process `json:"kin,omitempty"`
	// Cordoned is the regions that take no workload, for fleets whose regions
	// have no control plane that would remember it.
	Cordoned []string `json:"cordoned,omitempty"`
	// Stays says of processes that they outlive who made them.
	Stays bool `json:"stays,omitempty"`
}

// Cluster is one kind cluster of ours. NodeContainerID is "" until the node's
// container was seen.
type Cluster struct {
	Region string `json:"region"` // the only one in it, or the first
	// Regions is all regions in it, where there are several.
	Regions         []string `json:"regions,omitempty"`
	Name            string   `json:"name"`
	Kubeconfig      string   `json:"kubeconfig"`
	NodeContainerID string   `json:"node_container_id,omitempty"`
	// Volumes is the names of the node's volumes: who removes the node by hand leaves them.
	Volumes []string `json:"volumes,omitempty"`
	// Workers is the containers beside the first control plane's: one a zone, or those of the region's own kind config.
	Workers []Worker `json:"workers,omitempty"`
}

// Worker is a node of a zone, or one in none. ContainerID is "" until its container was seen.
type Worker struct {
	Zone        string   `json:"zone"`
	Node        string   `json:"node"`
	ContainerID string   `json:"container_id,omitempty"`
	Volumes     []string `json:"volumes,omitempty"`
}

// Nodes is the cluster as one for each of its nodes, which are removed one by one: the name of each node, and its cluster
// with that node's container and volumes.
func (c Cluster) Nodes() (names []string, each []Cluster) {
	names, each = []string{c.Name + "-control-plane"}, []Cluster{c}
	for _, w := range c.Workers {
		one := c
		one.NodeContainerID, one.Volumes = w.ContainerID, w.Volumes
		names, each = append(names, w.Node), append(each, one)
	}
	return names, each
}

// Process identifies one process for good: a PID comes back, a PID with the time it
// started and the boot it belongs to does not.
type Process struct {
	Region string `json:"region,omitempty"` // "" for fleetdrill itself
	PID    int    `json:"pid"`
	// Started is the kernel's start time in milliseconds. On Linux it counts from
	// the boot, because a time of day would move whenever the clock is set.
	Started int64 `json:"started"`
	// Boot is the boot that Started counts from; "" where Started is a time of day.
	Boot string `json:"boot,omitempty"`
	Exe  string `json:"exe,omitempty"` // for people; not part of the identity
	// Address is where a region's process listens, host:port, and Build what it is of, where
	// who made it was to leave it. They are no part of the identity.
	Address string `json:"address,omitempty"`
	Build   string `json:"build,omitempty"`
}

// RegionNames is the names of all regions in the cluster.
func (c Cluster) RegionNames() []string {
	if len(c.Regions) == 0 {
		return []string{c.Region}
	}
	return c.Regions
}

// Cluster finds the cluster that a region is in; nil when there is none.
func (r *Record) Cluster(region string) *Cluster {
	i := slices.IndexFunc(r.Clusters, func(c Cluster) bool { return slices.Contains(c.RegionNames(), region) })
	if i < 0 {
		return nil
	}
	return &r.Clusters[i]
}

// SetCluster records a cluster in place of the one its region had.
func (r *Record) SetCluster(c Cluster) {
	if old := r.Cluster(c.Region); old != nil {
		*old = c
		return
	}
	r.Clusters = append(r.Clusters, c)
}

// SetProcess records a process in place of the one its region had.
func (r *Record) SetProcess(p Process) {
	r.DropProcess(p.Region)
	r.Processes = append(r.Processes, p)
}

// Process finds the process of a region; nil when there is none.
func (r *Record) Process(region string) *Process {
	i := slices.IndexFunc(r.Processes, func(p Process) bool { return p.Region == region })
	if i < 0 {
		return nil
	}
	return &r.Processes[i]
}

// DropProcess forgets the process of a region.
func (r *Record) DropProcess(region string) {
	r.Processes = slices.DeleteFunc(r.Processes, func(p Process) bool { return p.Region == region })
}

// AddDescendants records processes below a region's, beside those that it has and that live.
func (r *Record) AddDescendants(region string, below []Process) {
	r.Descendants = slices.DeleteFunc(r.Descendants, func(p Process) bool {
		same := slices.ContainsFunc(below, func(b Process) bool { return b.PID == p.PID })
		return p.Region == region && (same || !Alive(p))
	})
	for _, p := range below {
		p.Region = region
		r.Descendants = append(r.Descendants, p)
	}
}

// Cordon marks a region as cordoned or not.
func (r *Record) Cordon(region string, on bool) {
	r.Cordoned = slices.DeleteFunc(r.Cordoned, func(s string) bool { return s == region })
	if on {
		r.Cordoned = append(r.Cordoned, region)
	}
}

// IsCordoned reports whether a region is marked as cordoned.
func (r *Record) IsCordoned(region string) bool { return slices.Contains(r.Cordoned, region) }

// StateDir is where fleetdrill keeps its records: $FLEETDRILL_STATE_DIR, else
// $XDG_STATE_HOME/fleetdrill, else ~/.local/state/fleetdrill (the XDG base
// directory specification's default). It does not make the folder. A relative
// $XDG_STATE_HOME is ignored, as that specification asks.
func StateDir(getenv func(string) string) (string, error) {
	if dir := getenv("FLEETDRILL_STATE_DIR"); dir != "" {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return "", fmt.Errorf("find the state folder FLEETDRILL_STATE_DIR=%s: %w", dir, err)
		}
		return abs, nil
	}
	if dir := getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "fleetdrill"), nil
	}
	home := getenv("HOME")
	if !filepath.IsAbs(home) {
		return "", fmt.Errorf("find the state folder: HOME is %q, not an absolute path; set FLEETDRILL_STATE_DIR to a folder fleetdrill may write to", home)
	}
	return filepath.Join(home, ".local", "state", "fleetdrill"), nil
}

var label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// checkName holds names to DNS labels (RFC 1123), which no path can hide in.
func checkName(name string) error {
	if !label.MatchString(name) {
		return fmt.Errorf("fleet name %q: use 1 to 63 small letters, digits and inner hyphens", name)
	}
	return nil
}

// NewToken is a fresh secret for a fleet: 26 letters and digits, at least 128 bits.
func NewToken() string { return rand.Text() }

func encode(r Record) ([]byte, error) {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(raw, '\n'), nil
}

func decode(raw []byte, name, path string) (Record, error) {
	const next = "look into it, end what it names by hand, then delete the folder"
	var r Record
	if err := json.Unmarshal(raw, &r); err != nil {
		return Record{}, fmt.Errorf("%w: %s: %w; %s", ErrBroken, path, err, next)
	}
	if r.Version != Version {
		return Record{}, fmt.Errorf("%w: %s has version %d, this fleetdrill reads %d; take the fleet down with the fleetdrill that made it",
			ErrBroken, path, r.Version, Version)
	}
	if r.Fleet.Name != name {
		return Record{}, fmt.Errorf("%w: %s is of fleet %q, the folder of %q; %s", ErrBroken, path, r.Fleet.Name, name, next)
	}
	return r, nil
}
