package player

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal"
)

// anHour writes a journal of an hour: the one that ships, with its samples going on.
func anHour(t *testing.T) (path string) {
	t.Helper()
	events := recorded(t)["the one that ships"]
	var samples []drill.Event
	end := len(events)
	for i, e := range events {
		switch e.Body.(type) {
		case drill.TrafficSampled, drill.LinksSampled, drill.StoresSampled:
			samples = append(samples, e)
		case drill.PhaseEntered:
			end = i // the last is the tear-down
		}
	}
	path = filepath.Join(t.TempDir(), "hour.jsonl")
	w, err := journal.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	seq, began := uint64(0), events[0]
	write := func(e drill.Event, at time.Duration) {
		seq++
		e.Seq, e.T, e.At = seq, at, began.At.Add(at)
		if err := w.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range events[:end] {
		write(e, e.T)
	}
	for at, i := events[end-1].T, 0; at < time.Hour; i++ { // three samples, twice a second
		write(samples[i%len(samples)], at)
		if i%3 == 2 {
			at += time.Second / 2
		}
	}
	for _, e := range events[end:] {
		write(e, time.Hour)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestMeasureAnHour: the journal of an hour is at its end within a second, from the file on.
func TestMeasureAnHour(t *testing.T) {
	if os.Getenv("FLEETDRILL_BENCH") == "" {
		t.Skip("skipped: a measurement; `make bench` runs it")
	}
	path := anHour(t)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	l, err := journal.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	loaded := time.Now()
	p := New(l.Events)
	made := time.Now()
	p.Seek(p.Length())
	s := p.At()
	there := time.Now()
	p.Seek(p.Length() - time.Minute)
	p.At()
	back := time.Since(there)
	t.Logf("%d events, %.1f MB: read in %s, folded once in %s, gone to the end in %s: %s in all; a minute back %s",
		len(l.Events), float64(info.Size())/1e6, loaded.Sub(began).Round(time.Millisecond), made.Sub(loaded).Round(time.Millisecond),
		there.Sub(made).Round(time.Millisecond), there.Sub(began).Round(time.Millisecond), back.Round(time.Millisecond))
	if s.Verdict == "" || there.Sub(began) > time.Second {
		t.Fatalf("its end, %q, was reached after %s; want within 1 s", s.Verdict, there.Sub(began))
	}
}
