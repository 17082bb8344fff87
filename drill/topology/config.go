package topology

import (
	"slices"
	"time"
)

// Who gives regions their configuration, as config.mode in a fleet file says it.
const (
	// ConfigPull is a reconciler in each region, as Flux has it.
	ConfigPull = "pull"
	// ConfigHub is one in the hub for all regions, as Argo CD has it: a dead hub reconciles nobody.
	ConfigHub = "hub"
	// ConfigManual is nobody: regions get what a person gives them, and stay as they are.
	ConfigManual = "manual"
)

// ConfigModes are all that there are.
func ConfigModes() []string { return []string{ConfigPull, ConfigHub, ConfigManual} }

// DefaultConfigEvery is short, as all times of a drill are: Flux's documentation and Argo CD's default have minutes.
const DefaultConfigEvery = 10 * time.Second

// Config is how regions get what they run: from a Git repository, by reconcilers.
type Config struct {
	Mode  string        `json:"mode"`
	Every time.Duration `json:"every"` // from one reconciliation to the next
	// Waves is the order in which a new revision reaches regions; without them all have it at once.
	Waves [][]string  `json:"waves,omitempty"`
	Gate  *ConfigGate `json:"gate,omitempty"` // what the waves before must keep to until the next one
	// Fenced says that a region which was away serves nobody until it was reconciled; else it serves what it had.
	Fenced bool `json:"fenced,omitempty"`
	// Repository is the path or URL of a person's own; "" is one in the fleet's folder, made of the fleet file.
	Repository string `json:"repository,omitempty"`
}

// ConfigGate is a share of requests, from 0 to 1, and for how long.
type ConfigGate struct {
	Success float64       `json:"success"`
	For     time.Duration `json:"for"`
}

// DefaultConfigGate holds a wave for as long as the steady check of most drills that ship takes, to the share that they ask for.
var DefaultConfigGate = ConfigGate{Success: 0.99, For: 3 * time.Second}

// Governs reports whether a region gets what it runs by its repository, where the platform can do that.
func Governs(f Fleet, region string) bool {
	return f.Config != nil && slices.Contains(f.RegionNames(), region)
}
