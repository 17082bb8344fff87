package drill

import "github.com/fleetdrill/fleetdrill/drill/fate"

func init() {
	register[WriteSent]()
	register[WriteEnded]()
	register[WriteTraced]()
}

// WriteSent says that a row of a person's own words was sent as a user's write.
type WriteSent fate.Sent

// Kind implements Body.
func (WriteSent) Kind() string { return "write.sent" }

func (b WriteSent) fold(s *State, e Event) {
	s.Written = append(s.Written, fate.New(fate.Sent(b), s.Now, e.Seq))
}

// WriteEnded is what the user of such a write was told.
type WriteEnded fate.Ended

// Kind implements Body.
func (WriteEnded) Kind() string { return "write.ended" }

func (b WriteEnded) fold(s *State, e Event) {
	judge(s, e, b.Dataset, b.ID, func(w *fate.Write) { w.Ended = (*fate.Ended)(&b) })
}

// WriteTraced is where such a write was found when every replica was asked: it comes again once the
// answer is another one.
type WriteTraced struct {
	ID      string `json:"id"`
	Dataset string `json:"dataset"`
	fate.Trace
}

// Kind implements Body.
func (WriteTraced) Kind() string { return "write.traced" }

func (b WriteTraced) fold(s *State, e Event) {
	judge(s, e, b.Dataset, b.ID, func(w *fate.Write) { w.Trace = &b.Trace })
}

// OwnWrite finds a write of a person's own words; nil when it is none.
func (s *State) OwnWrite(dataset, id string) *fate.Write {
	return find(s.Written, func(w *fate.Write) bool { return w.Dataset == dataset && w.ID == id })
}

// judge judges a write anew with what is known now, and puts a change on the timeline.
func judge(s *State, e Event, dataset, id string, learn func(*fate.Write)) {
	if w := s.OwnWrite(dataset, id); w != nil {
		if learn(w); w.Judge(s.Now, e.Seq) {
			s.show(e)
		}
	}
}
