package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
)

func write(t *testing.T, events []drill.Event) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	w, err := Create(path)
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
	return path
}

func TestEveryKindSurvives(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	if len(drill.Kinds()) < 29 {
		t.Fatalf("only %d kinds are known", len(drill.Kinds()))
	}
	for _, kind := range drill.Kinds() {
		t.Run(kind, func(t *testing.T) {
			for range 6 {
				want := drill.Event{Seq: 1, T: 12345, Body: filled(t, kind, r)}
				l, err := Load(write(t, []drill.Event{want}))
				if err != nil || l.Cut != nil {
					t.Fatal(err, l.Cut)
				}
				if !reflect.DeepEqual(l.Events, []drill.Event{want}) {
					t.Fatalf("wrote %+v\nread  %+v", want.Body, l.Events[0].Body)
				}
			}
		})
	}
}

func TestUnknownKindsSurvive(t *testing.T) {
	first := `{"fleetdrill":"journal","version":2,"seq":1,"at":"2026-11-22T09:30:00Z","t":5,"kind":"comet.seen","body":{"b":[1,2.50,null],"a":{"x":"y"}}}` + "\n" +
		`{"seq":2,"at":"2026-11-22T09:30:01Z","t":6,"kind":"comet.gone","body":null}` + "\n"
	l, err := Read(strings.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if l.Version != 2 || l.Skipped != 2 {
		t.Errorf("version %d, %d skipped; want 2 and both", l.Version, l.Skipped)
	}
	second, err := os.ReadFile(write(t, l.Events))
	if err != nil || string(second) != first {
		t.Errorf("%v: read and written again:\n%s\nwant\n%s", err, second, first)
	}
}

func TestReplayEqualsLive(t *testing.T) {
	for seed := range uint64(5) {
		events := story(t, rand.New(rand.NewPCG(seed, 7)))
		live := drill.NewState()
		for _, e := range events {
			live.Apply(e)
		}
		l, err := Load(write(t, events))
		if err != nil || l.Cut != nil {
			t.Fatal(err, l.Cut)
		}
		replayed := drill.NewState()
		for _, e := range l.Events {
			replayed.Apply(e)
		}
		if len(live.Failovers) == 0 || len(live.Faults) == 0 || len(live.Traffic.Points) == 0 {
			t.Fatal("the story leaves the state empty: the comparison would say nothing")
		}
		if !reflect.DeepEqual(live, replayed) {
			t.Fatalf("seed %d: the replayed state differs from the live one", seed)
		}
	}
}

// Any prefix of a journal's bytes loads, to the events whose lines are in it.
func TestAnyPrefixLoads(t *testing.T) {
	events := story(t, rand.New(rand.NewPCG(3, 4)))
	whole, err := os.ReadFile(write(t, events))
	if err != nil {
		t.Fatal(err)
	}
	// Every prefix of the first lines, then some of all: the work is a square.
	r := rand.New(rand.NewPCG(5, 6))
	lengths := []int{len(whole)}
	for n := range 3 << 10 {
		lengths = append(lengths, n)
	}
	for range 50 {
		lengths = append(lengths, r.IntN(len(whole)))
	}
	for _, n := range lengths {
		l, err := Read(bytes.NewReader(whole[:n]))
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		lines := bytes.Count(whole[:n], []byte("\n"))
		rest := n - 1 - bytes.LastIndexByte(whole[:n], '\n')
		got := len(l.Events)
		// A last event that lacks nothing but its line feed counts.
		if l.Cut == nil && got != lines && !(got == lines+1 && rest > 0) {
			t.Fatalf("%d bytes: %d events of %d whole lines", n, got, lines)
		}
		if l.Cut != nil && (got != lines || l.Cut.Line != lines+1 || l.Cut.Bytes != rest || l.Cut.Offset != int64(n-rest)) {
			t.Fatalf("%d bytes: %d events of %d lines, cut %+v", n, got, lines, *l.Cut)
		}
		if (l.Cut == nil) != (rest == 0 || got == lines+1) {
			t.Fatalf("%d bytes: cut %+v with %d bytes in the last line", n, l.Cut, rest)
		}
		if got > 0 && l.Events[got-1].Seq != uint64(got) {
			t.Fatalf("%d bytes: last event is %d of %d", n, l.Events[got-1].Seq, got)
		}
	}
}

func TestReadBroken(t *testing.T) {
	line := func(seq string) string {
		return `{"seq":` + seq + `,"at":"2026-11-22T09:30:00Z","t":5,"kind":"phase.entered","body":{"phase":"running"}}`
	}
	tests := []struct {
		name, journal string
		events        int
		want          string // of the error, "" is none
		cut           bool
	}{
		{name: "empty"},
		{name: "one", journal: line("1") + "\n", events: 1},
		{name: "no line feed at the end", journal: line("1"), events: 1},
		{name: "cut", journal: line("1") + "\n" + line("2")[:40], events: 1, cut: true},
		{name: "zeros after a power failure", journal: line("1") + "\n" + line("2")[:40] + "\x00\x00\x00", events: 1, cut: true},
		{name: "broken in the middle", journal: line("1") + "\n" + line("2")[:40] + "\n" + line("3") + "\n", events: 1,
			want: "line 2 is broken: unexpected end of JSON input; the 1 events before it are whole"},
		{name: "broken at the end, with its line feed", journal: line("1") + "\n" + line("2")[:40] + "\n", events: 1,
			want: "line 2 is broken"},
		{name: "broken at the end, not by a cut", journal: line("1") + "\nhello", events: 1, want: "line 2 is broken"},
		{name: "an empty line", journal: line("1") + "\n\n" + line("2") + "\n", events: 1, want: "line 2 is broken"},
		{name: "a gap", journal: line("1") + "\n" + line("3") + "\n", events: 1,
			want: "line 2 has event 3, want 2: lines are missing or out of order"},
		{name: "twice", journal: line("1") + "\n" + line("1") + "\n", events: 1, want: "line 2 has event 1, want 2"},
		{name: "not from the start", journal: line("2") + "\n", want: "line 1 has event 2, want 1"},
		{name: "no event", journal: "{}\n", want: "line 1 is broken: it is no event: it has no kind"},
		{name: "a body of another shape", journal: strings.Replace(line("1"), `"running"`, "7", 1) + "\n", want: "line 1 is broken: read event 1 (phase.entered)"},
		{name: "a number", journal: "12", want: "line 1 is broken"},
		{name: "something else", journal: "<html>\n", want: "line 1 is broken"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := Read(strings.NewReader(tt.journal))
			if len(l.Events) != tt.events || (l.Cut != nil) != tt.cut {
				t.Errorf("%d events, cut %v; want %d, %v", len(l.Events), l.Cut, tt.events, tt.cut)
			}
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestReadBoundsLines(t *testing.T) {
	endless := io.MultiReader(strings.NewReader(`{"seq":1,"kind":"`), neverLineFeed{})
	_, err := Read(endless)
	if err == nil || !strings.Contains(err.Error(), "line 1: longer than 16 MiB") {
		t.Errorf("got %v", err)
	}
}

type neverLineFeed struct{}

func (neverLineFeed) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestLoadNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.jsonl")
	if _, err := Load(path); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("missing: %v", err)
	}
	if err := os.WriteFile(path, []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("broken: %v", err)
	}
}

func TestCreateRefuses(t *testing.T) {
	path := write(t, nil)
	if _, err := Create(path); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), "move it away or name another") {
		t.Errorf("over another: %v", err)
	}
	if _, err := Create(filepath.Join(t.TempDir(), "no", "such", "folder.jsonl")); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "make it first") {
		t.Errorf("without a folder: %v", err)
	}
}

