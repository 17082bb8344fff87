// Package events streams a drill's events to whoever reads them while it runs: JSON Lines, each the line that the journal has.
//
// A stream holds nobody up. What its reader has not taken waits in memory, and where that is too much, where the reader has gone
// or where it takes nothing at the end, the stream ends early and says why, once. The journal has everything then.
package events

import (
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/journal"
)

const (
	// Waiting is how many events wait for a reader that is slow. An event is about a kilobyte, and a drill has four to ten a
	// second, so a reader may be away for a quarter of an hour.
	Waiting = 8192
	// Grace is how long the end of a drill waits for the rest to be read.
	Grace = 5 * time.Second
)

// The reasons why a stream ended early.
var (
	errStopped = errors.New("its reader stopped reading")
	errBehind  = fmt.Errorf("its reader is more than %d events behind", Waiting)
)

// Stream writes events to one reader.
type Stream struct {
	to      io.Writer
	lost    func(error)
	lines   chan []byte
	broken  chan struct{} // closed once nothing can be written any more
	written chan struct{} // closed once no write runs any more
	fed     chan struct{} // closed once every event was taken, and lost was called if it is to be
	failure error         // why nothing can be written; to be read once broken is closed
}

// Start writes every event of the channel to w, one write a line, until the channel is closed. lost is called once where the
// stream ends early, on a goroutine of the stream.
func Start(w io.Writer, events <-chan []drill.Event, lost func(error)) *Stream {
	s := &Stream{
		to: w, lost: lost, lines: make(chan []byte, Waiting),
		broken: make(chan struct{}), written: make(chan struct{}), fed: make(chan struct{}),
	}
	go s.write()
	go s.feed(events)
	return s
}

// write is the one place that waits for the reader.
func (s *Stream) write() {
	defer close(s.written)
	for line := range s.lines {
		if _, err := s.to.Write(line); err != nil {
			s.failure = err
			if errors.Is(err, syscall.EPIPE) {
				s.failure = errors.New("its reader has gone")
			}
			close(s.broken)
			return
		}
	}
}

func (s *Stream) feed(events <-chan []drill.Event) {
	defer close(s.fed)
	failure := s.queue(events)
	close(s.lines)
	if failure == nil {
		failure = s.drain()
	}
	if failure != nil {
		s.lost(failure)
	}
	for range events { // whoever emits keeps what nobody takes
	}
}

// queue takes events until there are no more, or the stream is over.
func (s *Stream) queue(events <-chan []drill.Event) error {
	for {
		select {
		case batch, open := <-events:
			if !open {
				return nil
			}
			for _, e := range batch {
				if err := s.put(e); err != nil {
					return err
				}
			}
		case <-s.broken:
			return s.failure
		}
	}
}

func (s *Stream) put(e drill.Event) error {
	line, err := journal.Line(e)
	if err != nil {
		return err
	}
	select {
	case <-s.broken:
		return s.failure
	default:
	}
	select {
	case s.lines <- line:
		return nil
	default:
		return errBehind
	}
}

// drain waits for the reader to take the rest.
func (s *Stream) drain() error {
	late := time.NewTimer(Grace)
	defer late.Stop()
	select {
	case <-s.written:
	case <-late.C:
		return errStopped
	}
	select {
	case <-s.broken:
		return s.failure
	default:
		return nil
	}
}

// Wait returns once the channel was closed and the rest was written, or Grace later. Then lost was called, if it is to be. A write
// that never returns goes on: who owns the writer ends it.
func (s *Stream) Wait() { <-s.fed }
