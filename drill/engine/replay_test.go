package engine

import (
	"path/filepath"
	"reflect"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal"
)

// replays holds what the lab's events make of a state against what they make of it once they
// were written to a journal and read again: after each event, of a drill that really ran.
func (l *lab) replays() {
	l.Helper()
	if l.journal == nil || l.journal.after > 0 {
		return
	}
	path := filepath.Join(l.TempDir(), "journal.jsonl")
	w, err := journal.Create(path)
	if err != nil {
		l.Fatal(err)
	}
	for _, e := range l.journal.events {
		if err := w.Append(e); err != nil {
			l.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		l.Fatal(err)
	}
	read, err := journal.Load(path)
	if err != nil || len(read.Events) != len(l.journal.events) {
		l.Fatalf("%d of %d events are read: %v", len(read.Events), len(l.journal.events), err)
	}
	live, again := drill.NewState(), drill.NewState()
	for i, e := range l.journal.events {
		// A wall clock's time is the same in every zone.
		e.At, read.Events[i].At = e.At.UTC(), read.Events[i].At.UTC()
		live.Apply(e)
		again.Apply(read.Events[i])
		if !reflect.DeepEqual(live, again) {
			l.Errorf("after event %d, a %s, the replay's state is another than that of the live drill:\n%+v\nwas\n%+v", e.Seq, e.Body.Kind(), read.Events[i].Body, e.Body)
			return
		}
	}
}
