package feeds

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/fleetdrill/fleetdrill/drill/clean"
	"github.com/fleetdrill/fleetdrill/drill/feed/events"
)

// eventsFeed is the stream of events to a file, a pipe or standard output.
type eventsFeed struct {
	io.Writer
	file *os.File // nil of standard output
}

// openEvents opens a file to append to, or a pipe that somebody reads.
func openEvents(path string, stdout io.Writer) (feed, error) {
	if path == stdoutName {
		if stdout == nil {
			return nil, errors.New("the screen has standard output; name a file or a pipe")
		}
		return eventsFeed{Writer: stdout}, nil
	}
	flags, name := os.O_WRONLY|os.O_APPEND|os.O_CREATE, clean.Text(path)
	if info, err := os.Stat(path); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		flags = os.O_WRONLY | syscall.O_NONBLOCK // else opening waits for a reader
	}
	f, err := os.OpenFile(path, flags, 0o644)
	switch {
	case errors.Is(err, syscall.ENXIO):
		return nil, fmt.Errorf("nobody reads the pipe %s; start its reader first", name)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: its folder is not there; make it first", name)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", name, errors.Unwrap(err))
	}
	return eventsFeed{Writer: f, file: f}, nil
}

func (eventsFeed) name() string { return "--events" }

func (e eventsFeed) follow(d Drill, lost func(error)) func() {
	return events.Start(e, d.Subscribe(), func(err error) {
		lost(fmt.Errorf("not all of it was written: %w; the journal has it", err))
	}).Wait
}

// Close implements io.Closer. It ends a write that waits for a pipe's reader.
func (e eventsFeed) Close() error {
	if e.file == nil {
		return nil
	}
	return e.file.Close()
}
