package tracer

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/bus"
	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// world is three replicas of orders, and who leads.
type world struct {
	mu    sync.Mutex
	holds map[string]string // region → payload of w
	mute  map[string]bool   // regions that hang
	lead  string
	epoch uint64
	asked int
}

func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

type at struct {
	w      *world
	region string
}

func (r at) Lookup(ctx context.Context, dataset, id string, _ bool) (wire.Found, error) {
	r.w.mu.Lock()
	r.w.asked++
	mute, payload := r.w.mute[r.region], r.w.holds[r.region]
	r.w.mu.Unlock()
	if mute {
		<-ctx.Done()
		return wire.Found{}, ctx.Err()
	}
	if dataset != "orders" || id != "w" {
		return wire.Found{}, errors.New("nobody asked for that")
	}
	return wire.Found{Found: payload != "", Region: r.region, Entry: store.Entry{ID: id, Payload: []byte(payload)}}, nil
}

type noJournal struct{}

func (noJournal) Append(drill.Event) error { return nil }

// followed runs a tracer beside a script, after the write w was sent to a and confirmed by it.
func followed(t *testing.T, script func(*world, *bus.Bus)) []drill.WriteTraced {
	t.Helper()
	var traced []drill.WriteTraced
	synctest.Test(t, func(t *testing.T) {
		b := bus.New(time.Now, noJournal{}, nil)
		events := b.Subscribe(t.Context())
		spec := topology.Fleet{Name: "f", Regions: []topology.Region{{Name: "a"}, {Name: "b"}, {Name: "c"}},
			Datasets: []topology.Dataset{{Name: "orders", Regions: []string{"a", "b", "c"}}}}
		w := &world{holds: map[string]string{"a": "hello"}, mute: map[string]bool{}, lead: "a", epoch: 1}
		tracer := New(Config{Fleet: spec, Clock: b.Clock(), Bus: b,
			Replica: func(region string) Replica { return at{w, region} },
			Leader: func(string) (string, uint64) {
				w.mu.Lock()
				defer w.mu.Unlock()
				return w.lead, w.epoch
			}})
		b.Emit(drill.DrillStarted{Fleet: spec})
		b.Emit(drill.WriteSent{ID: "w", Dataset: "orders", Region: "a", Text: "hello"})
		b.Emit(drill.WriteEnded{ID: "w", Dataset: "orders", By: "a", Epoch: 1})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { tracer.Run(ctx); close(done) }()
		script(w, b)
		cancel()
		<-done
		b.Close()
		for batch := range events {
			for _, e := range batch {
				if body, is := e.Body.(drill.WriteTraced); is {
					traced = append(traced, body)
				}
			}
		}
	})
	return traced
}

func answers(b drill.WriteTraced) string {
	text := b.Authority + " "
	for _, c := range b.Copies {
		switch {
		case !c.Answered:
			text += "?"
		case c.Altered:
			text += "!"
		case c.Held:
			text += "+"
		default:
			text += "-"
		}
	}
	return text
}

// A write is told of once for each answer that is another one, by contents and not by its id alone,
// and a region that hangs holds up nobody else.
func TestAnAnswerIsToldOnce(t *testing.T) {
	got := followed(t, func(w *world, _ *bus.Bus) {
		step := func(change func()) {
			time.Sleep(3 * time.Second)
			w.set(change)
		}
		step(func() { w.holds["b"] = "hello" })
		step(func() { w.holds["c"] = "hell0" })
		step(func() { w.mute["a"] = true })
		step(func() { w.lead, w.epoch = "b", 2 })
		step(func() { delete(w.holds, "b") })
		time.Sleep(3 * time.Second)
	})
	var list []string
	for _, b := range got {
		list = append(list, answers(b))
	}
	if want := []string{"a +--", "a ++-", "a ++!", "a ?+!", "b ?+!", "b ?-!"}; !slices.Equal(list, want) {
		t.Errorf("told %v, want %v", list, want)
	}
}

