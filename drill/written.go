package drill

import (
	"slices"
	"time"
)

func init() {
	register[WriteSent]()
	register[WriteEnded]()
	register[WriteTraced]()
}

// WriteSent says that a row of a person's own words was sent as a user's write. Region is
// the one that the user's resolver named, "" where it had none: then it never left.
type WriteSent struct {
	Command    int    `json:"command"`
	ID         string `json:"id"` // unique in its dataset
	Dataset    string `json:"dataset"`
	Population string `json:"population"`
	Region     string `json:"region,omitempty"`
	Text       string `json:"text"`
}

// Kind implements Body.
func (WriteSent) Kind() string { return "write.sent" }

func (b WriteSent) fold(s *State, _ Event) {
	s.Written = append(s.Written, &OwnWrite{WriteSent: b, Sent: s.Now, Fates: []FateChange{{At: s.Now, Seq: s.LastSeq, Fate: FateWaits}}})
}

// WriteEnded is what its user was told: By confirmed it in Epoch at Index, or Error says why
// nobody did ("timeout"). Took is from when it was sent.
type WriteEnded struct {
	ID      string        `json:"id"`
	Dataset string        `json:"dataset"`
	Took    time.Duration `json:"took"`
	By      string        `json:"by,omitempty"`
	Epoch   uint64        `json:"epoch,omitempty"`
	Index   uint64        `json:"index,omitempty"`
	Error   string        `json:"error,omitempty"`
}

// Kind implements Body.
func (WriteEnded) Kind() string { return "write.ended" }

func (b WriteEnded) fold(s *State, e Event) {
	if w := s.OwnWrite(b.Dataset, b.ID); w != nil {
		w.Ended = &b
		s.fates(w, e)
	}
}

// WriteTraced is where a write was found, by its id and its contents, when every replica was
// asked: it comes again once the answer is another one. Authority led in Epoch then.
// Exported is the file that keeps it, where a replica cut it as a diverged one.
type WriteTraced struct {
	ID        string `json:"id"`
	Dataset   string `json:"dataset"`
	Authority string `json:"authority,omitempty"`
	Epoch     uint64 `json:"epoch"`
	Copies    []Copy `json:"copies"`
	Exported  string `json:"exported,omitempty"`
}

// Copy is what a region's replica answered of a write. One that did not answer may hold it.
type Copy struct {
	Region   string `json:"region"`
	Answered bool   `json:"answered"`
	Held     bool   `json:"held,omitempty"`
	Altered  bool   `json:"altered,omitempty"` // held with other contents than were sent
}

// Kind implements Body.
func (WriteTraced) Kind() string { return "write.traced" }

func (b WriteTraced) fold(s *State, e Event) {
	if w := s.OwnWrite(b.Dataset, b.ID); w != nil {
		w.Trace = &b
		s.fates(w, e)
	}
}

// Holders is the regions that hold it as it was sent.
func (b *WriteTraced) Holders() (all []string) {
	if b == nil {
		return nil
	}
	for _, c := range b.Copies {
		if c.Held && !c.Altered {
			all = append(all, c.Region)
		}
	}
	return all
}

// Silent is the regions that did not answer.
func (b *WriteTraced) Silent() (all []string) {
	if b == nil {
		return nil
	}
	for _, c := range b.Copies {
		if !c.Answered {
			all = append(all, c.Region)
		}
	}
	return all
}

// Fate is what has become of a write.
type Fate string

// The fates. Lost, diverged and exported are of writes that were confirmed.
const (
	FateWaits     Fate = "waits"     // for the answer
	FateConfirmed Fate = "confirmed" // and no replica was asked yet
	FateAlone     Fate = "alone"     // the authority alone holds it
	FateCopied    Fate = "copied"    // others hold it too
	FateUnknown   Fate = "unknown"   // the authority does not answer
	FateLost      Fate = "lost"      // the authority has it not, and nobody who answers has
	FateDiverged  Fate = "diverged"  // the authority has it not, and a replica that does not lead has
	FateExported  Fate = "exported"  // lost, and kept in a file
	FateBack      Fate = "back"      // the authority has it again
	FateAltered   Fate = "altered"   // the authority holds it with other contents
	FateDropped   Fate = "dropped"   // never confirmed, and nobody holds it
	FateStored    Fate = "stored"    // never confirmed, and held all the same
	FateDoubtful  Fate = "doubtful"  // never confirmed, and not known to be held or not
)

// FateChange is a fate since a time, with where the write was found then; Seq is the event's.
type FateChange struct {
	At    time.Duration
	Seq   uint64
	Fate  Fate
	Trace *WriteTraced
}

// OwnWrite is a write of a person's own words, and what became of it.
type OwnWrite struct {
	WriteSent
	Sent  time.Duration
	Ended *WriteEnded  // nil while it waits
	Trace *WriteTraced // nil before any replica was asked
	Fates []FateChange // oldest first; there is always one
}

// Fate is what has become of it so far.
func (w *OwnWrite) Fate() Fate { return w.Fates[len(w.Fates)-1].Fate }

// Confirmed reports whether its user saw it confirmed.
func (w *OwnWrite) Confirmed() bool { return w.Ended != nil && w.Ended.Error == "" }

// OwnWrite finds a write of a person's own words; nil when it is none.
func (s *State) OwnWrite(dataset, id string) *OwnWrite {
	return find(s.Written, func(w *OwnWrite) bool { return w.Dataset == dataset && w.ID == id })
}

// fates judges a write anew, and puts a change on the timeline.
func (s *State) fates(w *OwnWrite, e Event) {
	if fate := w.judge(); fate != w.Fate() {
		w.Fates = append(w.Fates, FateChange{At: s.Now, Seq: e.Seq, Fate: fate, Trace: w.Trace})
		s.show(e)
	}
}

func (w *OwnWrite) judge() Fate {
	holders := w.Trace.Holders()
	if !w.Confirmed() {
		switch {
		case w.Ended == nil:
			return FateWaits
		case len(holders) > 0:
			return FateStored
		case w.Region == "", w.Trace != nil && len(w.Trace.Silent()) == 0:
			return FateDropped
		}
		return FateDoubtful
	}
	if w.Trace == nil {
		return FateConfirmed
	}
	var lead Copy
	for _, c := range w.Trace.Copies {
		if c.Region == w.Trace.Authority {
			lead = c
		}
	}
	was := func(f Fate) bool { return slices.ContainsFunc(w.Fates, func(c FateChange) bool { return c.Fate == f }) }
	switch {
	case !lead.Answered:
		return FateUnknown
	case lead.Altered:
		return FateAltered
	case lead.Held && (was(FateLost) || was(FateDiverged) || was(FateExported)):
		return FateBack
	case lead.Held && len(holders) == 1:
		return FateAlone
	case lead.Held:
		return FateCopied
	case w.Trace.Exported != "":
		return FateExported
	case len(holders) > 0:
		return FateDiverged
	}
	return FateLost
}
