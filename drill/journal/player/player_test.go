package player

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal"
	"github.com/fleetdrill/fleetdrill/drill/journal/sample"
)

// recorded is real journals, by name: the one that ships, and those of before.
func recorded(t testing.TB) map[string][]drill.Event {
	t.Helper()
	in, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}
	ships, err := journal.Read(in)
	if err != nil || ships.Cut != nil || ships.Skipped > 0 {
		t.Fatal(err, ships.Remarks())
	}
	all := map[string][]drill.Event{"the one that ships": ships.Events}
	paths, err := filepath.Glob("../testdata/*.jsonl")
	if err != nil || len(paths) == 0 {
		t.Fatal(err, paths)
	}
	for _, path := range paths {
		l, err := journal.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(path)] = l.Events
	}
	return all
}

// fold is the state that a live drill had after its first events.
func fold(events []drill.Event) *drill.State {
	s := drill.NewState()
	for _, e := range events {
		s.Apply(e)
	}
	return s
}

// TestStatesAreTheLiveOnes holds that the state at every position is the one that the drill had
// then, whichever way one came there.
func TestStatesAreTheLiveOnes(t *testing.T) {
	for name, events := range recorded(t) {
		t.Run(name, func(t *testing.T) { checkStates(t, events, 120) })
	}
}

// TestEveryDrillReplays is the same of the journals of `make test-drills`.
func TestEveryDrillReplays(t *testing.T) {
	dir := os.Getenv("FLEETDRILL_TEST_JOURNALS")
	if dir == "" {
		t.Skip("skipped: FLEETDRILL_TEST_JOURNALS names no folder with a folder of journals for each drill; `make test-drills` makes and checks them")
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.jsonl"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no journals in the folders of %s: %v", dir, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimPrefix(path, dir), func(t *testing.T) {
			t.Parallel()
			l, err := journal.Load(path)
			if err != nil || l.Skipped > 0 || l.Cut != nil || len(l.Events) == 0 {
				t.Fatalf("%d events, %v, %q", len(l.Events), err, l.Remarks())
			}
			checkStates(t, l.Events, 400)
		})
	}
}

// checkStates goes through all events forwards, and then to so many positions back, by
// seeking, and on another goroutine.
func checkStates(t *testing.T, events []drill.Event, back int) {
	t.Helper()
	p, live := New(events), drill.NewState()
	for n, e := range events {
		live.Apply(e)
		if !p.Step(1) || p.Position() != n+1 {
			t.Fatalf("it stepped to %d, not to %d", p.Position(), n+1)
		}
		if got := p.At(); !reflect.DeepEqual(got, live) {
			t.Fatalf("after event %d, a %s, the state is another than that of the live drill", e.Seq, e.Body.Kind())
		}
	}
	if !p.AtEnd() || p.Step(1) || !reflect.DeepEqual(p.End(), live) {
		t.Fatal("after its last event it goes on, or its end is another")
	}
	same := func(how string, s *drill.State) {
		t.Helper()
		if want := fold(events[:p.Position()]); !reflect.DeepEqual(s, want) {
			t.Fatalf("%s to position %d, the state is another than that of the live drill", how, p.Position())
		}
	}
	random := rand.New(rand.NewPCG(1, uint64(len(events))))
	for range back {
		n := 1 + random.IntN(len(events))
		p.goTo(n)
		if !p.Step(-1) {
			t.Fatalf("no step back from %d", n)
		}
		same("stepping back", p.At())
		p.Seek(events[n-1].T)
		if p.Position() < n {
			t.Fatalf("at the time of event %d only %d have happened", n, p.Position())
		}
		folding, position := p.Folding()
		done := beside(folding)
		p.Folded(done, position)
		same("seeking", p.At())
	}
}

// beside runs a fold as the screen does, on a goroutine of its own.
func beside(fold func() *drill.State) *drill.State {
	done := make(chan *drill.State)
	go func() { done <- fold() }()
	return <-done
}

// TestReadsWhatIsShown: Next and Previous stop at what the timeline has, in its order, and
// nowhere else.
func TestReadsWhatIsShown(t *testing.T) {
	for name, events := range recorded(t) {
		p := New(events)
		var on []uint64
		for p.Next() {
			on = append(on, events[p.Position()-1].Seq)
		}
		if len(on) != len(p.End().Timeline) {
			t.Fatalf("%s: %d stops, and the timeline has %d lines", name, len(on), len(p.End().Timeline))
		}
		for i, e := range p.End().Timeline {
			if on[i] != e.Seq {
				t.Fatalf("%s: stop %d is at event %d, want %d", name, i, on[i], e.Seq)
			}
		}
		for i := len(on) - 2; i >= 0; i-- {
			if !p.Previous() || events[p.Position()-1].Seq != on[i] {
				t.Fatalf("%s: back at event %d, want %d", name, p.Position(), on[i])
			}
		}
		if p.Previous() {
			t.Fatalf("%s: before the first line it went to %d", name, p.Position())
		}
	}
}

func TestJumpsToFaults(t *testing.T) {
	for name, events := range recorded(t) {
		p := New(events)
		n := 0
		for p.NextFault() {
			b, is := events[p.Position()-1].Body.(drill.FaultProved)
			if !is || p.At().Fault(b.ID) == nil {
				t.Fatalf("%s: position %d is not right after a fault", name, p.Position())
			}
			n++
		}
		if n == 0 || n != len(p.End().Faults) {
			t.Fatalf("%s: %d faults, want %d", name, n, len(p.End().Faults))
		}
		p.Seek(p.Length())
		for p.PrevFault() {
			n--
		}
		if n != 0 {
			t.Fatalf("%s: %d faults were not found on the way back", name, n)
		}
	}
}