// What every replica holds is asked for less often, and at once when somebody else leads.
func TestASettledWriteCostsLittle(t *testing.T) {
	quiet, moved := 0, 0
	followed(t, func(w *world, _ *bus.Bus) {
		w.set(func() { w.holds["b"], w.holds["c"] = "hello", "hello" })
		time.Sleep(time.Second)
		w.set(func() { w.asked = 0 })
		time.Sleep(20 * time.Second)
		w.set(func() { quiet, w.asked, w.lead, w.epoch = w.asked, 0, "b", 2 })
		time.Sleep(Every + time.Millisecond)
		w.set(func() { moved = w.asked })
	})
	if quiet < 3*8 || quiet > 3*11 {
		t.Errorf("asked %d times in 20 s, want about ten of each of three replicas", quiet)
	}
	if moved != 3 {
		t.Errorf("asked %d times within %s of a move", moved, Every)
	}
}

// What a replica cut is read from the file that came of it.
func TestACutWriteIsFoundInItsFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "epoch-1-from-1-to-2.jsonl")
	var lines []byte
	for _, id := range []string{"v", "w"} {
		line, _ := json.Marshal(store.Entry{ID: id})
		lines = append(append(lines, line...), '\n')
	}
	if err := os.WriteFile(file, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, exported := range []string{file, dir, filepath.Join(dir, "gone")} {
		got := followed(t, func(w *world, b *bus.Bus) {
			w.set(func() { w.lead, w.epoch = "b", 2 })
			time.Sleep(time.Second)
			w.set(func() { delete(w.holds, "a") })
			b.Emit(drill.RejoinStarted{Dataset: "orders", Region: "a", Authority: "b"})
			b.Emit(drill.RejoinDone{Dataset: "orders", Region: "a", Diverged: 2, Exported: exported})
			time.Sleep(time.Second)
		})
		last, want := got[len(got)-1], file
		if exported == filepath.Join(dir, "gone") {
			want = ""
		}
		if last.Exported != want || answers(last) != "b ---" {
			t.Errorf("of %s: %+v", exported, last)
		}
	}
}

// A file that could not be read is read again, until it can be.
func TestAFileThatCouldNotBeReadIsReadAgain(t *testing.T) {
	file := filepath.Join(t.TempDir(), "epoch-1-from-1-to-1.jsonl")
	line, _ := json.Marshal(store.Entry{ID: "w"})
	put := func(text []byte) {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Error(err)
		}
	}
	put(line[:len(line)/2])
	got := followed(t, func(w *world, b *bus.Bus) {
		w.set(func() { w.lead, w.epoch = "b", 2 })
		time.Sleep(time.Second)
		w.set(func() { delete(w.holds, "a") })
		b.Emit(drill.RejoinStarted{Dataset: "orders", Region: "a", Authority: "b"})
		b.Emit(drill.RejoinDone{Dataset: "orders", Region: "a", Diverged: 1, Exported: file})
		time.Sleep(time.Second)
		put(line)
		time.Sleep(2*Every + Every/2) // not at the moment of a round
	})
	if last := got[len(got)-1]; last.Exported != file {
		t.Errorf("never found in the file: %+v", last)
	}
}

// At the end every write is looked for, however old.
func TestTheLastLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bus.New(time.Now, noJournal{}, nil)
		spec := topology.Fleet{Regions: []topology.Region{{Name: "a"}}, Datasets: []topology.Dataset{{Name: "orders", Regions: []string{"a"}}}}
		w := &world{holds: map[string]string{"a": "hello"}, mute: map[string]bool{}}
		tracer := New(Config{Fleet: spec, Clock: b.Clock(), Bus: b, Replica: func(region string) Replica { return at{w, region} },
			Leader: func(string) (string, uint64) { return "a", 1 }})
		b.Emit(drill.DrillStarted{Fleet: spec})
		send := func(id string) {
			b.Emit(drill.WriteSent{ID: id, Dataset: "orders", Region: "a", Text: "hello"})
			b.Emit(drill.WriteEnded{ID: id, Dataset: "orders", By: "a"})
		}
		send("w")
		for range mostFollowed {
			send("other")
		}
		became := func() (f fate.Fate) {
			b.View(func(s *drill.State) { f = s.OwnWrite("orders", "w").Fate() })
			return f
		}
		tracer.round(t.Context(), false)
		if got := became(); got != fate.Confirmed {
			t.Errorf("an old write was looked for all the time: %s", got)
		}
		tracer.Look(t.Context())
		if got := became(); got != fate.Alone {
			t.Errorf("at the end it is %s", got)
		}
	})
}
