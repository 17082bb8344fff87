package config

import (
	"encoding/json"
	"time"
)

// News is what became of a fleet's configuration: an event's body. Kind is its name in the journal.
type News interface {
	Kind() string
	// Fold takes it into the state; at is since the drill began.
	Fold(s *State, at time.Duration)
	// Shown reports whether it is on the timeline.
	Shown() bool
}

// Committed says that the branch has another commit, and since when it is known here.
type Committed struct {
	Revision Revision `json:"revision"`
	// Bad says why the revision can't be given to any region; "" of one that can.
	Bad string `json:"bad,omitempty"`
	// Made is when it was committed, where this drill did that; else it is known from when a reconciler saw it.
	Made *time.Duration `json:"made,omitempty"`
	// Where is how people reach the repository, the argument of git clone: of the first that is told of it.
	Where string `json:"where,omitempty"`
}

// Released says that a wave of regions is to have a revision from now on.
type Released struct {
	Revision string   `json:"revision"`
	Wave     int      `json:"wave"` // from 0
	Of       int      `json:"of"`   // how many waves there are
	Regions  []string `json:"regions"`
}

// Held says that the next wave waits, and why.
type Held struct {
	Revision string `json:"revision"`
	Wave     int    `json:"wave"` // from 0
	Why      string `json:"why"`
}

// Applied says that a region was given a revision whole. Took is from when that was begun.
type Applied struct {
	Region   string        `json:"region"`
	Revision string        `json:"revision"`
	Was      string        `json:"was,omitempty"` // the revision before; "" of the first
	Fields   []Field       `json:"fields,omitempty"`
	Pruned   []Ref         `json:"pruned,omitempty"`
	Took     time.Duration `json:"took"`
	// Before is of a region that started again, which it did with Was; nil else, and where nobody counts that.
	Before *Before `json:"before,omitempty"`
}

// Edited says that something in a region was changed by hand, past the repository.
type Edited struct {
	Region string  `json:"region"`
	Fields []Field `json:"fields"`
	Proof  string  `json:"proof"` // as read back
}

// Drifted says that a reconciler saw a region's objects differ from its revision.
type Drifted struct {
	Region   string  `json:"region"`
	Revision string  `json:"revision"`
	Fields   []Field `json:"fields"`
}

// Mended says that they are as the revision has them again. Took is from when they were seen to differ.
type Mended struct {
	Region   string        `json:"region"`
	Revision string        `json:"revision"`
	Fields   []Field       `json:"fields"`
	Took     time.Duration `json:"took"`
}

// Failed says that a region, or where Region is "" all of them, can't be given a revision, or that what it was given does not work.
// Kept is the revision that it has.
type Failed struct {
	Region   string `json:"region,omitempty"`
	Revision string `json:"revision,omitempty"`
	Kept     string `json:"kept,omitempty"`
	Why      string `json:"why"`
}

// Recovered says that what failed does so no more.
type Recovered struct {
	Region string `json:"region,omitempty"`
}

// Unreached says that a reconciler can't reach its region (On), or can again. Region "" is that it runs nowhere: its hub is gone.
type Unreached struct {
	Region string `json:"region,omitempty"`
	On     bool   `json:"on"`
	Why    string `json:"why,omitempty"`
	// Asked is when the region was asked that did not answer; 0 of a hub, and in journals of before.
	Asked time.Duration `json:"asked,omitempty"`
}

// Routed says that the global router goes by other weights of regions, from 0 to 1, those of a revision.
type Routed struct {
	Revision string             `json:"revision"`
	Was      map[string]float64 `json:"was"`
	Weights  map[string]float64 `json:"weights"`
}

// Readers read each kind of news from a journal.
func Readers() map[string]func(json.RawMessage) (News, error) {
	return map[string]func(json.RawMessage) (News, error){
		Committed{}.Kind(): read[Committed], Released{}.Kind(): read[Released], Held{}.Kind(): read[Held],
		Applied{}.Kind(): read[Applied], Edited{}.Kind(): read[Edited], Drifted{}.Kind(): read[Drifted], Mended{}.Kind(): read[Mended],
		Failed{}.Kind(): read[Failed], Recovered{}.Kind(): read[Recovered], Unreached{}.Kind(): read[Unreached], Surveyed{}.Kind(): read[Surveyed],
		Routed{}.Kind(): read[Routed],
	}
}

func read[N News](raw json.RawMessage) (News, error) {
	var n N
	err := json.Unmarshal(raw, &n)
	return n, err
}

// Kind implements News.
func (Committed) Kind() string { return "config.committed" }

// Kind implements News.
func (Released) Kind() string { return "config.released" }

// Kind implements News.
func (Held) Kind() string { return "config.held" }

// Kind implements News.
func (Applied) Kind() string { return "config.applied" }

// Kind implements News.
func (Edited) Kind() string { return "config.edited" }

// Kind implements News.
func (Drifted) Kind() string { return "config.drifted" }

// Kind implements News.
func (Mended) Kind() string { return "config.mended" }

// Kind implements News.
func (Failed) Kind() string { return "config.failed" }

// Kind implements News.
func (Recovered) Kind() string { return "config.recovered" }

// Kind implements News.
func (Unreached) Kind() string { return "config.unreached" }

// Kind implements News.
func (Routed) Kind() string { return "config.routed" }

// Fold implements News: who is sent where follows from the fleet, which has the weights.
func (Routed) Fold(*State, time.Duration) {}

// Shown implements News.
func (Routed) Shown() bool { return true }

// Shown implements News.
func (Committed) Shown() bool { return true }

// Shown implements News: what one wave is released to is on the timeline as it is applied.
func (b Released) Shown() bool { return b.Of > 1 }

// Shown implements News.
func (Held) Shown() bool { return true }

// Shown implements News: the first revision of a region is its bring-up.
func (b Applied) Shown() bool { return b.Was != "" }

// Shown implements News.
func (Edited) Shown() bool { return true }

// Shown implements News.
func (Drifted) Shown() bool { return true }

// Shown implements News.
func (Mended) Shown() bool { return true }

// Shown implements News.
func (Failed) Shown() bool { return true }

// Shown implements News.
func (Recovered) Shown() bool { return true }

// Shown implements News.
func (Unreached) Shown() bool { return true }
