package fate

import (
	"slices"
	"time"
)

// Sent is a row of a person's own words, sent as a user's write. Region is the one that the user's
// resolver named, "" where it had none: then it never left.
type Sent struct {
	Command    int    `json:"command"`
	ID         string `json:"id"` // unique in its dataset
	Dataset    string `json:"dataset"`
	Population string `json:"population"`
	Region     string `json:"region,omitempty"`
	Text       string `json:"text"`
}

// Ended is what its user was told: By confirmed it in Epoch at Index, or Error says why nobody did
// ("timeout"). Took is from when it was sent.
type Ended struct {
	ID      string        `json:"id"`
	Dataset string        `json:"dataset"`
	Took    time.Duration `json:"took"`
	By      string        `json:"by,omitempty"`
	Epoch   uint64        `json:"epoch,omitempty"`
	Index   uint64        `json:"index,omitempty"`
	Error   string        `json:"error,omitempty"`
}

// Change is a fate since a time, with where the write was found then; Seq is the event's.
type Change struct {
	At    time.Duration
	Seq   uint64
	Fate  Fate
	Trace *Trace
}

// Write is a write of a person's own words, and what became of it.
type Write struct {
	Sent
	At    time.Duration
	Ended *Ended   // nil while it waits
	Trace *Trace   // nil before any replica was asked
	Fates []Change // oldest first; there is always one
}

// New is a write that was sent by an event at a time.
func New(s Sent, at time.Duration, seq uint64) *Write {
	return &Write{Sent: s, At: at, Fates: []Change{{At: at, Seq: seq, Fate: Waits}}}
}

// Fate is what has become of it so far.
func (w *Write) Fate() Fate { return w.Fates[len(w.Fates)-1].Fate }

// Confirmed reports whether its user saw it confirmed.
func (w *Write) Confirmed() bool { return w.Ended != nil && w.Ended.Error == "" }

// Judge judges it anew after an event at a time, and reports whether its fate is another one.
func (w *Write) Judge(at time.Duration, seq uint64) bool {
	now := w.judge()
	if now == w.Fate() {
		return false
	}
	w.Fates = append(w.Fates, Change{At: at, Seq: seq, Fate: now, Trace: w.Trace})
	return true
}

func (w *Write) judge() Fate {
	holders := w.Trace.Holders()
	if !w.Confirmed() {
		switch {
		case w.Ended == nil:
			return Waits
		case len(holders) > 0:
			return Stored
		case w.Region == "", w.Trace != nil && len(w.Trace.Silent()) == 0:
			return Dropped
		}
		return Doubtful
	}
	if w.Trace == nil {
		return Confirmed
	}
	var lead Copy
	for _, c := range w.Trace.Copies {
		if c.Region == w.Trace.Authority {
			lead = c
		}
	}
	wasLost := slices.ContainsFunc(w.Fates, func(c Change) bool { return c.Fate == Lost || c.Fate == Diverged || c.Fate == Exported })
	switch {
	case !lead.Answered:
		return Unknown
	case lead.Altered:
		return Altered
	case lead.Held && wasLost:
		return Back
	case lead.Held && len(holders) == 1:
		return Alone
	case lead.Held:
		return Copied
	case w.Trace.Exported != "":
		return Exported
	case len(holders) > 0:
		return Diverged
	}
	return Lost
}
