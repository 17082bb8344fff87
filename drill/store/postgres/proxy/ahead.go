package proxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

// Each question to a far server is a round trip, and a standby asks one after the other:
// it connects, logs in, asks who that is, and only then for what it lacks. What it will
// ask is known, so it is asked ahead, while histories are compared.

// stream is a connection to the authority's server on which a standby has logged in and
// asked who that is, before it did.
type stream struct {
	ready chan struct{} // closed once the rest is there

	conn            net.Conn
	login, identity []byte // what the server answered
	err             error
}

// identify is what a standby asks first.
const identify = "IDENTIFY_SYSTEM"

// Prepare opens the stream that the region's server is going to ask for. Nothing passes to
// that before Pass. What is not answered within the limit is given up, and the server asks
// for itself: it has no limit of its own before its stream has begun.
func (p *Proxy) Prepare(term *replica.Following, region string, within time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.upstream
	if u == nil || u.term != term || u.ctx.Err() != nil {
		return
	}
	u.discard()
	ctx, drop := context.WithCancel(u.ctx)
	next := &stream{ready: make(chan struct{})}
	u.next, u.drop = next, drop
	p.tasks.Go(func() {
		defer close(next.ready)
		if next.err = next.ask(ctx, region, within, func(ctx context.Context, first []byte) (net.Conn, error) {
			conn, err := u.dial(ctx, first)
			if err != nil {
				return nil, err
			}
			return p.Count(conn), nil
		}); next.err != nil {
			p.logger.Debug("stream not opened ahead", "authority", u.term.Authority, "error", next.err)
		}
	})
}

// ask opens the stream, within a limit. It is closed when ctx ends.
func (s *stream) ask(ctx context.Context, region string, within time.Duration, dial server.Opener) error {
	first, err := server.Startup("replication", map[string]string{"replication": "true", "application_name": region})
	if err == nil {
		first, err = (&pgproto3.Query{String: identify}).Encode(first)
	}
	if err != nil {
		return err
	}
	asking, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if s.conn, err = dial(asking, first); err != nil {
		return err
	}
	conn := s.conn
	context.AfterFunc(ctx, func() { _ = conn.Close() })
	asked := context.AfterFunc(asking, func() { _ = conn.Close() })
	if s.login, err = server.UntilReady(conn); err == nil {
		s.identity, err = server.UntilReady(conn)
	}
	if !asked() && err == nil {
		err = context.Cause(asking) // it is being closed
	}
	if err != nil {
		_ = conn.Close()
	}
	return err
}

// answer says to a server that has just connected what it is about to ask. An error where it
// asks something else.
func (s *stream) answer(local net.Conn) error {
	if _, err := local.Write(s.login); err != nil {
		return err
	}
	asked, err := server.ReadMessage(local)
	if err != nil {
		return err
	}
	if want := append([]byte(identify), 0); asked[0] != 'Q' || !bytes.Equal(asked[5:], want) {
		return fmt.Errorf("the server asks %q first, and not %q", asked[5:], want)
	}
	_, err = local.Write(s.identity)
	return err
}

// Eager is a driver's connection on which the login costs no round trip: it is answered here,
// and sent with the first question.
type Eager struct {
	net.Conn
	err chan error
}

// Err is why nothing was answered, nil where something was.
func (e *Eager) Err() error {
	select {
	case err := <-e.err:
		return err
	default:
		return nil
	}
}

// ErrOnce refuses a driver's second connection. It dials one beside the first to have a question cancelled that it gave
// up; such a request has no login that could be answered ahead, and the first ends with its context anyway.
var ErrOnce = errors.New("a question over this connection can't be cancelled, only given up")

// EagerOnce is a dialer of one Eager, and that one once it was dialed.
func (p *Proxy) EagerOnce(ctx context.Context, within time.Duration, dial server.Opener) (once func(context.Context) (net.Conn, error), dialed func() *Eager) {
	var first atomic.Pointer[Eager]
	var taken atomic.Bool
	return func(context.Context) (net.Conn, error) {
		if taken.Swap(true) {
			return nil, ErrOnce
		}
		e := p.Eager(ctx, within, dial)
		first.Store(e)
		return e, nil
	}, first.Load
}

// Eager opens a connection of a driver of our own, which ends with ctx. Its login may take
// within.
func (p *Proxy) Eager(ctx context.Context, within time.Duration, dial server.Opener) *Eager {
	near, far := net.Pipe()
	e := &Eager{near, make(chan error, 1)}
	p.tasks.Go(func() {
		defer far.Close()
		if err := p.speak(ctx, far, within, dial); err != nil {
			e.err <- err
		}
	})
	return e
}

// speak carries a driver's connection. An error is from before it was answered.
func (p *Proxy) speak(ctx context.Context, far net.Conn, within time.Duration, dial server.Opener) error {
	ended := context.AfterFunc(ctx, func() { _ = far.Close() })
	defer ended()
	first, err := server.ReadStartup(far)
	if err != nil {
		return err
	}
	welcome, err := server.Welcome(0, make([]byte, 4), nil)
	if err == nil {
		_, err = far.Write(welcome)
	}
	if err != nil {
		return err
	}
	question := make([]byte, mostQuestion)
	n, err := far.Read(question)
	if err != nil {
		return err
	}
	logging, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	remote, err := dial(logging, append(first, question[:n]...))
	if err != nil {
		return err
	}
	closed := context.AfterFunc(logging, func() { _ = remote.Close() })
	_, err = server.UntilReady(p.Count(remote)) // which the driver has been told already
	closed()
	if err != nil {
		_ = remote.Close()
		return err
	}
	Join(ctx, far, p.Count(remote))
	return nil
}

// mostQuestion is how much of a driver's first question travels with the request for the
// connection, in bytes; a header of HTTP holds it.
const mostQuestion = 1 << 14
