package feeds

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/bus"
)

// nowhere is a journal that keeps nothing.
type nowhere struct{}

func (nowhere) Append(drill.Event) error { return nil }

// running is a drill whose events a test makes.
type running struct{ *bus.Bus }

func newRunning() running { return running{bus.New(time.Now, nowhere{}, nil)} }

func (r running) Subscribe() <-chan []drill.Event { return r.Bus.Subscribe(context.Background()) }

// note is a whole drill of one event.
func (r running) note(f *Feeds) {
	wait := f.Follow(r)
	r.Emit(drill.NoteWritten{By: "me", Text: "hello"})
	r.Close()
	wait()
}

func never(t *testing.T) func(string) {
	return func(text string) { t.Errorf("told %q", text) }
}

// Several drills of one screen go to the file one after the other, after what it had.
func TestEventsAreAppendedToAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	if err := os.WriteFile(path, []byte("before\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &Feeds{Events: path}
	if err := f.Open(nil, "v1", never(t)); err != nil {
		t.Fatal(err)
	}
	newRunning().note(f)
	newRunning().note(f)
	f.Close()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(got)), "\n")
	if len(lines) != 3 || lines[0] != "before" || !strings.Contains(lines[2], `"kind":"note.written"`) {
		t.Errorf("the file has %q", lines)
	}
}

func TestEventsToStandardOutput(t *testing.T) {
	var out bytes.Buffer
	f := &Feeds{Events: "-"}
	if err := f.Open(&out, "v1", never(t)); err != nil || !f.Piped() {
		t.Fatal(err, f.Piped())
	}
	newRunning().note(f)
	f.Close()
	if !strings.HasPrefix(out.String(), `{"fleetdrill":"journal"`) {
		t.Errorf("standard output has %q", out.String())
	}
}

func TestEventsThatCannotBeOpened(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"-":                           "--events: the screen has standard output; name a file or a pipe",
		dir:                           "--events: open " + dir + ": is a directory",
		filepath.Join(dir, "no", "f"): "its folder is not there; make it first",
		pipe:                          "nobody reads the pipe " + pipe + "; start its reader first",
	} {
		f := &Feeds{Events: path}
		if err := f.Open(nil, "v1", never(t)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", path, err, want)
		}
	}
}

// A pipe whose reader goes away is said once, and the drill is not held up.
func TestAPipeThatBreaks(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var told []string
	f := &Feeds{Events: pipe}
	if err := f.Open(nil, "v1", func(text string) { mu.Lock(); told = append(told, text); mu.Unlock() }); err != nil {
		t.Fatal(err)
	}
	r := newRunning()
	wait := f.Follow(r)
	r.Emit(drill.NoteWritten{Text: "first"})
	if line, err := bufio.NewReader(reader).ReadString('\n'); err != nil || !strings.Contains(line, "first") {
		t.Fatalf("read %q, %v", line, err)
	}
	reader.Close()
	for range 100 {
		r.Emit(drill.NoteWritten{Text: "more"})
	}
	r.Close()
	wait()
	f.Close()
	if len(told) != 1 || told[0] != "--events: not all of it was written: its reader has gone; the journal has it" {
		t.Errorf("told %q", told)
	}
}

// Nobody to feed costs nothing, and is no error.
func TestNobodyToFeed(t *testing.T) {
	var f Feeds
	newRunning().note(&f)
	f.Close()
}

// The secrets of the environment reach the webhook, and no process that is started later.
func TestSecretsComeFromTheEnvironment(t *testing.T) {
	got := make(chan http.Header, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r.Header }))
	defer server.Close()
	t.Setenv(webhookAddress, server.URL)
	t.Setenv(webhookToken, "s3cret")
	var f Feeds
	if err := f.Open(nil, "v1", never(t)); err != nil {
		t.Fatal(err)
	}
	r := newRunning()
	wait := f.Follow(r)
	r.Emit(drill.DrillEnded{Verdict: drill.Passed})
	r.Close()
	wait()
	if h := <-got; h.Get("Authorization") != "Bearer s3cret" {
		t.Errorf("the webhook got %v", h)
	}
	if env := strings.Join(os.Environ(), "\n"); strings.Contains(env, "s3cret") || strings.Contains(env, server.URL) {
		t.Error("a process that is started now has them")
	}
}

func TestAnAddressThatIsNone(t *testing.T) {
	f := Feeds{Webhook: "sekrit.example/hook"}
	if err := f.Open(nil, "v1", never(t)); err == nil || !strings.HasPrefix(err.Error(), "--webhook: that is no web address") || strings.Contains(err.Error(), "sekrit") {
		t.Errorf("%v", err)
	}
}

// Metrics are of the drill that runs, and a port that is taken is said before anything starts.
func TestMetricsFollowTheDrill(t *testing.T) {
	f := Feeds{Metrics: "0"}
	if err := f.Open(nil, "v1", never(t)); err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	at := f.open[0].(metricsFeed).Address()
	first, second := newRunning(), newRunning()
	first.Emit(drill.DrillEnded{Verdict: drill.Failed})
	second.Emit(drill.DrillEnded{Verdict: drill.Passed})
	f.Follow(first)()
	f.Follow(second)()
	answer, err := http.Get("http://" + at + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil || !strings.Contains(string(page), `fleetdrill_verdict{verdict="passed"} 1`) || strings.Contains(string(page), "failed\"") {
		t.Errorf("%s, %v", page, err)
	}
	taken := Feeds{Metrics: at}
	if err := taken.Open(nil, "v1", never(t)); err == nil || err.Error() != "--metrics: "+at+" is taken; name another port" {
		t.Errorf("%v", err)
	}
}
