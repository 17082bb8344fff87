package report

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

// ErrNoDrill is returned for a journal that does not begin with drill.started.
var ErrNoDrill = errors.New("the journal does not begin with drill.started: there is no drill to report")

// FromEvents makes the report of a drill from its journal's events. A journal that
// was cut off gives a report of what it has, with the verdict "inconclusive".
func FromEvents(events []drill.Event) (Report, error) {
	if len(events) == 0 {
		return Report{}, ErrNoDrill
	}
	if _, ok := events[0].Body.(drill.DrillStarted); !ok {
		return Report{}, fmt.Errorf("%w (its first event is %s)", ErrNoDrill, events[0].Body.Kind())
	}
	b := builder{State: drill.NewState(), meter: newMeter(), strategies: newStrategies()}
	for _, e := range events {
		b.Apply(e)
		b.note(e)
	}
	return b.report(), nil
}

// builder is the state at the end, and what the state does not keep.
type builder struct {
	*drill.State
	meter      *meter
	strategies strategies
	moves      []move
	ended      time.Duration
}

type move struct {
	drill.SwitchoverDone
	at   time.Duration
	mode drill.Mode
}

func (b *builder) note(e drill.Event) {
	if b.Verdict == "" {
		b.ended = e.T
	}
	switch body := e.Body.(type) {
	case drill.DrillEnded:
		b.ended = e.T
	case drill.SwitchoverDone:
		m := move{SwitchoverDone: body, at: e.T}
		if d := b.Dataset(body.Dataset); d != nil {
			m.mode = d.Spec.Mode
		}
		b.moves = append(b.moves, m)
	}
	b.meter.take(b.State, e.Body)
	b.strategies.take(b.State, e)
}

func (b *builder) report() Report {
	r := Report{
		Fleet: b.Fleet.Name, On: b.On, Verdict: string(b.Verdict), why: b.Why,
		Started:  b.Started.Format(time.RFC3339Nano),
		Duration: seconds(b.ended),
		Objectives: list(b.judged(), func(o drill.ObjectiveJudged) Objective {
			return Objective(o)
		}),
		Steady: Steady{Before: steady(b.SteadyBefore), After: steady(b.SteadyAfter)},
		Faults: list(b.Faults, func(f *drill.Fault) Fault {
			return Fault{Kind: string(f.Fault), Region: text(f.Region), Between: f.Between, At: seconds(f.From), Proved: seconds(f.Proved), Proof: f.Proof}
		}),
		Failovers:   b.failovers(),
		Rejoins:     list(b.Rejoins, rejoin),
		Writes:      b.writes(),
		Traffic:     b.traffic(),
		BlastRadius: b.blastRadius(),
		Gravity:     map[string]GravityMeter{},
		Datasets:    map[string]Dataset{},
		Notes: list(b.Notes, func(n drill.Note) Note {
			return Note{At: seconds(n.T), By: n.By, Text: n.Text}
		}),
	}
	if b.Plan != nil {
		r.Drill, r.title = &b.Plan.Name, b.Plan.Title
	}
	if r.Verdict == "" {
		r.Verdict, r.why = string(drill.Inconclusive), "the journal ends before the drill did"
	}
	for _, d := range b.Datasets {
		r.Gravity[d.Name] = b.gravity(d)
		r.Datasets[d.Name] = b.dataset(d)
	}
	return r
}

// judged is the objectives as the engine judged them, or, in a journal that ends
// before that, as far as they can be judged.
func (b *builder) judged() []drill.ObjectiveJudged {
	if len(b.Objectives) > 0 {
		return b.Objectives
	}
	judged, _, _ := drill.JudgeObjectives(b.State)
	return judged
}

func steady(m *drill.SteadyMeasured) SteadyCheck {
	if m == nil || m.Requests == 0 {
		return SteadyCheck{}
	}
	return SteadyCheck{Success: &m.Success}
}

// failovers lists failovers and switchovers in the order in which they began.
func (b *builder) failovers() []Failover {
	type begun struct {
		at time.Duration
		Failover
	}
	all := []begun{}
	for _, f := range b.State.Failovers {
		all = append(all, begun{f.Ends[drill.StageFault], b.failover(f)})
	}
	for _, m := range b.moves {
		all = append(all, begun{m.at - m.Blocked, b.switchover(m)})
	}
	slices.SortStableFunc(all, func(x, y begun) int { return cmp.Compare(x.at, y.at) })
	return list(all, func(f begun) Failover { return f.Failover })
}

