package drill

import "time"

func init() {
	register[LedgerChecked]()
}

// LostWrite is an acknowledged write that the authority no longer has.
type LostWrite struct {
	ID    string        `json:"id"`
	Epoch uint64        `json:"epoch"` // that it was acknowledged in
	Acked time.Duration `json:"acked"` // on the engine's clock
}

// LedgerChecked compares every write that a client saw acknowledged with the
// authority's contents. Why is "failover 1", "switchover 1" or "end"; Failover and Move
// are those numbers, 0 where it is not for one. Lost is listed by id, in
// the order of acknowledgement. Unacknowledged writes had no answer or an
// error; PresentUnacknowledged of them are there all the same. Mismatched
// writes are there with other contents than were sent, or more than once.
type LedgerChecked struct {
	Dataset               string      `json:"dataset"`
	Region                string      `json:"region"`
	Why                   string      `json:"why"`
	Failover              int         `json:"failover,omitempty"`
	Move                  int         `json:"move,omitempty"`
	Acknowledged          int         `json:"acknowledged"`
	Unacknowledged        int         `json:"unacknowledged"`
	Lost                  []LostWrite `json:"lost"`
	Mismatched            []string    `json:"mismatched,omitempty"`
	PresentUnacknowledged int         `json:"present_unacknowledged"`
	// LostBefore is how many an earlier check has found lost, which are not there now either;
	// none of them is in Lost. Zero in journals of before that was kept.
	LostBefore int `json:"lost_before,omitempty"`
}

// Covers reports whether so many lost writes can all be of those that it compared: more came to light
// since of writes that were acknowledged after it.
func (b LedgerChecked) Covers(lost int) bool { return lost <= len(b.Lost)+b.LostBefore }

// Kind implements Body.
func (LedgerChecked) Kind() string { return "ledger.checked" }

func (b LedgerChecked) fold(s *State, e Event) {
	s.Checks = append(s.Checks, b)
	if d := s.Dataset(b.Dataset); d != nil {
		d.LastCheck, d.CheckedAt = &b, s.Now
	}
	if f := s.Failover(b.Failover); f != nil {
		f.Check = &b
	}
	s.show(e)
}

// CheckedAtEnd is the Why of a check at the end of a drill.
const CheckedAtEnd = "end"
