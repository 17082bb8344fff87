package report

import (
	"errors"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/measure"
	"github.com/fleetdrill/fleetdrill/drill/measure/domain"
	"github.com/fleetdrill/fleetdrill/drill/measure/gitops"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
)

// ErrNoDrill is returned for a journal that does not begin with drill.started.
var ErrNoDrill = errors.New("the journal does not begin with drill.started: there is no drill to report")

// FromEvents makes the report of a drill from its journal's events. A journal that
// was cut off gives a report of what it has, with the verdict "inconclusive".
func FromEvents(events []drill.Event) (Report, error) {
	if len(events) == 0 {
		return Report{}, ErrNoDrill
	}
	began, ok := events[0].Body.(drill.DrillStarted)
	if !ok {
		return Report{}, fmt.Errorf("%w (its first event is %s)", ErrNoDrill, events[0].Body.Kind())
	}
	b := builder{state: drill.NewState(), seed: began.Seed}
	for _, e := range events {
		b.take(e)
	}
	return b.report(), nil
}

// builder is the state at the end, and what the state does not keep.
type builder struct {
	state *drill.State
	ended time.Duration
	seed  uint64
}

func (b *builder) take(e drill.Event) {
	b.state.Apply(e)
	if _, ends := e.Body.(drill.DrillEnded); ends || b.state.Verdict == "" {
		b.ended = e.T
	}
}

func (b *builder) report() Report {
	s := b.state
	r := Report{
		Fleet: s.Fleet.Name, On: s.On, Verdict: string(s.Verdict),
		Started:  s.Started.Format(time.RFC3339Nano),
		Duration: seconds(b.ended),
		Version:  s.Version, Seed: b.seed,
		Objectives: list(b.judged(), func(o drill.ObjectiveJudged) Objective { return Objective(o) }),
		Refusals: list(measure.Refusals(s), func(x measure.Refusal) Refusal {
			out := Refusal{Step: x.Step, Command: x.Command.String(), Why: text(x.Why)}
			if x.Known {
				out.Refused = &x.Refused
			}
			return out
		}),
		Visitors:    list(s.Visitors, visitor),
		Web:         webOf(s),
		Steady:      Steady{Before: steady(s.SteadyBefore), After: steady(s.SteadyAfter)},
		Lookups:     lookups(s),
		Notes:       list(s.Notes, func(n drill.Note) Note { return note(s, n) }),
		Written:     list(s.Written, written),
		Standstills: standstills(s),
		NotSent:     notSent(measure.Unsent(s)),
		Remarks:     []string{},
	}
	b.harm(&r)
	b.machinery(&r)
	if c := s.Returned; c != nil {
		r.CameBack = &CameBack{Met: c.Returned, After: seconds(c.After), Missing: append([]string{}, c.Missing...)}
	}
	if m, h, ok := measure.ComputeBesideData(s); ok {
		r.compute, r.data = format.ComputeMoved(m), format.Hauled(h)
	}
	if s.Plan != nil {
		r.Drill, r.title, r.Hypothesis, r.Roles = &s.Plan.Name, s.Plan.Title, text(s.Plan.Hypothesis), s.Plan.Roles
	}
	r.word, r.why = format.Outcome(s)
	if r.Verdict == "" {
		r.Verdict, r.word, r.why = string(drill.Inconclusive), string(drill.Inconclusive), "the journal ends before the drill did"
	}
	r.warning = format.Unasked(s)
	return r
}

// harm is what was broken, whom it hurt, and what was said of that before.
func (b *builder) harm(r *Report) {
	s := b.state
	r.Incidents = list(measure.Incidents(s), b.incident)
	r.Faults = list(s.Faults, func(f *drill.Fault) Fault {
		return Fault{Kind: string(f.Fault), Region: text(f.Region), Between: f.Between, At: seconds(f.From), Proved: seconds(f.Proved), Proof: f.Proof}
	})
	r.Failovers = list(measure.Moves(s, ""), b.failover)
	r.Rejoins = list(s.Rejoins, b.rejoin)
	r.Writes = writes(measure.FinalWrites(s, ""))
	r.Traffic, r.BlastRadius = b.traffic(), b.blastRadius()
	r.Predictions = list(measure.Predictions(s), b.prediction)
	r.Curves = list(format.Pictures(s), CurveOf)
}

