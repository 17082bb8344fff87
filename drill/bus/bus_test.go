package bus

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
)

type memoryJournal struct {
	events []drill.Event
	after  int           // fails from this many events on; 0 never
	takes  time.Duration // for each event
}

func (j *memoryJournal) Append(e drill.Event) error {
	time.Sleep(j.takes)
	if j.after > 0 && len(j.events) >= j.after {
		return errors.New("no space left on device")
	}
	j.events = append(j.events, e)
	return nil
}

func TestEverySubscriberReadsTheJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := &memoryJournal{}
		b := New(time.Now, journal, func(err error) { t.Error(err) })
		quick, slow := b.Subscribe(t.Context()), b.Subscribe(t.Context())
		for range 100 {
			b.Emit(drill.NoteWritten{By: "me", Text: "x"})
			time.Sleep(time.Millisecond)
		}
		b.Close()
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
		b.View(func(s *drill.State) {
			if s.LastSeq != 100 {
				t.Errorf("state is at %d", s.LastSeq)
			}
		})
		if _, open := <-b.Subscribe(t.Context()); open {
			t.Error("a subscription after the end is open")
		}
	})
}

// Events of several goroutines reach journal and state in the order of their numbers and
// times.
func TestTheOrderIsOne(t *testing.T) {
	journal := &memoryJournal{}
	b := New(time.Now, journal, nil)
	events := b.Subscribe(t.Context())
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 20 {
				b.Emit(drill.NoteWritten{Text: "x"})
			}
		})
	}
	all.Wait()
	b.Close()
	seq, at := uint64(0), time.Duration(-1)
	for batch := range events {
		for _, e := range batch {
			if e.Seq != seq+1 || e.T < at || journal.events[seq].Seq != e.Seq {
				t.Fatalf("event %d at %s after event %d at %s", e.Seq, e.T, seq, at)
			}
			seq, at = e.Seq, e.T
		}
	}
	if seq != 400 {
		t.Errorf("%d events, want 400", seq)
	}
}

func TestAFullDiskStopsTheDrillOnceAndIsSeen(t *testing.T) {
	stopped := 0
	var b *Bus
	b = New(time.Now, &memoryJournal{after: 2}, func(error) {
		stopped++
		b.Emit(drill.DrillEnded{Verdict: drill.Aborted}) // no lock is held
	})
	for range 5 {
		b.Emit(drill.NoteWritten{Text: "x"})
	}
	if stopped != 1 {
		t.Errorf("the drill was stopped %d times", stopped)
	}
	b.View(func(s *drill.State) {
		if s.LastSeq != 6 || s.Verdict != drill.Aborted {
			t.Errorf("the screen saw %d of 6 events", s.LastSeq)
		}
	})
}

// A disk that takes long holds up who writes, not who reads.
func TestAReaderNeverWaitsForADisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(time.Now, &memoryJournal{takes: time.Hour}, nil)
		go b.Emit(drill.NoteWritten{Text: "x"})
		synctest.Wait()
		began := b.Now()
		b.View(func(s *drill.State) {
			if len(s.Notes) != 0 {
				t.Error("the state is ahead of the journal")
			}
		})
		if waited := b.Now() - began; waited != 0 {
			t.Errorf("a reader waited %s", waited)
		}
		time.Sleep(2 * time.Hour)
	})
}

func TestWaitEndsWithTheEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(time.Now, &memoryJournal{}, nil)
		notes := func(n int) func(*drill.State) bool {
			return func(s *drill.State) bool { return len(s.Notes) >= n }
		}
		if err := b.Wait(t.Context(), notes(0)); err != nil {
			t.Error(err)
		}
		var all sync.WaitGroup
		for n := range 3 {
			all.Go(func() {
				if err := b.Wait(t.Context(), notes(n+1)); err != nil {
					t.Error(err)
				}
				if at := b.Now(); at != time.Duration(n+1)*time.Second {
					t.Errorf("note %d was seen at %s", n+1, at)
				}
			})
		}
		for range 3 {
			time.Sleep(time.Second)
			b.Emit(drill.NoteWritten{Text: "x"})
		}
		all.Wait()
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("too late"))
		defer cancel()
		if err := b.Wait(ctx, notes(4)); err == nil || err.Error() != "too late" {
			t.Errorf("%v, want the context's cause", err)
		}
	})
}

// A reader that has gone away ends its goroutine with its context.
func TestAReaderMayGoAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(time.Now, &memoryJournal{}, nil)
		ctx, cancel := context.WithCancel(t.Context())
		events := b.Subscribe(ctx)
		b.Emit(drill.NoteWritten{Text: "x"})
		synctest.Wait()
		cancel()
		synctest.Wait()
		if _, open := <-events; open {
			t.Error("the channel is still open")
		}
	}) // a goroutine that is left would be an error here
}

func TestTheClockStartsWithTheBus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Hour)
		clock := New(time.Now, &memoryJournal{}, nil).Clock()
		tick, stop := clock.Ticker(time.Second)
		for range 3 {
			<-tick
		}
		stop()
		after, _ := clock.After(time.Second)
		<-after
		if err := clock.Sleep(t.Context(), time.Second); err != nil || clock.Now() != 5*time.Second {
			t.Errorf("%s, %v", clock.Now(), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := clock.Sleep(ctx, time.Minute); err == nil || clock.Now() != 6*time.Second {
			t.Errorf("slept until %s, %v", clock.Now(), err)
		}
	})
}