func event(seq uint64, b drill.Body) drill.Event { return drill.Event{Seq: seq, Body: b} }

func note(seq uint64) drill.Event { return event(seq, drill.NoteWritten{By: "me", Text: "hello"}) }

// An event can be read by others as soon as Append has returned.
func TestAppendWritesAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for seq := range uint64(5) {
		if err := w.Append(note(seq + 1)); err != nil {
			t.Fatal(err)
		}
		if l, err := Load(path); err != nil || len(l.Events) != int(seq+1) {
			t.Fatalf("after event %d: %d events, %v", seq+1, len(l.Events), err)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Append(note(2)); err == nil || !strings.Contains(err.Error(), "event 2 comes after event 0") {
		t.Errorf("a gap: %v", err)
	}
	if err := w.Append(event(1, nil)); err == nil {
		t.Error("took an event without a body")
	}
	if err := w.Append(note(1)); err != nil {
		t.Errorf("refused the right one after that: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	if err := w.Append(note(2)); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("after close: %v", err)
	}
}

func TestFullDisk(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /dev/full, which only Linux has; TestHalfALine covers the rest")
	}
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("needs /dev/full: %v", err)
	}
	w := newWriter("/mnt/drills/j.jsonl", f)
	err = w.Append(note(1))
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{"/mnt/drills/j.jsonl", "after event 0", "make room there"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if again := w.Append(note(1)); again != err {
		t.Errorf("second append: %v", again)
	}
	if closed := w.Close(); !errors.Is(closed, syscall.ENOSPC) {
		t.Errorf("close: %v", closed)
	}
}

// small is a file on a disk with room for some bytes only.
type small struct {
	*os.File
	room int

	mu    sync.Mutex
	syncs int
}

func (s *small) Write(p []byte) (int, error) {
	if len(p) > s.room {
		n, _ := s.File.Write(p[:s.room])
		return n, syscall.ENOSPC
	}
	s.room -= len(p)
	return s.File.Write(p)
}

func (s *small) Sync() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.syncs++
	return s.File.Sync()
}

