package engine

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

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

func TestEverySubscriberReadsTheJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := &memoryJournal{}
		s := newSpine(time.Now, journal, func(err error) { t.Error(err) })
		quick, slow := s.Subscribe(), s.Subscribe()
		for range 100 {
			s.emit(drill.NoteWritten{By: "me", Text: "x"})
			time.Sleep(time.Millisecond)
		}
		s.close()
		for name, events := range map[string]<-chan []drill.Event{"quick": quick, "slow": slow} {
			var got []drill.Event
			for batch := range events {
				got = append(got, batch...)
			}
			if len(got) != 100 || len(journal.events) != 100 {
				t.Fatalf("%s: %d events read, %d in the journal, want 100", name, len(got), len(journal.events))
			}
			for i, e := range got {
				if e.Seq != uint64(i+1) || e.Seq != journal.events[i].Seq {
					t.Fatalf("%s: event %d has seq %d", name, i, e.Seq)
				}
			}
		}
		if s.state.LastSeq != 100 {
			t.Errorf("state is at %d", s.state.LastSeq)
		}
		if _, open := <-s.Subscribe(); open {
			t.Error("a subscription after the end is open")
		}
	})
}

func TestAFullDiskStopsTheDrillOnceAndIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopped := 0
		s := newSpine(time.Now, &memoryJournal{after: 2}, func(error) { stopped++ })
		for range 5 {
			s.emit(drill.NoteWritten{Text: "x"})
		}
		synctest.Wait()
		if stopped != 1 {
			t.Errorf("the drill was stopped %d times", stopped)
		}
		if s.state.LastSeq != 5 {
			t.Errorf("the screen saw %d of 5 events", s.state.LastSeq)
		}
	})
}
