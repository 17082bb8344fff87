package drill

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Apply takes the next event in. It never fails: an event about something that
// the fleet does not have is kept out of the state and stays in the journal.
func (s *State) Apply(e Event) {
	if s.LastSeq == 0 {
		s.Started = e.At.Add(-e.T)
	}
	s.LastSeq, s.Now = e.Seq, e.T
	switch b := e.Body.(type) {
	case DrillStarted:
		s.start(b)
	case PhaseEntered:
		s.enter(b.Phase)
	case SteadyMeasured:
		s.steadyMeasured(b)
	case StepStarted:
		s.Step = b.Index
	case CommandTaken, CommandDone, CommandFailed:
		s.applyCommand(b)
	case ImpactPredicted:
		s.Predicted = append(s.Predicted, b)
	case NoteWritten:
		s.Notes = append(s.Notes, Note{T: s.Now, NoteWritten: b})
		s.line("operator", "note by %s: %s", b.By, b.Text)
	case ObjectiveJudged:
		s.Objectives = append(s.Objectives, b)
	case DrillEnded:
		s.Phase, s.Verdict, s.Why = PhaseEnded, b.Verdict, b.Why
		s.line("operator", "drill %s%s", b.Verdict, because(b.Why))
	case TaskFailed:
		if f := s.Failover(b.Failover); f != nil { // in a journal from before FailoverBlocked
			f.Blocked = &FailoverBlocked{ID: f.ID, Dataset: f.Dataset, Reason: b.Error, Next: b.Next}
		}
		s.Failures = append(s.Failures, b)
		s.line("error", "%s: %s", b.Task, b.Error)
	case FleetCommanded:
		s.Sent = keepLast(append(s.Sent, b), 500)
	case LinksSampled:
		s.Links = b.Links
	case StageEntered, RegionSeen, RegionJudged, RegionCordoned, FaultProved, FaultLifted:
		s.applyRegion(b)
	case StoresSampled, AuthorityTook, FailoverStaged, FailoverBlocked, SwitchoverDone, ModeChanged, WritesWaiting, SplitBrain, RejoinStarted, RejoinDone, LedgerChecked:
		s.applyData(b)
	case TrafficSampled, Rerouted, Recovered:
		s.applyTraffic(b)
	}
}

func (s *State) start(b DrillStarted) {
	s.Fleet, s.On, s.Plan, s.Version = b.Fleet, b.On, b.Plan, b.Version
	s.Phase = PhaseBringUp
	for _, r := range b.Fleet.Regions {
		s.Regions = append(s.Regions, &RegionState{Spec: r, Health: HealthUnknown})
	}
	for _, d := range b.Fleet.Datasets {
		s.Datasets = append(s.Datasets, &DatasetState{Name: d.Name, Spec: d, Replicas: map[string]*StoreSample{}})
	}
	for _, p := range b.Fleet.Users {
		s.Populations = append(s.Populations, &PopulationState{Spec: p})
	}
}

func (s *State) enter(p Phase) {
	if s.Phase == PhaseSteady && p != PhaseSteady {
		now := s.Now
		s.SteadyEnd = &now
	}
	if p != s.Phase {
		s.line("", "%s", p)
	}
	s.Phase = p
}

func (s *State) steadyMeasured(b SteadyMeasured) {
	if b.When == "before" {
		s.SteadyBefore = &b
	} else {
		s.SteadyAfter = &b
	}
	word := "steady"
	if !b.Met {
		word = "not steady"
	}
	s.line("traffic", "%s %s: %.2f %% of %d requests in %s", word, b.When, b.Success*100, b.Requests, b.For.Round(time.Second/10))
}

func (s *State) applyCommand(b Body) {
	switch b := b.(type) {
	case CommandTaken:
		s.Commands = append(s.Commands, &CommandState{ID: b.ID, Command: b.Command, Began: s.Now})
		if b.Command.Verb != VerbNote && b.Command.Verb != VerbWait {
			s.line("operator", "%s, asked by %s", b.Command, b.Command.By)
		}
	case CommandDone:
		if c := s.command(b.ID); c != nil {
			c.Ended, c.Proof = ptr(s.Now), b.Proof
		}
	case CommandFailed:
		if c := s.command(b.ID); c != nil {
			c.Ended, c.Error, c.Next, c.Refused = ptr(s.Now), b.Error, b.Next, b.Refused
		}
		word := "failed"
		if b.Refused {
			word = "refused"
		}
		s.line("error", "%s %s: %s", b.Command, word, b.Error)
	}
}

func (s *State) command(id int) *CommandState {
	i := slices.IndexFunc(s.Commands, func(c *CommandState) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return s.Commands[i]
}

func (s *State) line(mark, format string, args ...any) {
	s.Timeline = append(s.Timeline, Line{T: s.Now, Mark: mark, Text: fmt.Sprintf(format, args...)})
}

func because(why string) string {
	if strings.TrimSpace(why) == "" {
		return ""
	}
	return ": " + why
}

func ptr[T any](v T) *T { return &v }

func keepLast[T any](list []T, n int) []T {
	if len(list) <= n {
		return list
	}
	return slices.Clone(list[len(list)-n:])
}
