package drill

import (
	"maps"
	"slices"
	"time"
)

func (s *State) applyData(b Body) {
	switch b := b.(type) {
	case StoresSampled:
		s.storesSampled(b)
	case AuthorityTook:
		s.moveAuthority(b.Dataset, b.Region, b.Epoch)
		s.line("data", "%s led by %s, epoch %d: first write acknowledged", b.Dataset, b.Region, b.Epoch)
	case FailoverStaged:
		s.failoverStaged(b)
	case FailoverBlocked:
		s.failoverBlocked(b)
	case SwitchoverDone:
		s.Moves = append(s.Moves, b)
		s.moveAuthority(b.Dataset, b.To, b.Epoch)
		blocked := "writes blocked for"
		if b.Open {
			blocked = "no write acknowledged within"
		}
		s.line("data", "%s switched over from %s to %s, epoch %d, %s %s", b.Dataset, b.From, b.To, b.Epoch, blocked, b.Blocked.Round(time.Millisecond))
	case ModeChanged, WritesWaiting, SplitBrain:
		s.applyPromise(b)
	case RejoinStarted:
		s.rejoins(b)
		s.line("data", "%s rejoins %s, follows %s", b.Region, b.Dataset, b.Authority)
	case RejoinDone:
		s.rejoined(b)
	case LedgerChecked:
		s.ledgerChecked(b)
	}
}

func (s *State) storesSampled(b StoresSampled) {
	for i := range b.Stores {
		sample := b.Stores[i]
		d := s.Dataset(sample.Dataset)
		if d == nil {
			continue
		}
		d.Replicas[sample.Region] = &sample
		// The first authority and its epoch are known from the stores alone.
		if !sample.Stale && sample.Role == RoleAuthority && sample.Epoch >= d.Epoch {
			s.moveAuthority(d.Name, sample.Region, sample.Epoch)
		}
	}
	for _, d := range s.Datasets {
		d.AtRisk = nil
		if n, known := b.AtRisk[d.Name]; known {
			d.AtRisk, d.AtRiskAge = &n, s.Now
		}
	}
}

func (s *State) moveAuthority(dataset, to string, epoch uint64) {
	d := s.Dataset(dataset)
	if d == nil || epoch < d.Epoch || (epoch == d.Epoch && d.Authority == to) {
		return
	}
	if d.Authority != "" && d.Authority != to {
		d.Was = d.Authority
	}
	d.Authority, d.Epoch = to, epoch
}

func (s *State) failoverStaged(b FailoverStaged) {
	f := s.Failover(b.ID)
	if f == nil {
		f = &Failover{ID: b.ID, Dataset: b.Dataset, From: b.From, Cause: b.Cause, Ends: map[Stage]time.Duration{}}
		switch {
		case b.Fault != 0:
			f.Fault = s.fault(b.Fault)
		case b.Cause == "fault": // in a journal from before it carried its fault
			f.Fault = s.FaultOn(b.From)
		}
		s.Failovers = append(s.Failovers, f)
	}
	f.Ends[b.Stage] = b.End
	if b.To != "" {
		f.To = b.To
	}
	if b.Epoch != 0 {
		f.Epoch = b.Epoch
	}
	took, timed := f.Took(b.Stage)
	switch {
	case b.Stage == StagePromote:
		s.moveAuthority(b.Dataset, b.To, b.Epoch)
		s.line("data", "%s on %s, epoch %d, promoted in %s", b.Dataset, b.To, b.Epoch, took.Round(time.Millisecond))
	case b.Stage == StageReroute:
		rto, _ := f.RTO()
		s.line("data", "first write of %s acknowledged by %s, RTO %s", b.Dataset, b.To, rto.Round(10*time.Millisecond))
	case timed && b.Detail != "":
		s.line("data", "%s: %s %s · %s", b.Dataset, b.Stage, took.Round(10*time.Millisecond), b.Detail)
	}
}

// Failover finds a failover by its id; nil when there is none.
func (s *State) Failover(id int) *Failover {
	for _, f := range s.Failovers {
		if f.ID == id {
			return f
		}
	}
	return nil
}

// rejoins takes in a return. One that fell silent before it was current, and returns
// again, is one return.
func (s *State) rejoins(b RejoinStarted) {
	r := s.openRejoin(b.Dataset, b.Region)
	if r == nil {
		r = &Rejoin{}
		s.Rejoins = append(s.Rejoins, r)
	}
	r.RejoinStarted, r.Began = b, s.Now
}

// openRejoin is a return that is not over; nil when there is none.
func (s *State) openRejoin(dataset, region string) *Rejoin {
	for _, r := range slices.Backward(s.Rejoins) {
		if r.Dataset == dataset && r.Region == region && r.Done == nil {
			return r
		}
	}
	return nil
}

func (s *State) rejoined(b RejoinDone) {
	if r := s.openRejoin(b.Dataset, b.Region); r != nil {
		r.Done = &b
	}
	s.line("data", "%s is current with %s after %s: %d diverged writes cut, %d bytes copied",
		b.Region, b.Dataset, b.Took.Round(10*time.Millisecond), b.Diverged, b.Bytes)
}

func (s *State) ledgerChecked(b LedgerChecked) {
	s.Checks = append(s.Checks, b)
	if d := s.Dataset(b.Dataset); d != nil {
		d.LastCheck = &b
	}
	if f := s.Failover(b.Failover); f != nil {
		f.Check = &b
	}
	s.line("data", "ledger of %s against %s: %d of %d acknowledged writes lost",
		b.Dataset, b.Region, len(b.Lost), b.Acknowledged)
}

// LostIDs is every acknowledged write of a dataset that any check found lost,
// sorted.
func (s *State) LostIDs(dataset string) []string {
	lost := map[string]bool{}
	for _, c := range s.Checks {
		if c.Dataset == dataset {
			for _, l := range c.Lost {
				lost[l.ID] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(lost))
}
