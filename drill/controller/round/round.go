// Package round is a question put to several regions at once, and the answers so far.
// It is pure.
package round

import (
	"fmt"
	"slices"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// call is one region's part.
type call struct {
	id     uint64
	region string
	over   bool
	err    error
	status store.Status
}

// Round is a value: each method returns a new one.
type Round []call

// Ask adds a region, whose answer comes as that of the step id.
func (r Round) Ask(id uint64, region string) Round {
	return append(slices.Clip(r), call{id: id, region: region})
}

// Join adds the questions of another.
func (r Round) Join(other Round) Round { return append(slices.Clip(r), other...) }

// With takes a result in; false where it is of another round.
func (r Round) With(id uint64, s store.Status, err error) (Round, bool) {
	for i, c := range r {
		if c.id == id && !c.over {
			out := slices.Clone(r)
			out[i].over, out[i].err, out[i].status = true, err, s
			return out, true
		}
	}
	return r, false
}

// Without gives up what a region was asked; false where it owes no answer.
func (r Round) Without(region string, why error) (Round, bool) {
	for _, c := range r {
		if c.region == region && !c.over {
			return r.With(c.id, store.Status{}, why)
		}
	}
	return r, false
}

// Over reports whether nothing is owed.
func (r Round) Over() bool {
	return !slices.ContainsFunc(r, func(c call) bool { return !c.over })
}

// Answers are those that came, by region; silent is whether any did not.
func (r Round) Answers() (answers map[string]store.Status, silent bool) {
	answers = map[string]store.Status{}
	for _, c := range r {
		if c.over && c.err == nil {
			answers[c.region] = c.status
		} else {
			silent = true
		}
	}
	return answers, silent
}

// Failure is the first error among the answers, with its region; nil where there is none.
func (r Round) Failure() error {
	for _, c := range r {
		if c.over && c.err != nil {
			return fmt.Errorf("%s: %w", c.region, c.err)
		}
	}
	return nil
}
