package drill

import (
	"strings"
	"time"
)

func (s *State) applyRegion(b Body) {
	switch b := b.(type) {
	case StageEntered:
		s.stage(b)
	case RegionSeen:
		if r := s.Region(b.Region); r != nil {
			r.Seen = &b
			s.rejudge(r)
		}
	case RegionJudged:
		if r := s.Region(b.Region); r != nil {
			r.Up, r.UpWhy = &b.Up, b.Why
			if b.Up {
				s.line("traffic", "%s up after %d probes", b.Region, b.After)
			} else {
				s.line("fault", "%s down after %d probes: %s", b.Region, b.After, b.Why)
			}
			s.rejudge(r)
		}
	case RegionCordoned:
		if r := s.Region(b.Region); r != nil {
			r.Cordoned = b.On
			word := "uncordoned"
			if b.On {
				word = "cordoned"
			}
			s.line("operator", "%s %s · %s", b.Region, word, b.Proof)
			s.rejudge(r)
		}
	case FaultProved:
		f := &Fault{FaultProved: b, Proved: s.Now}
		s.Faults = append(s.Faults, f)
		s.line("fault", "%s %s · %s", b.where(), faultDone[b.Fault], b.Proof)
		if r := s.Region(b.Region); r != nil {
			r.Fault = f
			s.rejudge(r)
		}
	case FaultLifted:
		for _, f := range s.Faults {
			if f.ID != b.ID {
				continue
			}
			f.Lifted = ptr(s.Now)
			word := "restored"
			if f.Fault == FaultPartition {
				word = "healed"
			}
			s.line("operator", "%s %s · %s", f.where(), word, b.Proof)
			if r := s.Region(f.Region); r != nil && r.Fault == f {
				r.Fault = nil
				s.rejudge(r)
			}
		}
	}
}

// faultDone is each fault as a word in the past.
var faultDone = map[FaultKind]string{FaultKill: "killed", FaultFreeze: "frozen", FaultPartition: "partitioned"}

// where is what a fault is on: a region, or the ends of a link.
func (b FaultProved) where() string {
	switch {
	case b.Region != "":
		return b.Region
	case b.OneWay:
		return strings.Join(b.Between, " to ")
	default:
		return strings.Join(b.Between, " and ")
	}
}

func (s *State) stage(b StageEntered) {
	s.span(b)
	list := &s.Stages
	r := s.Region(b.Region)
	if r != nil {
		list = &r.Stages
		if r.Health == HealthUnknown {
			r.Health, r.Changed = HealthStarting, s.Now
		}
	}
	if b.Status == StageFailed {
		s.line("error", "%s %s: %s", b.Region, b.Stage, b.Detail)
	}
	for i := range *list {
		if (*list)[i].Stage == b.Stage {
			(*list)[i] = b
			return
		}
	}
	*list = append(*list, b)
}

// span keeps when a stage began, whatever it reports on its way.
func (s *State) span(b StageEntered) {
	key := [2]string{b.Region, b.Stage}
	span, known := s.spans[key]
	if !known || span.Ended != nil {
		span = StageSpan{Began: s.Now}
	}
	if b.Status != StageRunning {
		span.Ended = ptr(s.Now)
	}
	if s.spans == nil {
		s.spans = map[[2]string]StageSpan{}
	}
	s.spans[key] = span
}

// rejudge derives a region's health. A proved fault is believed before the
// router's probes, those before what the cluster says of itself.
func (s *State) rejudge(r *RegionState) {
	was := r.Health
	switch {
	case r.Fault != nil && r.Fault.Fault.freezes():
		r.Health = HealthFrozen
	case r.Fault != nil:
		r.Health = HealthDown
	case r.Cordoned:
		r.Health = HealthCordoned
	case r.Up == nil:
		r.Health = HealthStarting
	case !*r.Up:
		r.Health = HealthDown
	case r.Seen != nil && r.Seen.WebReady < r.Seen.WebWanted:
		r.Health = HealthDegraded
	default:
		r.Health = HealthHealthy
	}
	if r.Health != was {
		r.Changed = s.Now
	}
}

func (k FaultKind) freezes() bool { return k == FaultFreeze }

// Elapsed is how long the drill's own clock has run: since the steady check
// ended, or since the start while there was none.
func (s *State) Elapsed() time.Duration {
	if s.SteadyEnd != nil {
		return s.Now - *s.SteadyEnd
	}
	return s.Now
}