// notes is events at those seconds.
func notes(seconds ...int) []drill.Event {
	var events []drill.Event
	for i, s := range seconds {
		events = append(events, drill.Event{Seq: uint64(i + 1), T: time.Duration(s) * time.Second, Body: drill.NoteWritten{Text: "x"}})
	}
	return events
}

func TestPlaysByTheClock(t *testing.T) {
	at := time.Unix(1000, 0)
	p := New(notes(0, 10, 20, 30, 1000))
	p.Advance(at.Add(time.Hour))
	if p.Clock() != 0 || !p.Paused() {
		t.Fatalf("paused, it went to %s", p.Clock())
	}
	p.Seek(0)
	p.Pause(false, at)
	tick := func(d time.Duration, clock time.Duration, position int) {
		t.Helper()
		at = at.Add(d)
		p.Advance(at)
		if p.Clock() != clock || p.Position() != position {
			t.Fatalf("at %s after %d events, want %s after %d", p.Clock(), p.Position(), clock, position)
		}
	}
	tick(9*time.Second, 9*time.Second, 1)
	tick(time.Second, 10*time.Second, 2)
	tick(-time.Minute, 10*time.Second, 2) // a local clock that was set back
	p.Pause(true, at)
	tick(time.Hour, 10*time.Second, 2)
	p.Pause(false, at)
	for p.Faster(1) {
	}
	if p.Speed() != 64 {
		t.Fatalf("at most %g times as fast", p.Speed())
	}
	tick(time.Second/4, 26*time.Second, 3)
	for p.Faster(-1) {
	}
	if p.Speed() != 0.25 {
		t.Fatalf("at least %g times as fast", p.Speed())
	}
	tick(16*time.Second, 30*time.Second, 4)
	if p.Paused() {
		t.Fatal("it stopped before its end")
	}
	tick(5*time.Hour, 1000*time.Second, 5)
	if !p.Paused() || !p.AtEnd() {
		t.Fatal("it does not stop at its end")
	}
}

// TestWhatComesIsAdded: a position stays where it is while the drill goes on, and so does its state.
func TestWhatComesIsAdded(t *testing.T) {
	all := notes(1, 2, 3, 4, 5)
	p := New(all[:3])
	p.Seek(p.Length())
	before := p.At()
	p.Add(all[3:])
	if p.Position() != 3 || p.AtEnd() || p.Cost() != 0 || p.At() != before || len(before.Notes) != 3 {
		t.Fatalf("at %d with %d notes", p.Position(), len(p.At().Notes))
	}
	if p.Last() != 5 || p.Length() != 5*time.Second || !p.Next() || len(p.At().Notes) != 4 {
		t.Fatalf("it ends at %d after %s", p.Last(), p.Length())
	}
}

// TestAnyJournalIsPlayed: nothing that a file can hold brings it out of step, and no state is any
// but that of its position.
func TestAnyJournalIsPlayed(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 5))
		events := notes()
		for i := range random.IntN(20) {
			e := drill.Event{Seq: uint64(i + 1), T: time.Duration(random.Int64()) >> random.IntN(63), Body: drill.NoteWritten{}}
			switch random.IntN(5) {
			case 0:
				e.T = -e.T
			case 1:
				e.Body = drill.FaultProved{ID: random.IntN(3), Fault: drill.FaultKill, From: -e.T}
			case 2:
				e.Body = drill.DrillEnded{Verdict: drill.Passed}
			}
			events = append(events, e)
		}
		p := New(events)
		at := time.Unix(0, 0)
		for step := range 60 {
			switch random.IntN(11) {
			case 0:
				p.Step(1)
			case 1:
				p.Step(-1)
			case 2:
				p.Next()
			case 3:
				p.Previous()
			case 4:
				p.NextFault()
			case 5:
				p.PrevFault()
			case 6:
				p.Seek(time.Duration(random.Int64()) >> random.IntN(63))
			case 7:
				p.Faster(random.IntN(5) - 2)
			case 8:
				p.Pause(random.IntN(2) == 0, at)
			case 9:
				p.Seek(p.Running())
			case 10:
				at = at.Add(time.Duration(random.Int64N(int64(time.Hour))))
				p.Advance(at)
			}
			Marks(p.End())
			if n := p.Position(); n < 0 || n > len(events) || p.Cost() > len(events) {
				t.Fatalf("seed %d, step %d: position %d of %d, cost %d", seed, step, n, len(events), p.Cost())
			}
			if !reflect.DeepEqual(p.At(), fold(events[:p.Position()])) || p.Cost() != 0 {
				t.Fatalf("seed %d, step %d: another state at %d", seed, step, p.Position())
			}
		}
	}
}

// TestMarks: what there is to look for is marked, in the order of time, within the drill.
func TestMarks(t *testing.T) {
	for name, events := range recorded(t) {
		p := New(events)
		n, last := map[MarkKind]int{}, time.Duration(0)
		for _, m := range Marks(p.End()) {
			if m.At < last || m.At > p.Length() {
				t.Fatalf("%s: a mark at %s after one at %s, in a drill of %s", name, m.At, last, p.Length())
			}
			last = m.At
			n[m.Kind]++
		}
		s := p.End()
		if n[MarkFault] != len(s.Faults) || n[MarkFailover] != len(s.Failovers)+len(s.Moves) || n[MarkRecovered] != len(s.Recoveries) || n[MarkEnded] != 1 {
			t.Fatalf("%s: marks %v", name, n)
		}
	}
}
