package config

import "time"

// Revision is a commit of the repository.
type Revision struct {
	Hash    string `json:"hash"`
	Subject string `json:"subject,omitempty"`
	Author  string `json:"author,omitempty"`
	// Reverts is the hash of the commit that it takes back; "" of one that takes none back.
	Reverts string `json:"reverts,omitempty"`
}

// Author is who makes the first commit of a fleet's own repository.
const Author = "fleetdrill"

// Short is how people write a hash: its first seven digits, as git does.
func Short(hash string) string { return hash[:min(7, len(hash))] }

// Health is whether what was applied works, as the region itself has it.
type Health struct {
	Ready bool   `json:"ready"`
	Why   string `json:"why,omitempty"` // of one that is not: "2 of 3 replicas of Deployment/web are ready"
	// Progressing says of one that is not ready that it is on its way there: a roll-out goes on.
	Progressing bool `json:"progressing,omitempty"`
	// Running is how many web replicas run; nil is not known.
	Running *int `json:"running,omitempty"`
}

// Given is what a region says it was given last.
type Given struct {
	Revision string `json:"revision,omitempty"` // "" is none yet
	// Done is how many of its Of objects were taken: fewer where it was given up half way.
	Done int `json:"done"`
	Of   int `json:"of"`
	// Confirmed says that a reconciler has told it so since it started: what it kept from before is not.
	Confirmed bool `json:"confirmed"`
	// Before is how the region did with what it kept, from its last start until a reconciler told it; nil where it began with nothing,
	// or where nobody counts that.
	Before *Before `json:"before,omitempty"`
}

// Before is users' requests that a region took with what it had from before it was away: served so, or refused since it was to wait
// for its reconciler. Time is from its start.
type Before struct {
	Time    time.Duration `json:"time"`
	Served  int           `json:"served"`
	Refused int           `json:"refused"`
}

// Whole reports whether all of a revision was taken.
func (g Given) Whole() bool { return g.Revision != "" && g.Done == g.Of }