// machinery is what became of data, identities, discovery and configuration.
func (b *builder) machinery(r *Report) {
	s := b.state
	r.Gravity, r.Datasets = map[string]GravityMeter{}, map[string]Dataset{}
	for _, d := range s.Datasets {
		r.Gravity[d.Name], r.Datasets[d.Name] = b.gravity(d), b.dataset(d)
	}
	r.Identities = list(s.Identities, identityOf)
	r.Discovery = list(measure.Discoveries(s), discovered)
	r.Config = list(gitops.Configurations(s), func(c gitops.Configured) Config { return configured(s, c) })
	r.Rollouts = list(gitops.Rollouts(s), rollout)
}

func (b *builder) incident(i measure.Incident) Incident {
	out := Incident{At: seconds(i.Began)}
	out.Happened, out.Cost = format.Incident(b.state, i)
	if i.Command != nil {
		out.ID = &i.Command.ID
	}
	if i.Over {
		out.Settled = span(i.Settled)
	}
	return out
}

// judged is how the drill was judged, or how far it is met by what an unfinished
// journal has.
func (b *builder) judged() []drill.ObjectiveJudged {
	if len(b.state.Objectives) > 0 {
		return b.state.Objectives
	}
	judged, _, _ := verdict.Judge(b.state)
	return judged
}

func steady(m *drill.SteadyMeasured) SteadyCheck {
	if m == nil || m.Requests == 0 {
		return SteadyCheck{}
	}
	return SteadyCheck{Success: &m.Success}
}

func (b *builder) failover(m measure.Move) Failover {
	out := Failover{Dataset: m.Dataset, Mode: string(m.Durability.Mode), From: m.From, To: text(m.To), Cause: m.Cause, ByInstrument: m.ByInstrument(b.state)}
	if m.Epoch > 0 {
		out.Epoch = &m.Epoch
	}
	if d := b.state.Dataset(m.Dataset); d != nil {
		out.Engine = d.Spec.Engine
	}
	if rto := m.RTO(b.state); rto.Known && !rto.AtLeast {
		out.RTO = span(rto.D)
	}
	if rpo := m.RPO(b.state); rpo.Known && !rpo.AtLeast {
		out.RPO = span(rpo.D)
	}
	out.Stages = stages(m)
	out.Stages.parts(b.state, m.Failover)
	if m.Failover != nil {
		out.Preflight = preflights(m.Failover.Preflight)
	}
	if m.Failover != nil && m.Failover.Restored != nil {
		r := m.Failover.Restored
		out.Restored = &Restored{Writes: r.Writes, Bytes: r.Bytes, Age: span(r.Age), Took: span(r.Took)}
	}
	if c := m.Check(b.state); c != nil {
		lost := measure.LostBy(b.state, m)
		out.Acknowledged, out.LostWrites = &c.Acknowledged, ptr(len(lost))
		out.LostOpen, out.later = m.LosesMore(b.state), !c.Covers(len(lost))
		out.LostIDs = list(lost, func(l measure.Loss) string { return l.ID })
	}
	return out
}

func stages(m measure.Move) Stages {
	var out Stages
	if m.Switchover != nil && m.Switchover.Prepare > 0 {
		out.Prepare = span(m.Switchover.Prepare)
	}
	at := map[string]**float64{"detect": &out.Detect, "decide": &out.Decide, "fence": &out.Fence, "catch up": &out.CatchUp, "promote": &out.Promote, "reroute": &out.Reroute}
	for _, step := range m.Steps() {
		if to := at[step.Name]; to != nil {
			*to = span(step.Took)
		}
	}
	return out
}

func (b *builder) rejoin(r *drill.Rejoin) Rejoin {
	out := Rejoin{Dataset: r.Dataset, Region: r.Region}
	if r.Done != nil {
		out.Diverged, out.Bytes, out.Exported = &r.Done.Diverged, &r.Done.Bytes, text(r.Done.Exported)
		back := measure.ReturnOf(b.state, r)
		if back.AtMost {
			out.AtMost = span(back.Took)
		} else {
			out.Took = span(back.Took)
		}
	}
	return out
}

func writes(w measure.Writes) Writes {
	if !w.Known {
		return Writes{}
	}
	return Writes{&w.Acknowledged, &w.Unacknowledged, &w.Lost, &w.PresentUnacknowledged}
}

