package link

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestRefused(t *testing.T) {
	closed := listen(t)
	closed.Close()
	tests := []struct {
		name   string
		target func(context.Context) (string, error)
	}{
		{"nobody listens", to(closed.Addr().String())},
		{"no target known", func(context.Context) (string, error) { return "", errors.New("region is down") }},
		{"target makes no sense", to("no such address")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			const rtt = 20 * time.Millisecond
			l := newLink(t, Shape{RTT: rtt})
			r, err := l.Relay("east", "127.0.0.1:0", tt.target)
			if err != nil {
				t.Fatal(err)
			}
			withinReach(t, rtt, rtt+10*time.Millisecond, func() time.Duration {
				start := time.Now()
				client := dial(t, r.Addr().String())
				expectRST(t, client)
				return time.Since(start)
			})
			until(t, "the connections are forgotten", func() bool { return l.openConnections() == 0 })
		})
	}
}

// TestRefusedBehindACut: a refusal does not cross a cut either.
func TestRefusedBehindACut(t *testing.T) {
	l := newLink(t, Shape{RTT: 2 * time.Millisecond})
	asked := make(chan struct{})
	answer := make(chan struct{})
	var calls atomic.Int32
	r, err := l.Relay("east", "127.0.0.1:0", func(ctx context.Context) (string, error) {
		if calls.Add(1) == 1 {
			close(asked)
			<-answer
		}
		return "", errors.New("region is down")
	})
	if err != nil {
		t.Fatal(err)
	}
	client := dial(t, r.Addr().String())
	<-asked
	l.SetCut(Cut{BtoA: true})
	close(answer)
	until(t, "the connection waits for the heal", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for c := range l.open {
			return c.waiting
		}
		return false
	})
	expectNothing(t, client)
	l.SetCut(Cut{})
	expectRST(t, client)
}

// TestTargetMoves: every connection asks anew.
func TestTargetMoves(t *testing.T) {
	l := newLink(t, Shape{})
	var at atomic.Pointer[string]
	r, err := l.Relay("east", "127.0.0.1:0", func(context.Context) (string, error) { return *at.Load(), nil })
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		listener := listen(t)
		addr := listener.Addr().String()
		at.Store(&addr)
		client := dial(t, r.Addr().String())
		write(t, client, "hello")
		expect(t, accept(t, listener), "hello")
	}
}

// TestClientGivesUpABlackhole: a dial that nothing answers is not kept for a client that has left.
func TestClientGivesUpABlackhole(t *testing.T) {
	l := newLink(t, Shape{})
	full, addr := blackhole(t)
	defer full.drain(t)
	client := dial(t, relay(t, l, "east", addr))
	until(t, "the dial is under way", func() bool { return dialing(l) == 1 })
	client.Close()
	until(t, "the connection is forgotten", func() bool { return l.openConnections() == 0 })
}

func TestRelayClose(t *testing.T) {
	l := newLink(t, Shape{})
	echo := echoServer(t)
	r, err := l.Relay("east", "127.0.0.1:0", to(echo))
	if err != nil {
		t.Fatal(err)
	}
	mine, other := dial(t, r.Addr().String()), dial(t, relay(t, l, "east", echo))
	for _, conn := range []net.Conn{mine, other} {
		write(t, conn, "ping")
		expect(t, conn, "ping")
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	expectRST(t, mine)
	write(t, other, "ping")
	expect(t, other, "ping")
	if conn, err := net.Dial("tcp", r.Addr().String()); err == nil {
		conn.Close()
		t.Error("a closed relay still accepts")
	}
	// Its address is free again, and the counts go on.
	if _, err := l.Relay("east", r.Addr().String(), to(echo)); err != nil {
		t.Error(err)
	}
	if _, err := l.Relay("east", r.Addr().String(), to(echo)); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("relay on an address in use: %v", err)
	}
	if ab, ba := l.Bytes(); ab != 12 || ba != 12 {
		t.Errorf("counted %d and %d bytes, want 12 each way", ab, ba)
	}
}

// starved is a listener that has no descriptor for its first connections.
type starved struct {
	net.Listener
	refuse atomic.Int32
}

func (s *starved) Accept() (net.Conn, error) {
	if s.refuse.Add(-1) >= 0 {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return s.Listener.Accept()
}

func TestAcceptBacksOff(t *testing.T) {
	l := newLink(t, Shape{})
	s := &starved{Listener: listen(t)}
	s.refuse.Store(4)
	start := time.Now()
	r, err := l.relayOn(s, "east", "west", to(echoServer(t)))
	if err != nil {
		t.Fatal(err)
	}
	conn := dial(t, r.Addr().String())
	write(t, conn, "at last")
	expect(t, conn, "at last")
	if d, want := time.Since(start), (5+10+20+40)*time.Millisecond; d < want {
		t.Errorf("served after %v, want four pauses, %v in all", d, want)
	}

	forever := &starved{Listener: listen(t)}
	forever.refuse.Store(1 << 30)
	r, err = l.relayOn(forever, "east", "west", to("x"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil { // does not wait for a pause to end
		t.Error(err)
	}
}

// full is a listener whose queue is full, so that a dial is neither answered nor refused.
type full struct{ listener net.Listener }

func blackhole(t *testing.T) (full, string) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.CloseOnExec(fd)
	f := os.NewFile(uintptr(fd), "listener")
	defer f.Close()
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	l, err := net.FileListener(f)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	for range 100 {
		conn, err := net.DialTimeout("tcp", l.Addr().String(), 50*time.Millisecond)
		if err != nil {
			return full{l}, l.Addr().String()
		}
		t.Cleanup(func() { conn.Close() })
	}
	t.Skip("this system's listeners never fill")
	return full{}, ""
}

// drain accepts what waits in the queue.
func (f full) drain(t *testing.T) {
	t.Helper()
	_ = f.listener.(*net.TCPListener).SetDeadline(time.Now().Add(10 * time.Millisecond))
	for {
		conn, err := f.listener.Accept()
		if err != nil {
			return
		}
		t.Cleanup(func() { conn.Close() })
	}
}

// acceptFrom accepts the connection that says text.
func (f full) acceptFrom(t *testing.T, text string) *net.TCPConn {
	t.Helper()
	conn := accept(t, f.listener)
	expect(t, conn, text)
	return conn
}
