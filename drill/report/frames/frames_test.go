package frames

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/journal/sample"
)

func shipped(t *testing.T) []drill.Event {
	t.Helper()
	in, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}
	l, err := journal.Read(in)
	if err != nil {
		t.Fatal(err)
	}
	return l.Events
}

// live is the state that a live drill had after every event up to a time.
func live(events []drill.Event, until time.Duration) *drill.State {
	s := drill.NewState()
	for _, e := range events {
		if e.T > until {
			break
		}
		s.Apply(e)
	}
	return s
}

// What a page plays is at every frame what the live drill had then, and something happens in it.
func TestFramesAreTheLiveStates(t *testing.T) {
	events := shipped(t)
	r, board := Of(events)
	if r.Cells != len(board.cells) || len(r.Frames) < 50 || len(r.Frames) > Most {
		t.Fatalf("%d cells of %d, %d frames", r.Cells, len(board.cells), len(r.Frames))
	}
	moments := moments(events, live(events, events[len(events)-1].T))
	if len(moments) != len(r.Frames) {
		t.Fatalf("%d moments, %d frames", len(moments), len(r.Frames))
	}
	now, seen := make([]int, r.Cells), map[string]bool{}
	for i, f := range r.Frames {
		for k := 1; k < len(f); k += 2 {
			if now[f[k]] == f[k+1] {
				t.Errorf("frame %d says of cell %d what it was", i, f[k])
			}
			now[f[k]] = f[k+1]
		}
		s := live(events, moments[i])
		for c, text := range board.cells {
			got := r.Texts[now[c]]
			if want := clean.Text(text(s)); got != want {
				t.Fatalf("frame %d at %s: cell %d is %q, live it was %q", i, moments[i], c, got, want)
			}
			seen[got] = true
		}
	}
	for _, want := range []string{"down", "healthy", "cut", "gone", "★ orders", "us-east", "eu-west"} {
		if !seen[want] {
			t.Errorf("no frame has %q", want)
		}
	}
}

// A drill of hours has no more frames than one of minutes, and what a page has to load stays small.
func TestALongDrillIsSampledCoarser(t *testing.T) {
	var long []drill.Event
	events := shipped(t)
	long = append(long, events[:len(events)-1]...)
	var samples []drill.Event
	for _, e := range events {
		if _, is := e.Body.(drill.TrafficSampled); is {
			samples = append(samples, e)
		}
	}
	for i := range 1500 {
		e := samples[i%len(samples)]
		e.Seq, e.T = uint64(len(long)+1), long[len(long)-1].T+500*time.Millisecond
		long = append(long, e)
	}
	r, _ := Of(long)
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Frames) > Most || len(r.Frames) < 100 || len(text) > 1<<20 {
		t.Errorf("%d frames, %d bytes", len(r.Frames), len(text))
	}
}

// A drill of which nothing happened has a page too.
func TestNothingHappened(t *testing.T) {
	if r, _ := Of(shipped(t)[:1]); len(r.Frames) != 1 {
		t.Errorf("%d frames", len(r.Frames))
	}
}