func (b *builder) traffic() Traffic {
	out := Traffic{Users: map[string]User{}}
	for _, p := range b.state.Populations {
		var u User
		if s := p.Last; s != nil {
			u = User{Requests: &s.TotalRequests, Failed: &s.TotalFailed, P50: millis(s.TotalP50), P99: millis(measure.P99(s.TotalP99, s.TotalRequests-s.TotalFailed)), ServedBy: s.TotalServedBy}
			u.Failures = p.Failures
			if out.Failures == nil {
				out.Failures = map[string]int{}
			}
			for why, n := range p.Failures {
				out.Failures[why] += n
			}
			if u.ServedBy == nil {
				u.ServedBy = map[string]int{}
			}
		}
		if n, known := measure.Moved(b.state, p.Spec.Name); known {
			u.Moved = &n
		}
		u.Reads = reads(b.state, p)
		switch again := measure.ServedAgainLast(b.state, p.Spec.Name); {
		case again.AtLeast:
			u.ServedAgainAtLeast = span(again.D)
		case again.Known:
			u.ServedAgain = span(again.D)
		}
		out.Users[p.Spec.Name] = u
	}
	if r := measure.RequestsOf(b.state); r.Known {
		out.Requests, out.Failed = &r.Requests, &r.Failed
	}
	switch took := measure.Recovery(b.state); {
	case took.AtLeast:
		out.RecoveredAtLeast = span(took.D)
	case took.Known:
		out.Recovered = span(took.D)
	}
	return out
}

func (b *builder) blastRadius() BlastRadius {
	a := measure.BlastRadius(b.state)
	out := BlastRadius{Users: b.state.Fleet.TotalUsers(), Open: a.Open, With: b.beside(a.Command)}
	if a.Known {
		out.Asked, out.Affected, out.Share = &a.Asked, &a.Affected, &a.Share
	}
	for _, p := range b.state.Predicted {
		if a.Known && p.ID == a.Command {
			out.Predicted = &p.Impact.Share
		}
	}
	for _, d := range domain.Affected(b.state, a.Command) {
		in := InDomain{Kind: d.In.Kind, Name: d.In.Name}
		if d.Known && a.Known {
			in.Asked, in.Affected, in.Share = &d.Asked, &d.Affected.Affected, &d.Share
		}
		out.ByDomain = append(out.ByDomain, in)
	}
	return out
}

// beside is the commands whose harm may be in that of one.
func (b *builder) beside(command int) []Beside {
	return list(measure.HarmBeside(b.state, command), func(x measure.Beside) Beside {
		out := Beside{ID: x.Command, Earlier: x.Earlier}
		if c := b.state.Command(x.Command); c != nil {
			out.Command = c.Command.String()
		}
		return out
	})
}

func (b *builder) prediction(p measure.Prediction) Prediction {
	out := Prediction{ID: p.ID, Share: Compared{Predicted: &p.Predicted.Share}, Populations: map[string]Compared{}, Datasets: map[string]PredictedMove{}, Open: p.Measured.Open, With: b.beside(p.ID)}
	if p.Command != nil {
		out.Command = p.Command.Command.String()
	}
	if a := p.Measured; a.Known {
		out.Asked, out.Affected, out.Share.Measured = &a.Asked, &a.Affected, &a.Share
	}
	for name, share := range p.Predicted.Users {
		c := Compared{Predicted: &share}
		if a := measure.AffectedBy(b.state, p.ID, name); a.Known {
			c.Measured = &a.Share
		}
		out.Populations[name] = c
	}
	for dataset, most := range p.Predicted.WritesAtRisk {
		var d PredictedMove
		if most != nil {
			d.Lost.Predicted = ptr(float64(*most))
		}
		if p.Predicted.RTO > 0 {
			d.RTO.Predicted = span(p.Predicted.RTO)
		}
		if lost := p.Lost(b.state, dataset); lost.Known && !lost.AtLeast {
			d.Lost.Measured = ptr(float64(lost.N))
		}
		if m, moved := p.Moves[dataset]; moved {
			if rto := m.RTO(b.state); rto.Known && !rto.AtLeast {
				d.RTO.Measured = span(rto.D)
			}
		}
		out.Datasets[dataset] = d
	}
	return out
}
