package webhook

import (
	"math"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
)

// Kind is what a message is about.
type Kind string

// The kinds.
const (
	Start    Kind = "start"
	Fault    Kind = "fault"
	Recovery Kind = "recovery"
	Verdict  Kind = "verdict"
)

// Message is one POST's body. What was not measured, or not yet, is null; spans are seconds.
type Message struct {
	Kind  Kind    `json:"kind"`
	Drill *string `json:"drill"` // the plan's name; null where an operator drills by hand
	Fleet string  `json:"fleet"`
	On    string  `json:"on"` // "kind" or "local"
	// At is when it happened, by the clock of the machine that drills; After is the time since the engine started.
	At    time.Time `json:"at"`
	After float64   `json:"after_s"`
	// Text is what the timeline says of it.
	Text    string  `json:"text"`
	Numbers Numbers `json:"numbers"`
	// Of is the fault that took effect, or that users have recovered from.
	Of *FaultOf `json:"fault,omitempty"`
	// Outcome is the drill's, of a verdict.
	Outcome *Outcome `json:"outcome,omitempty"`
}

// Numbers is what the drill has come to when the message is made. AtLeast says that a span is not over, or a count not final.
type Numbers struct {
	Asked           *int     `json:"users_asked"` // of the worst command so far, as those affected
	Affected        *int     `json:"users_affected"`
	AffectedShare   *float64 `json:"users_affected_share"` // 0 to 1
	RTO             *float64 `json:"rto_s"`
	RTOAtLeast      bool     `json:"rto_at_least"`
	RPO             *float64 `json:"rpo_s"`
	RPOAtLeast      bool     `json:"rpo_at_least"`
	Recovery        *float64 `json:"recovery_s"` // the longest until requests were as good as before
	RecoveryAtLeast bool     `json:"recovery_at_least"`
	Lost            *int     `json:"lost_writes"`
	LostAtLeast     bool     `json:"lost_writes_at_least"`
	Requests        *int     `json:"requests"`
	Failed          *int     `json:"requests_failed"`
}

// FaultOf is one fault. Recovered is how long after it could first affect a user requests were as good as before.
type FaultOf struct {
	ID        int      `json:"id"`
	Kind      string   `json:"kind"`
	Region    *string  `json:"region"` // null of one on links
	Recovered *float64 `json:"recovered_s"`
}

// Outcome is how a drill ended.
type Outcome struct {
	Verdict    string      `json:"verdict"`
	Why        *string     `json:"why"`
	Objectives []Objective `json:"objectives"`
}

// Objective is a target and what was measured.
type Objective struct {
	Name     string   `json:"name"`
	Dataset  *string  `json:"dataset"` // null where it is asked of all together
	Target   float64  `json:"target"`
	Measured *float64 `json:"measured"`
	Met      *bool    `json:"met"`
}

// Of is the message of an event that a state has taken in; false where nobody is told of it.
func Of(s *drill.State, e drill.Event) (Message, bool) {
	m := Message{Fleet: clean.Text(s.Fleet.Name), On: s.On, At: e.At.UTC(), After: *seconds(e.T), Text: format.Event(s, e).Text}
	if s.Plan != nil {
		m.Drill = text(s.Plan.Name)
	}
	switch b := e.Body.(type) {
	case drill.DrillStarted:
		m.Kind, m.Text = Start, started(s)
	case drill.FaultProved:
		m.Kind, m.Of = Fault, faultOf(s.Fault(b.ID))
	case drill.Recovered:
		f := s.Fault(b.Fault)
		if b.Slowly || f == nil {
			return Message{}, false
		}
		m.Kind, m.Of = Recovery, faultOf(f)
		m.Of.Recovered = seconds(b.After(f))
	case drill.DrillEnded:
		m.Kind, m.Outcome = Verdict, outcome(s)
	default:
		return Message{}, false
	}
	m.Numbers = numbers(s)
	return m, true
}

func started(s *drill.State) string {
	what := "a drill by hand"
	if s.Plan != nil {
		what = s.Plan.Name
	}
	return clean.Text(what + " begins on " + s.Fleet.Name + " (" + s.On + ", " + format.Plural(len(s.Regions), "region", "regions") + ")")
}

func faultOf(f *drill.Fault) *FaultOf {
	return &FaultOf{ID: f.ID, Kind: clean.Text(string(f.Fault)), Region: text(f.Region)}
}

func outcome(s *drill.State) *Outcome {
	o := &Outcome{Verdict: string(s.Verdict), Why: text(s.Why), Objectives: []Objective{}}
	for _, j := range s.Objectives {
		o.Objectives = append(o.Objectives, Objective{Name: j.Name, Dataset: text(j.Dataset), Target: j.Target, Measured: j.Measured, Met: j.Met})
	}
	return o
}

func numbers(s *drill.State) (n Numbers) {
	if a := measure.BlastRadius(s); a.Known {
		n.Asked, n.Affected, n.AffectedShare = &a.Asked, &a.Affected, &a.Share
	}
	n.RTO, n.RTOAtLeast = span(measure.RTO(s, ""))
	n.RPO, n.RPOAtLeast = span(measure.RPO(s, ""))
	n.Recovery, n.RecoveryAtLeast = span(measure.Recovery(s))
	if lost := measure.Lost(s, ""); lost.Known {
		n.Lost, n.LostAtLeast = &lost.N, lost.AtLeast
	}
	if r := measure.RequestsOf(s); r.Known {
		n.Requests, n.Failed = &r.Requests, &r.Failed
	}
	return n
}

func span(s measure.Span) (d *float64, atLeast bool) {
	if !s.Known {
		return nil, false
	}
	return seconds(s.D), s.AtLeast
}

// seconds is to the microsecond, as in the report.
func seconds(d time.Duration) *float64 {
	s := math.Round(d.Seconds()*1e6) / 1e6
	return &s
}

// text is a text of others, cleaned; nil of none.
func text(s string) *string {
	if s == "" {
		return nil
	}
	s = clean.Text(s)
	return &s
}
