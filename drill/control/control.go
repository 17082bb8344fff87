// Package control lets another process of the same person reach the drill that runs: a Unix
// socket in the fleet's own folder, on which one line of JSON is asked and one is answered.
//
// Nobody but the folder's owner can connect: the folder is 0700 and the socket 0600. No page in
// a browser can, since it speaks to no Unix socket. What is asked goes through the drill's own
// command queue, by the same rules as a key; what would be asked about first on the screen is
// not taken here, where nobody sees the question.
package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// Request is one question. One of its fields is set.
type Request struct {
	Command *runbook.Command `json:"command,omitempty"`
	Read    *Read            `json:"read,omitempty"`
	// Visitors asks where people can ask as users.
	Visitors bool `json:"visitors,omitempty"`
	// Preflight asks how ready each region is to lead each dataset.
	Preflight bool `json:"preflight,omitempty"`
}

// Read asks for a write of a dataset by its id; "" is the last one: of a person's own words
// where there is one, else the last that was confirmed.
type Read struct {
	Dataset string `json:"dataset"`
	ID      string `json:"id,omitempty"`
}

// Answer is what came of it. Error is why it was refused or went wrong, and Next what to do.
type Answer struct {
	Error string `json:"error,omitempty"`
	Next  string `json:"next,omitempty"`
	// Command is the number that the command got, and Proof what proved it.
	Command int         `json:"command,omitempty"`
	Proof   string      `json:"proof,omitempty"`
	Write   *fate.Write `json:"write,omitempty"` // of a person's own words
	Entry   *Entry      `json:"entry,omitempty"`
	// VisitorURL is where people can ask as users; "" where they can't.
	VisitorURL string `json:"visitor_url,omitempty"`
	// Targets is every region as the next one to lead each dataset, in the fleet's order.
	Targets []preflight.Target `json:"targets,omitempty"`
}

// Entry is a write as the replicas have it.
type Entry struct {
	Dataset   string    `json:"dataset"`
	ID        string    `json:"id"`
	Authority string    `json:"authority"` // "" while there is none
	Epoch     uint64    `json:"epoch"`
	Replicas  []Replica `json:"replicas"`
}

// Replica is what one region's replica answered.
type Replica struct {
	Region   string `json:"region"`
	Answered bool   `json:"answered"`
	Held     bool   `json:"held"`
	Index    uint64 `json:"index,omitempty"`
	Epoch    uint64 `json:"epoch,omitempty"` // that it was written in
	Payload  []byte `json:"payload,omitempty"`
}

// Desk is who answers: the drill that runs.
type Desk interface {
	Do(ctx context.Context, c runbook.Command) Answer
	Read(ctx context.Context, r Read) Answer
	Visitors() Answer
	Preflight() Answer
}

const (
	// askWithin is how long one who connects may take to ask: a line is sent at once.
	askWithin = 5 * time.Second
	// answerWithin is how long an answer may take: a user's longest timeout that a fleet file
	// has, and what a busy machine adds.
	answerWithin = time.Minute
	// mostLine is the longest question, in bytes: a command has some hundred.
	mostLine = 64 << 10
	// leastPause is how long nobody is accepted after that failed once, as net/http does.
	leastPause = 5 * time.Millisecond
	// mostPause is how long nobody is accepted where it fails again and again, as net/http does.
	mostPause = time.Second
)

// Serve answers until ctx ends, and closes the listener. It returns once every answer was given.
func Serve(ctx context.Context, l net.Listener, d Desk) error {
	var all sync.WaitGroup
	defer all.Wait()
	defer context.AfterFunc(ctx, func() { _ = l.Close() })()
	defer func() { _ = l.Close() }()
	pause := leastPause
	for {
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			if !passes(err) {
				return fmt.Errorf("take commands from other shells: %w", err)
			}
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return nil
			}
			pause = min(2*pause, mostPause)
			continue
		}
		pause = leastPause
		all.Go(func() {
			defer func() { _ = conn.Close() }()
			defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })()
			serve(ctx, conn, d)
		})
	}
}

// passes reports whether accepting can succeed later: files or memory are short now, or who
// connected has gone.
func passes(err error) bool {
	for _, e := range []error{syscall.EMFILE, syscall.ENFILE, syscall.ENOBUFS, syscall.ENOMEM, syscall.ECONNABORTED, syscall.ECONNRESET, syscall.EINTR} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func serve(ctx context.Context, conn net.Conn, d Desk) {
	_ = conn.SetReadDeadline(time.Now().Add(askWithin))
	var r Request
	err := decode(conn, &r)
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	a := Answer{Error: "the question is none: ask for a command or for a write", Next: "use the same build of fleetdrill on both sides"}
	switch {
	case errors.Is(err, errTooLong):
		a.Error, a.Next = err.Error(), "ask for something shorter"
	case err != nil:
		a.Error = err.Error()
	case r.Command != nil:
		a = d.Do(ctx, *r.Command)
	case r.Read != nil:
		a = d.Read(ctx, *r.Read)
	case r.Visitors:
		a = d.Visitors()
	case r.Preflight:
		a = d.Preflight()
	}
	_ = conn.SetWriteDeadline(time.Now().Add(askWithin))
	_ = json.NewEncoder(conn).Encode(a) // who asked may have gone
}

var errTooLong = fmt.Errorf("what is asked has more than %d bytes", mostLine)

func decode(r io.Reader, into any) error {
	line, err := bufio.NewReader(io.LimitReader(r, mostLine)).ReadBytes('\n')
	switch {
	case err != nil && len(line) == mostLine:
		return errTooLong
	case err != nil:
		return fmt.Errorf("read a line: %w", err)
	}
	return json.Unmarshal(line, into)
}

// Ask asks the drill that listens in a fleet's folder. ErrNobody where none does.
func Ask(ctx context.Context, dir string, r Request) (Answer, error) {
	line, err := json.Marshal(r)
	if err == nil && len(line) >= mostLine {
		err = errTooLong
	}
	if err != nil {
		return Answer{}, err
	}
	conn, err := dial(ctx, dir)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	if _, err := conn.Write(append(line, '\n')); err != nil {
		return Answer{}, fmt.Errorf("ask the drill: %w", err)
	}
	var a Answer
	if err := json.NewDecoder(conn).Decode(&a); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return Answer{}, fmt.Errorf("no answer was waited for: %w", cause)
		}
		return Answer{}, fmt.Errorf("the drill ended before it answered: %w", err)
	}
	return a, nil
}
