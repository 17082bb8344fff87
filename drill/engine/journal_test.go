package engine

import (
	"errors"

	"github.com/fleetdrill/fleetdrill/drill"
)

type memoryJournal struct {
	events []drill.Event
	after  int // fails from this many events on; 0 never
}

func (j *memoryJournal) Append(e drill.Event) error {
	if j.after > 0 && len(j.events) >= j.after {
		return errors.New("no space left on device")
	}
	j.events = append(j.events, e)
	return nil
}
