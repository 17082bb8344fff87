package drill

func init() { register[FailoverBlocked]() }

// FailoverBlocked says why a failover that is open can't go on: no region that answers is
// certain to have every write that the mode has to keep. It comes once for each
// reason; writes wait until a FailoverStaged of the same failover follows. Next is what an
// operator can do.
type FailoverBlocked struct {
	ID      int    `json:"id"`
	Dataset string `json:"dataset"`
	Reason  string `json:"reason"`
	Next    string `json:"next,omitempty"`
}

// Kind implements Body.
func (FailoverBlocked) Kind() string { return "failover.blocked" }

// fold keeps the last reason with its failover.
func (b FailoverBlocked) fold(s *State, e Event) {
	if f := s.Failover(b.ID); f != nil {
		f.Blocked = &b
	}
	s.show(e)
}
