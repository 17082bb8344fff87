package drill

import "time"

// StageStatus is how far a stage of a region's bring-up is.
type StageStatus string

// The statuses of a stage.
const (
	StageRunning StageStatus = "running"
	StageDone    StageStatus = "done"
	StageFailed  StageStatus = "failed"
)

// StageEntered reports the bring-up of a region (or its tear-down): the stage,
// how many there are, and what is being done. Region is empty for a stage of
// the whole fleet (building the agent's image).
type StageEntered struct {
	Region string      `json:"region,omitempty"`
	Stage  string      `json:"stage"` // "create cluster", "load image", "apply workload", "wait for web", …
	Index  int         `json:"index"` // from 0
	Of     int         `json:"of"`
	Status StageStatus `json:"status"`
	Detail string      `json:"detail,omitempty"`
	// Expected is about how long the stage takes; 0 when not known.
	Expected time.Duration `json:"expected,omitempty"`
}

// Pod is a pod, or in a local fleet one replica of the agent's web tier.
type Pod struct {
	Name  string `json:"name"`
	Role  string `json:"role"` // "web", "store", "gateway"
	Phase string `json:"phase"`
	Ready bool   `json:"ready"`
}

// RegionSeen is what the fleet's own control plane says of a region: the
// node and the pods of a kind cluster, or the process of a local one. It is a
// view, not a health verdict: informers stay silent when a region dies.
type RegionSeen struct {
	Region        string `json:"region"`
	Node          string `json:"node"` // node name, or "process 4711"
	NodeReady     bool   `json:"node_ready"`
	Unschedulable bool   `json:"unschedulable"`
	Pods          []Pod  `json:"pods"`
	WebReady      int    `json:"web_ready"`
	WebWanted     int    `json:"web_wanted"`
}

// RegionJudged is the global router's verdict on a region, from its own probes:
// After failures (or successes) in a row. Why is the last probe's error.
type RegionJudged struct {
	Region string `json:"region"`
	Up     bool   `json:"up"`
	After  int    `json:"after"`
	Why    string `json:"why,omitempty"`
}

// RegionCordoned says that a region takes no traffic and no workload (On), or
// that it does again. Proof is the node's spec as read back.
type RegionCordoned struct {
	Region string `json:"region"`
	On     bool   `json:"on"`
	Proof  string `json:"proof"`
}

// FaultKind names a fault.
type FaultKind string

// The faults.
const (
	FaultKill   FaultKind = "kill"
	FaultFreeze FaultKind = "freeze"
	// FaultPartition is on a link, not on a region: Between has its ends, the first
	// one's packets vanish; OneWay says that the other's do not.
	FaultPartition FaultKind = "partition"
)

// FaultProved says that a fault took effect. From is when the first user could
// have been hurt (for a kill: the moment the region's links went silent, just
// before the signal), on the engine's clock like Event.T; the event's own T is
// when the proof came. Command is the id of the command that it carries out.
type FaultProved struct {
	ID      int           `json:"id"`
	Command int           `json:"command,omitempty"`
	Fault   FaultKind     `json:"fault"`
	Region  string        `json:"region,omitempty"`
	Between []string      `json:"between,omitempty"`
	OneWay  bool          `json:"one_way,omitempty"`
	From    time.Duration `json:"from"`
	Proof   string        `json:"proof"`
}

// FaultLifted says that the fault of that id is over, and what proved it.
type FaultLifted struct {
	ID     int    `json:"id"`
	Region string `json:"region,omitempty"`
	Proof  string `json:"proof"`
}

// LinkSample is one direction of a link. Bytes is cumulative payload delivered.
type LinkSample struct {
	From  string  `json:"from"`
	To    string  `json:"to"`
	Bytes uint64  `json:"bytes"`
	Rate  float64 `json:"rate"` // bytes per second since the last sample
	Cut   bool    `json:"cut,omitempty"`
	// Datasets is what of Bytes was each dataset's own: replication and writes on
	// their way to the authority, by the relay they came through.
	Datasets map[string]uint64 `json:"datasets,omitempty"`
}

// LinksSampled is every link direction of the fleet at one moment.
type LinksSampled struct {
	Links []LinkSample `json:"links"`
}

// FleetCommanded is a command sent to a cluster or a process, as the line that
// a person would have typed (kubectl, docker, kill), so that people can learn
// from it.
type FleetCommanded struct {
	Region string `json:"region,omitempty"`
	Line   string `json:"line"`
}

// TaskFailed is a background task of the engine that went wrong without being
// a command's answer (an informer that stopped, a journal on a full disk).
// Failover is the one that stands still for it, 0 where none does.
type TaskFailed struct {
	Task     string `json:"task"`
	Failover int    `json:"failover,omitempty"`
	Error    string `json:"error"`
	Next     string `json:"next,omitempty"`
}
