package drill

import (
	"time"

	"github.com/fleetdrill/fleetdrill/drill/series"
	"github.com/fleetdrill/fleetdrill/drill/stage"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func init() {
	register[StageEntered]()
	register[RegionSeen]()
	register[RegionJudged]()
	register[RegionCordoned]()
	register[FleetCommanded]()
}

// Health is how a region is, as its glyph and word show it.
type Health string

// The healths of a region.
const (
	HealthUnknown  Health = "unknown" // nothing asked yet
	HealthStarting Health = "starting"
	HealthHealthy  Health = "healthy"
	HealthDegraded Health = "degraded"
	HealthCordoned Health = "cordoned"
	HealthFrozen   Health = "frozen"
	HealthDown     Health = "down"
	// HealthNoWeb is a region whose gateway and data answer, and which has no web replica that serves users.
	HealthNoWeb Health = "no web tier"
)

// Serves reports whether a region of that health can be expected to serve users.
func (h Health) Serves() bool { return h == HealthHealthy || h == HealthDegraded }

// Answers reports whether its gateway and its stores can be expected to answer.
func (h Health) Answers() bool { return h.Serves() || h == HealthNoWeb }

// RegionState is one region. Health follows from Up, Fault, Cordoned and Seen.
type RegionState struct {
	Spec   topology.Region
	Health Health
	Up     *bool // the router's verdict; nil before the first
	UpWhy  string
	Fault  *Fault // the fault that holds, if any
	// Parts is the faults that hold on parts of it, in the order of their proofs.
	Parts    []*Fault
	Cordoned bool
	Web      int  // how many web replicas it was given last, once they were ready; the fleet file's before
	Unserved bool // its gateway answers, and no web replica does
	Seen     *RegionSeen
	Serving  series.Of[series.Level] // its web replicas that serve, over the whole drill
	Stages   []StageEntered          // bring-up, each stage's last word
	// Share is the region's share of all answered requests in the last sample.
	Share   float64
	Changed time.Duration // T when Health last changed
	// HeldUntil is when the router sends users there again if it answers until then; 0 while it is not held down.
	HeldUntil time.Duration
	Flapping  bool
	Ramped    *time.Duration // since when it takes up its share again; nil of one that was never away
}

// rejudge derives the health anew. A proved fault is believed before the
// router's probes, those before what the cluster says of itself.
func (r *RegionState) rejudge(now time.Duration) {
	was := r.Health
	switch {
	case r.Fault != nil && r.Fault.Effect.Still:
		r.Health = HealthFrozen
	case r.Fault != nil:
		r.Health = HealthDown
	case r.Cordoned:
		r.Health = HealthCordoned
	case r.Up == nil:
		r.Health = HealthStarting
	case !*r.Up && r.Unserved:
		r.Health = HealthNoWeb
	case !*r.Up:
		r.Health = HealthDown
	case len(r.Parts) > 0, r.Seen != nil && r.Seen.WebReady < r.Seen.WebWanted:
		r.Health = HealthDegraded
	default:
		r.Health = HealthHealthy
	}
	if r.Health != was {
		r.Changed = now
	}
}

// WebAlone reports whether the region serves nobody because its web tier is gone, and its replicas go on.
func (r *RegionState) WebAlone() bool {
	web, store := false, false
	for _, f := range r.Parts {
		web = web || f.Effect.StopsWeb(r.Spec.Name)
		store = store || f.Effect.StopsStore(r.Spec.Name)
	}
	return r.Fault == nil && !r.Cordoned && web && !store
}

// AsWanted reports whether the region serves users, or is to serve none and its gateway answers.
func (r *RegionState) AsWanted() bool { return r.Up != nil && (*r.Up || r.Unserved && r.Web == 0) }

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

// Kind implements Body.
func (StageEntered) Kind() string { return "stage.entered" }

func (b StageEntered) fold(s *State, e Event) {
	s.Spans = stage.Note(s.Spans, s.Now, StageSpan{Region: b.Region, Stage: b.Stage, Expected: b.Expected, Failed: b.Status == StageFailed}, b.Status == StageRunning)
	list := &s.Stages
	if r := s.Region(b.Region); r != nil {
		list = &r.Stages
		if r.Health == HealthUnknown {
			r.Health, r.Changed = HealthStarting, s.Now
		}
	}
	if b.Status == StageFailed {
		s.show(e)
	}
	for i := range *list {
		if (*list)[i].Stage == b.Stage {
			(*list)[i] = b
			return
		}
	}
	*list = append(*list, b)
}

// StageSpan is when a stage ran.
type StageSpan = stage.Span

// StageSpan finds when a stage of a region last ran; it is false for a stage that has not begun.
func (s *State) StageSpan(region, name string) (StageSpan, bool) {
	return stage.Find(s.Spans, region, name)
}

// RegionSeen is what the fleet's own control plane says of a region: the
// node and the pods of a kind cluster, or the process of a local one. It is a
// view, not a health verdict: informers stay silent when a region dies.
type RegionSeen struct {
	Region        string          `json:"region"`
	Node          string          `json:"node"` // node name, or "process 4711"
	NodeReady     bool            `json:"node_ready"`
	Unschedulable bool            `json:"unschedulable"`
	Pods          []telemetry.Pod `json:"pods"`
	WebReady      int             `json:"web_ready"`
	WebWanted     int             `json:"web_wanted"`
	// Zones is the region's zones; nil where it has none.
	Zones []telemetry.Zone `json:"zones,omitempty"`
}

// Kind implements Body.
func (RegionSeen) Kind() string { return "region.seen" }

func (b RegionSeen) fold(s *State, _ Event) {
	if r := s.Region(b.Region); r != nil {
		r.Seen = &b
		r.rejudge(s.Now)
	}
}

// RegionJudged is the global router's verdict on a region, from its own probes:
// After failures (or successes) in a row. Why is the last probe's error.
type RegionJudged struct {
	Region string `json:"region"`
	Up     bool   `json:"up"`
	After  int    `json:"after"`
	Why    string `json:"why,omitempty"`
}

// Kind implements Body.
func (RegionJudged) Kind() string { return "region.judged" }

func (b RegionJudged) fold(s *State, e Event) {
	if r := s.Region(b.Region); r != nil {
		r.Unserved = r.Unserved && !b.Up
		r.Up, r.UpWhy, r.HeldUntil = &b.Up, b.Why, 0
		s.show(e)
		r.rejudge(s.Now)
	}
}

// RegionCordoned says that a region takes no traffic and no workload (On), or
// that it does again. Proof is the node's spec as read back.
type RegionCordoned struct {
	Region string `json:"region"`
	On     bool   `json:"on"`
	Proof  string `json:"proof"`
}

// Kind implements Body.
func (RegionCordoned) Kind() string { return "region.cordoned" }

func (b RegionCordoned) fold(s *State, e Event) {
	if r := s.Region(b.Region); r != nil {
		r.Cordoned = b.On
		s.show(e)
		r.rejudge(s.Now)
	}
}

// FleetCommanded is a command sent to a cluster or a process, as the line that
// a person would have typed (kubectl, docker, kill), so that people can learn
// from it.
type FleetCommanded struct {
	Region string `json:"region,omitempty"`
	Line   string `json:"line"`
}

// Kind implements Body.
func (FleetCommanded) Kind() string { return "fleet.commanded" }

func (b FleetCommanded) fold(s *State, _ Event) { s.Sent = keepLast(append(s.Sent, b), sentLimit) }

// sentLimit bounds how many commands to clusters a state keeps for reading.
const sentLimit = 500
