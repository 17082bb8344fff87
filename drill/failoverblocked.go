package drill

// FailoverBlocked says why a failover that is open can't go on: no region that answers is
// certain to have every write that the mode promised to keep. It comes once for each
// reason; writes wait until a FailoverStaged of the same failover follows. Next is what an
// operator can do.
type FailoverBlocked struct {
	ID      int    `json:"id"`
	Dataset string `json:"dataset"`
	Reason  string `json:"reason"`
	Next    string `json:"next,omitempty"`
}

func init() { register[FailoverBlocked]() }

// Kind implements Body.
func (FailoverBlocked) Kind() string { return "failover.blocked" }

// failoverBlocked keeps the last reason with its failover.
func (s *State) failoverBlocked(b FailoverBlocked) {
	if f := s.Failover(b.ID); f != nil {
		f.Blocked = &b
	}
	s.line("error", "failover of %s: %s; writes wait", b.Dataset, b.Reason)
}

// fault finds a fault by its number; nil when there is none.
func (s *State) fault(id int) *Fault {
	for _, f := range s.Faults {
		if f.ID == id {
			return f
		}
	}
	return nil
}