func (b *builder) failover(f *drill.Failover) Failover {
	out := b.authorityMove(f.Dataset, f.From, f.To, f.Cause, f.Epoch)
	out.Mode = b.strategies.modeOf[f.ID]
	if rto, done := f.RTO(); done {
		out.RTO = span(rto)
	}
	if rpo, checked := f.RPO(); checked {
		out.RPO = span(rpo)
	}
	stage := func(s drill.Stage) *float64 {
		if took, ended := f.Took(s); ended {
			return span(took)
		}
		return nil
	}
	out.Stages = Stages{
		Detect: stage(drill.StageDetect), Decide: stage(drill.StageDecide), Fence: stage(drill.StageFence),
		Promote: stage(drill.StagePromote), Reroute: stage(drill.StageReroute),
	}
	if f.Check != nil {
		out.checked(*f.Check)
	}
	return out
}

func (b *builder) switchover(m move) Failover {
	out := b.authorityMove(m.Dataset, m.From, m.To, "switchover", m.Epoch)
	out.Mode = string(m.mode)
	if !m.Open {
		out.RTO = span(m.Blocked)
	}
	out.Stages = Stages{Fence: span(m.Fence), Promote: span(m.Promote)}
	for _, c := range b.Checks {
		if c.Move == m.ID {
			out.checked(c)
			if len(c.Lost) == 0 {
				out.RPO = span(0)
			}
		}
	}
	return out
}

func (b *builder) authorityMove(dataset, from, to, cause string, epoch uint64) Failover {
	out := Failover{Dataset: dataset, From: from, To: text(to), Cause: cause}
	if epoch > 0 {
		out.Epoch = &epoch
	}
	if d := b.Dataset(dataset); d != nil {
		out.Engine = d.Spec.Engine
	}
	return out
}

func (f *Failover) checked(c drill.LedgerChecked) {
	f.Acknowledged, f.LostWrites = &c.Acknowledged, ptr(len(c.Lost))
	f.LostIDs = list(c.Lost, func(l drill.LostWrite) string { return l.ID })
}

func rejoin(r *drill.Rejoin) Rejoin {
	out := Rejoin{Dataset: r.Dataset, Region: r.Region}
	if r.Done != nil {
		out.Diverged, out.Bytes, out.Took = &r.Done.Diverged, &r.Done.Bytes, span(r.Done.Took)
		out.Exported = text(r.Done.Exported)
	}
	return out
}

func (b *builder) writes() Writes {
	var acknowledged, unacknowledged, lost, present int
	for _, d := range b.Datasets {
		c, checked := b.FinalCheck(d.Name)
		if !checked {
			return Writes{}
		}
		acknowledged += c.Acknowledged
		unacknowledged += c.Unacknowledged
		present += c.PresentUnacknowledged
		lost += len(b.LostIDs(d.Name))
	}
	return Writes{&acknowledged, &unacknowledged, &lost, &present}
}

func (b *builder) traffic() Traffic {
	out := Traffic{Users: map[string]User{}}
	for _, p := range b.Populations {
		var u User
		if s := p.Last; s != nil {
			u = User{Requests: &s.TotalRequests, Failed: &s.TotalFailed, P50: millis(s.TotalP50), P99: millis(s.TotalP99), ServedBy: s.TotalServedBy}
			out.Requests, out.Failed = plus(out.Requests, s.TotalRequests), plus(out.Failed, s.TotalFailed)
			if u.ServedBy == nil {
				u.ServedBy = map[string]int{}
			}
		}
		out.Users[p.Spec.Name] = u
	}
	for _, r := range b.Recoveries {
		for _, f := range b.Faults {
			took := seconds(r.Since - f.From)
			if f.ID == r.Fault && took > 0 && (out.Recovered == nil || took > *out.Recovered) {
				out.Recovered = &took
			}
		}
	}
	return out
}

func (b *builder) blastRadius() BlastRadius {
	out := BlastRadius{Users: b.Fleet.TotalUsers()}
	if h := b.AffectedEver(); h.Known {
		out.Asked, out.Affected, out.Share = &h.Asked, &h.Hurt, &h.Share
	}
	for _, p := range b.Predicted {
		if share := p.Impact.Share; out.Predicted == nil || share > *out.Predicted {
			out.Predicted = &share
		}
	}
	return out
}

// list turns one slice into another that is never null in JSON.
func list[A, B any](in []A, each func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = each(a)
	}
	return out
}

// seconds is to the microsecond: beyond that there is only noise.
func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*1e6) / 1e6 }

func span(d time.Duration) *float64 { return ptr(seconds(d)) }

func millis(d *time.Duration) *float64 {
	if d == nil {
		return nil
	}
	return ptr(math.Round(float64(*d)/1e3) / 1e3)
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func plus(sum *int, n int) *int {
	if sum != nil {
		n += *sum
	}
	return &n
}

func ptr[T any](v T) *T { return &v }
