//go:build unix

package link

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// socket is one side of a connection. Its reads and writes go to the kernel one call at a time, so that memory is held
// only while there are bytes, and the gate only while a call lasts.
type socket struct {
	tcp   *net.TCPConn
	raw   syscall.RawConn
	close sync.Once
}

func newSocket(tcp *net.TCPConn) (*socket, error) {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("raw access to %s: %w", tcp.RemoteAddr(), err)
	}
	return &socket{tcp: tcp, raw: raw}, nil
}

// reset ends the connection with RST: what the far side has not read yet may be lost, as with a host that is gone.
func (s *socket) reset() {
	s.close.Do(func() {
		_ = s.tcp.SetLinger(0)
		_ = s.tcp.Close()
	})
}

// finish ends a connection that has said all in both directions.
func (s *socket) finish() { s.close.Do(func() { _ = s.tcp.Close() }) }

// interrupt makes a write that waits for the far side, and later ones, fail with os.ErrDeadlineExceeded until resume.
func (s *socket) interrupt() { _ = s.tcp.SetWriteDeadline(time.Unix(1, 0)) }
func (s *socket) resume()    { _ = s.tcp.SetWriteDeadline(time.Time{}) }

// gone says whether the far side has ended its sending, even if bytes before that end have not been read.
func (s *socket) gone() bool {
	ended := false
	if err := s.raw.Control(func(fd uintptr) { ended = hungUp(int(fd)) }); err != nil {
		return true
	}
	return ended
}

// awaitGone returns nil when the far side has ended its sending, and os.ErrDeadlineExceeded after wakeGone.
// Nothing is read.
func (s *socket) awaitGone() error {
	return s.raw.Read(func(fd uintptr) bool { return hungUp(int(fd)) })
}

// wakeGone ends awaitGone, now or when it is called next; afterGone must follow before anything is read.
func (s *socket) wakeGone()  { _ = s.tcp.SetReadDeadline(time.Unix(1, 0)) }
func (s *socket) afterGone() { _ = s.tcp.SetReadDeadline(time.Time{}) }

// source reads from a socket into room that is asked for once there is something to read.
type source struct {
	room func() []byte
	back func() // the room was not needed

	n   int
	err error
	f   func(fd uintptr) bool
}

func newSource(room func() []byte, back func()) *source {
	s := &source{room: room, back: back}
	s.f = s.try
	return s
}

func (s *source) try(fd uintptr) bool {
	buf := s.room()
	for {
		s.n, s.err = unix.Read(int(fd), buf)
		if s.err != unix.EINTR {
			break
		}
	}
	if s.err == unix.EAGAIN {
		s.back()
		return false
	}
	return true
}

// read waits for bytes and returns how many lie in the room last asked for. io.EOF is an end in order, any other error is
// a connection that is gone; with an error the room has been given back.
func (s *source) read(from *socket) (int, error) {
	s.n, s.err = 0, nil
	err := from.raw.Read(s.f)
	switch {
	case err != nil:
		return 0, err
	case s.err != nil:
		s.back()
		return 0, s.err
	case s.n == 0:
		s.back()
		return 0, io.EOF
	}
	return s.n, nil
}

var (
	errShut = errors.New("link is cut in this direction")
	errFull = errors.New("far side takes no more now")
)

// sink writes to a socket through a gate of a direction.
type sink struct {
	direction *direction
	counter   *atomic.Uint64 // what passed by this relay, counted as the direction counts
	buf       []byte
	hold      bool // return errFull rather than wait
	n         int
	err       error
	f         func(fd uintptr) bool
}

func newSink(d *direction, counter *atomic.Uint64) *sink {
	s := &sink{direction: d, counter: counter}
	s.f = s.try
	return s
}

func (s *sink) try(fd uintptr) bool {
	for s.n < len(s.buf) {
		var n int
		passed := s.direction.pass(func() {
			n, s.err = unix.Write(int(fd), s.buf[s.n:])
			if n > 0 {
				s.direction.bytes.Add(uint64(n))
				s.counter.Add(uint64(n))
			}
		})
		switch {
		case !passed:
			s.err = errShut
			return true
		case s.err == unix.EINTR:
		case s.err == unix.EAGAIN:
			if s.hold {
				s.err = errFull
			}
			return s.hold
		case s.err != nil:
			return true
		default:
			s.n += n
		}
	}
	s.err = nil
	return true
}

// write writes all of buf, unless the direction is cut meanwhile (errShut), it would have to wait though hold is set
// (errFull), the socket is interrupted (os.ErrDeadlineExceeded), or the far side is gone (any other error).
// n bytes have passed in each case.
func (s *sink) write(to *socket, buf []byte, hold bool) (n int, err error) {
	s.buf, s.hold, s.n, s.err = buf, hold, 0, nil
	if err := to.raw.Write(s.f); err != nil {
		s.err = err
	}
	s.buf = nil
	return s.n, s.err
}

func interrupted(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
