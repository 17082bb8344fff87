// Package journal keeps the one record of a drill: every event, one line of JSON each, in order. A state built from a
// journal equals the one that was built while it was written.
//
// The first line's object also says what the file is: "fleetdrill" is "journal", and "version" is its format (Version).
// Readers of before took no notice of keys that they did not know, so they read such a journal, and a journal without
// them is of version 1.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"syscall"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/clean"
)

// Version is the format that a Writer writes. It goes up when a reader of the version before would take an event for
// something that it is not; new kinds and new keys do not need that.
//
// Version 2: samples carry impacts, and their latencies are of the last ten seconds; in version 1 they were of one sample.
const Version = 2

// header is the keys of the first line beside the event's.
type header struct {
	What    string `json:"fleetdrill"`
	Version int    `json:"version"`
}

// withHeader puts the header's keys before an event's.
func withHeader(event []byte) ([]byte, error) {
	keys, err := json.Marshal(header{What: "journal", Version: Version})
	if err != nil {
		return nil, err
	}
	keys[len(keys)-1] = ','
	return append(keys, event[1:]...), nil
}

// Line is an event as a journal has it, with its line end. The first event's line has the header.
func Line(e drill.Event) ([]byte, error) {
	line, err := json.Marshal(e)
	if err == nil && e.Seq == 1 {
		line, err = withHeader(line)
	}
	if err != nil {
		return nil, err
	}
	return append(cleaned(line), '\n'), nil
}

// file is what a Writer needs of a file.
type file interface {
	io.WriteCloser
	Sync() error
	Truncate(size int64) error
	Seek(offset int64, whence int) (int64, error)
}

// Writer appends events to a journal. It may be used from several goroutines. One goroutine of its own syncs faults to
// the disk; Close waits for it.
type Writer struct {
	name string // for people

	mu     sync.Mutex
	f      file
	size   int64 // bytes of whole lines
	seq    uint64
	err    error // what broke it; nothing is written after that
	closed bool

	// Faults are synced beside the drill: an fsync can take a tenth of a second,
	// which would be counted into the stages of the failover.
	sync   chan struct{}
	synced chan struct{} // closed once no sync runs any more
}

// Create makes a new journal. It refuses to write over one that is there: a
// journal is the only record of its drill. The error wraps fs.ErrExist then.
func Create(path string) (*Writer, error) {
	name := clean.Text(path)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("create journal %s: %w; move it away or name another file", name, fs.ErrExist)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("create journal %s: its folder is not there; make it first: %w", name, fs.ErrNotExist)
	case err != nil:
		return nil, fmt.Errorf("create journal %s: %w", name, at(err))
	}
	return newWriter(name, f), nil
}

func newWriter(name string, f file) *Writer {
	w := &Writer{name: name, f: f, sync: make(chan struct{}, 1), synced: make(chan struct{})}
	go w.syncFaults()
	return w
}

func (w *Writer) syncFaults() {
	defer close(w.synced)
	for range w.sync {
		if err := w.f.Sync(); err != nil {
			w.mu.Lock()
			w.fail("sync", err)
			w.mu.Unlock()
		}
	}
}

// Append writes one event as one line, at once, with one write. Events are
// numbered from 1 without gaps. After an error nothing more is written and every
// call returns that error; what the file holds until then still loads.
func (w *Writer) Append(e drill.Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.err != nil:
		return w.err
	case w.closed:
		return fmt.Errorf("append to journal %s: %w", w.name, fs.ErrClosed)
	case e.Seq != w.seq+1:
		return fmt.Errorf("append to journal %s: event %d comes after event %d", w.name, e.Seq, w.seq)
	case e.Body == nil:
		return fmt.Errorf("append to journal %s: event %d has no body", w.name, e.Seq)
	}
	line, err := Line(e)
	if err != nil {
		return fmt.Errorf("append to journal %s: %w", w.name, err)
	}
	if _, err := w.f.Write(line); err != nil {
		// Half a line may be there: take it away, so that the journal stays whole.
		if w.f.Truncate(w.size) == nil {
			_, _ = w.f.Seek(w.size, io.SeekStart)
		}
		return w.fail("write", err)
	}
	w.size += int64(len(line))
	w.seq = e.Seq
	if _, fault := e.Body.(drill.FaultProved); fault {
		select {
		case w.sync <- struct{}{}:
		default: // one is due already, and begins after this write
		}
	}
	return nil
}

func (w *Writer) fail(doing string, err error) error {
	if w.err != nil {
		return w.err
	}
	next := ""
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		next = "; make room there and run the drill again, or name a journal on another disk"
	}
	w.err = fmt.Errorf("%s journal %s after event %d: %w%s", doing, w.name, w.seq, at(err), next)
	return w.err
}

// Close syncs and closes the journal. It returns what broke the journal, if
// anything did. A second call does nothing and returns the same.
func (w *Writer) Close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		<-w.synced
		return w.err
	}
	w.closed = true
	close(w.sync)
	w.mu.Unlock()
	<-w.synced
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.f.Sync(); err != nil && w.err == nil {
		w.fail("sync", err)
	}
	if err := w.f.Close(); err != nil && w.err == nil {
		w.fail("close", err)
	}
	return w.err
}
