package proxy

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

// site is a proxy in one region, and what it may lead to.
type site struct {
	t      *testing.T
	at     server.Folders
	proxy  *Proxy
	leader *replica.Leadership
	epoch  uint64
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, at: server.Folders{Dir: t.TempDir()}}
	var err error
	if s.proxy, err = Listen(s.at, func(context.Context) uint64 { return 0 }, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	s.leader = replica.New(replica.Config{Dataset: "orders", Region: "b", Clock: func() time.Duration { return 0 }}, replica.Epochs{})
	t.Cleanup(func() {
		s.leader.Close()
		if err := s.proxy.End(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// follow begins to follow an authority that sends back what it gets.
func (s *site) follow() (term *replica.Following) {
	s.t.Helper()
	s.epoch++
	if err := s.leader.Follow(s.t.Context(), "a", s.epoch, func(c *replica.Change) error { term = c.Done(); return nil }); err != nil {
		s.t.Fatal(err)
	}
	s.proxy.Open(term, func(ctx context.Context, first []byte) (net.Conn, error) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		near, far := net.Pipe()
		go func() { _, _ = far.Write(first); _, _ = io.Copy(far, far); _ = far.Close() }()
		return near, nil
	})
	return term
}

func (s *site) dial(socket string) net.Conn {
	s.t.Helper()
	conn, err := net.Dial("unix", server.Address(s.at.Socket(socket)))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	return conn
}

// passes says whether what is sent comes back: as from a client that has just connected.
func passes(conn net.Conn) bool {
	b := hello()
	if _, err := conn.Write(b); err != nil {
		return false
	}
	_, err := io.ReadFull(conn, b)
	return err == nil
}

func hello() []byte {
	b, err := server.Startup("postgres", map[string]string{"application_name": "test"})
	if err != nil {
		panic(err) // it has no long names
	}
	return b
}

// over waits until a connection has ended.
func (s *site) over(what string, conn net.Conn) {
	s.t.Helper()
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
		s.t.Errorf("%s goes on: %v", what, err)
	}
}

// waits waits until so many of the server's connections wait at the proxy.
func (s *site) waits(n int) {
	s.t.Helper()
	for limit := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		s.proxy.mu.Lock()
		u := s.proxy.upstream
		waiting := u != nil && u.hold != nil && u.hold.waiting == n
		s.proxy.mu.Unlock()
		if waiting {
			return
		}
		if time.Now().After(limit) {
			s.t.Fatalf("never %d connections waited", n)
		}
	}
}

// A server that has to look for new timelines is sent away once, then passes: the one that
// waits, or else the next that comes.
func TestAServerThatLooksForTimelines(t *testing.T) {
	s := newSite(t)
	for _, waits := range []bool{true, false} {
		term := s.follow()
		first := s.dial(server.ProxyServer)
		if waits {
			if _, err := first.Write(hello()); err != nil {
				t.Fatal(err)
			}
			s.waits(1)
		}
		s.proxy.Pass(term, Learned{Anew: true})
		if !waits {
			_, _ = first.Write(hello()) // it may be closed already
		}
		s.over("who was to be sent away", first)
		if !passes(s.dial(server.ProxyServer)) {
			t.Error("who came again does not pass")
		}
	}
}

// One that waits and leaves is forgotten: it is not let through, nor sent away in place of
// another.
func TestAServerThatLeaves(t *testing.T) {
	s := newSite(t)
	term := s.follow()
	gone := s.dial(server.ProxyServer)
	if _, err := gone.Write(hello()); err != nil {
		t.Fatal(err)
	}
	s.waits(1)
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	s.waits(0)
	s.proxy.Pass(term, Learned{})
	if got := s.proxy.Copied(); got != 0 {
		t.Errorf("%d bytes came in for who has left", got)
	}
}

// The server passes once it is let through, the tools always, nobody while nobody is
// followed.
func TestWhoPasses(t *testing.T) {
	s := newSite(t)
	for _, socket := range []string{server.ProxyServer, server.ProxyTools} {
		if passes(s.dial(socket)) {
			t.Errorf("%s passes, and nobody is followed", socket)
		}
	}
	term := s.follow()
	held := s.dial(server.ProxyServer)
	if _, err := held.Write(hello()); err != nil {
		t.Fatal(err)
	}
	s.waits(1)
	tool := s.dial(server.ProxyTools)
	if !passes(tool) {
		t.Error("a tool does not pass")
	}
	if got, want := s.proxy.Copied(), int64(len(hello())); got != want {
		t.Errorf("%d bytes came in before the server is let through, want %d", got, want)
	}
	s.proxy.Pass(term, Learned{})
	if _, err := io.ReadFull(held, hello()); err != nil {
		t.Error("the server that waited does not pass")
	}
	stream := s.dial(server.ProxyServer)
	if !passes(stream) {
		t.Error("the server does not pass")
	}
	if got, want := s.proxy.Copied(), int64(3*len(hello())); got != want {
		t.Errorf("%d bytes came in, want %d", got, want)
	}
	s.proxy.Hold(term)
	s.over("a stream that is held", stream)
	if !passes(tool) {
		t.Error("a tool was ended with the server's stream")
	}
	s.proxy.Close()
	s.over("a tool's connection", tool)
}

// What is followed no longer leads nowhere, and lets nobody through.
func TestAFollowingThatIsOver(t *testing.T) {
	s := newSite(t)
	before := s.follow()
	s.proxy.Pass(before, Learned{})
	stream := s.dial(server.ProxyServer)
	if !passes(stream) {
		t.Fatal("the server does not pass")
	}
	if err := s.leader.Fence(9, func(*replica.Following) error { return nil }); err != nil {
		t.Fatal(err)
	}
	s.over("a stream of what is followed no longer", stream)
	if passes(s.dial(server.ProxyServer)) {
		t.Error("the server passes after a fence")
	}
	s.epoch = 9
	after := s.follow()
	held := s.dial(server.ProxyServer)
	if _, err := held.Write(hello()); err != nil {
		t.Fatal(err)
	}
	s.waits(1)
	s.proxy.Pass(before, Learned{}) // it has not noticed
	s.waits(1)
	if got := s.proxy.Copied(); got != 0 {
		t.Errorf("%d bytes are counted for another authority", got)
	}
	s.proxy.Pass(after, Learned{})
	if !passes(s.dial(server.ProxyServer)) {
		t.Error("the server does not pass")
	}
}