// What was written before the disk was full loads, whole, and half a line is
// taken away again.
func TestHalfALine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	line, _ := json.Marshal(note(1))
	line, _ = withHeader(line)
	w := newWriter(path, &small{File: f, room: len(line) + 1 + 20})
	if err := w.Append(note(1)); err != nil {
		t.Fatal(err)
	}
	if err := w.Append(note(2)); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "after event 1") {
		t.Fatalf("got %v", err)
	}
	if err := w.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("close hides what broke the journal: %v", err)
	}
	l, err := Load(path)
	if err != nil || l.Cut != nil || len(l.Events) != 1 {
		t.Errorf("%d events, cut %v, %v", len(l.Events), l.Cut, err)
	}
}

func TestSyncsOnFaultsAndClose(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "j"))
	if err != nil {
		t.Fatal(err)
	}
	s := &small{File: f, room: 1 << 20}
	w := newWriter("j", s)
	for seq := range uint64(10) {
		if err := w.Append(note(seq + 1)); err != nil {
			t.Fatal(err)
		}
	}
	s.mu.Lock()
	if s.syncs != 0 {
		t.Errorf("%d syncs without a fault", s.syncs)
	}
	s.mu.Unlock()
	if err := w.Append(event(11, drill.FaultProved{ID: 1, Fault: drill.FaultKill, Region: "east"})); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if s.syncs != 2 {
		t.Errorf("%d syncs after a fault and a close, want 2", s.syncs)
	}
}

func TestAppendFromSeveralGoroutines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	seq := uint64(0)
	for range 8 {
		all.Go(func() {
			for range 50 {
				mu.Lock()
				seq++
				err := w.Append(event(seq, drill.FaultProved{ID: int(seq)}))
				mu.Unlock()
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if l, err := Load(path); err != nil || len(l.Events) != 400 {
		t.Errorf("%d events, %v", len(l.Events), err)
	}
}
