package events

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal"
)

// noted is a drill of so many notes.
func noted(n int) (all []drill.Event) {
	for i := range n {
		all = append(all, drill.Event{Seq: uint64(i + 1), At: time.Unix(int64(i), 0).UTC(), T: time.Duration(i), Body: drill.NoteWritten{By: "me", Text: "a\x1b[31mb <c>"}})
	}
	return all
}

// batches is the events as the bus hands them out.
func batches(events []drill.Event) <-chan []drill.Event {
	c := make(chan []drill.Event, 2)
	c <- events[:1]
	c <- events[1:]
	close(c)
	return c
}

func never(t *testing.T) func(error) {
	return func(err error) { t.Errorf("the stream ended early: %v", err) }
}

// writes keeps each write.
type writes struct{ all []string }

func (w *writes) Write(p []byte) (int, error) {
	w.all = append(w.all, string(p))
	return len(p), nil
}

func TestAStreamIsTheJournalALineAtATime(t *testing.T) {
	path, events := filepath.Join(t.TempDir(), "j.jsonl"), noted(50)
	w, err := journal.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if err := w.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got writes
	Start(&got, batches(events), never(t)).Wait()
	if all := strings.Join(got.all, ""); all != string(want) {
		t.Errorf("the stream is\n%s\nthe journal\n%s", all, want)
	}
	for _, one := range got.all {
		if strings.Count(one, "\n") != 1 || !strings.HasSuffix(one, "\n") {
			t.Errorf("a write of %q is not one line", one)
		}
	}
	if !bytes.HasPrefix(want, []byte(`{"fleetdrill":"journal"`)) || len(got.all) != 50 {
		t.Errorf("%d lines, the first %q", len(got.all), got.all[0])
	}
}

// losses counts how often a stream said that it ended early.
type losses struct {
	mu  sync.Mutex
	all []error
}

func (l *losses) add(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, err)
}

func (l *losses) one(t *testing.T, want string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) != 1 || !strings.Contains(l.all[0].Error(), want) {
		t.Errorf("said %v, want once %q", l.all, want)
	}
}

// A reader that goes away is said once, and whoever emits is not held up: all events are taken.
func TestAReaderThatGoesAway(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r.Close()
	var lost losses
	Start(w, batches(noted(2000)), lost.add).Wait()
	lost.one(t, "its reader has gone")
}

// stuck takes nothing until it is let go.
type stuck chan struct{}

func (s stuck) Write([]byte) (int, error) {
	<-s
	return 0, syscall.EIO
}

// A reader that stops is waited for at the end, and no longer than Grace.
func TestAReaderThatStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, began := make(stuck), time.Now()
		var lost losses
		Start(w, batches(noted(100)), lost.add).Wait()
		if took := time.Since(began); took != Grace {
			t.Errorf("the end took %s", took)
		}
		lost.one(t, "stopped reading")
		close(w)
	})
}

// What waits is bounded, and a drill that runs on is not held up.
func TestAReaderThatIsFarBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, events := make(stuck), make(chan []drill.Event)
		var lost losses
		s := Start(w, events, lost.add)
		for _, e := range noted(Waiting + 10) {
			events <- []drill.Event{e} // would wait for ever where nobody takes them
		}
		synctest.Wait()
		lost.one(t, "events behind")
		close(events)
		s.Wait()
		close(w)
	})
}

// A disk that is full is said, with its own words.
func TestADiskThatIsFull(t *testing.T) {
	var lost losses
	r, w := io.Pipe()
	r.CloseWithError(errors.New("no space left on device"))
	Start(w, batches(noted(20)), lost.add).Wait()
	lost.one(t, "no space left")
}
