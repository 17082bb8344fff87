package link

import (
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// limit bounds every wait for a condition. Nothing sleeps that long unless it fails.
const limit = 20 * time.Second

// newLink makes a link that is closed when the test ends, and checks that nothing of it runs on.
func newLink(t *testing.T, shape Shape) *Link {
	t.Helper()
	l := New("east", "west", shape, WithSeed(42))
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if n := l.openConnections(); n != 0 {
			t.Errorf("%d connections after close", n)
		}
		noneLeft(t)
	})
	return l
}

// noneLeft fails the test if a goroutine of this package (tests apart) still runs. Close waits for their last deferred
// call, and the runtime needs a moment more to take them off its list.
func noneLeft(t *testing.T) {
	t.Helper()
	var left string
	if !becomes(func() bool { left = ours(); return left == "" }) {
		t.Errorf("goroutines left:\n%s", left)
	}
}

func ours() string {
	buf := make([]byte, 4<<20)
	buf = buf[:runtime.Stack(buf, true)]
	var found []string
	for g := range strings.SplitSeq(string(buf), "\n\n") {
		for _, owner := range []string{"link.(*pipe).carry", "link.(*pipe).deliver", "link.(*connection).", "link.(*Relay).accept", "link.(*timers).run"} {
			if strings.Contains(g, owner) {
				found = append(found, g)
				break
			}
		}
	}
	return strings.Join(found, "\n\n")
}

// becomes polls until cond holds.
func becomes(cond func() bool) bool {
	deadline := time.Now().Add(limit)
	for !cond() {
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(200 * time.Microsecond)
	}
	return true
}

func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	if !becomes(cond) {
		t.Fatalf("did not happen in %v: %s", limit, what)
	}
}

func dial(t *testing.T, addr string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(limit))
	return conn.(*net.TCPConn)
}

func accept(t *testing.T, l net.Listener) *net.TCPConn {
	t.Helper()
	_ = l.(*net.TCPListener).SetDeadline(time.Now().Add(limit))
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(limit))
	return conn.(*net.TCPConn)
}

// pair is a connection from east (client) to west (server) over a link.
func pair(t *testing.T, l *Link) (client, server *net.TCPConn) {
	t.Helper()
	listener := listen(t)
	client = dial(t, relay(t, l, "east", listener.Addr().String()))
	server = accept(t, listener)
	until(t, "the relay knows of it, too", func() bool { return dialing(l) == 0 })
	return client, server
}

func write(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatalf("write %q: %v", text, err)
	}
}

func expect(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	buf := make([]byte, len(text))
	if n, err := io.ReadFull(conn, buf); err != nil || string(buf) != text {
		t.Fatalf("read %q, %v; want %q", buf[:n], err, text)
	}
}

func expectEOF(t *testing.T, conn net.Conn) {
	t.Helper()
	if n, err := conn.Read(make([]byte, 16)); n != 0 || err != io.EOF {
		t.Fatalf("read %d bytes, %v; want the end", n, err)
	}
}

func expectRST(t *testing.T, conn net.Conn) {
	t.Helper()
	if n, err := conn.Read(make([]byte, 16)); n != 0 || !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("read %d bytes, %v; want a reset connection", n, err)
	}
}

// expectNothing says that neither byte nor end is there to be read now.
func expectNothing(t *testing.T, conn *net.TCPConn) {
	t.Helper()
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if cerr := raw.Control(func(fd uintptr) {
		n, _, err = syscall.Recvfrom(int(fd), make([]byte, 16), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	}); cerr != nil {
		t.Fatal(cerr)
	}
	if !errors.Is(err, syscall.EAGAIN) {
		t.Fatalf("peeked %d bytes, %v; want nothing", n, err)
	}
}

func kill(t *testing.T, conn *net.TCPConn) {
	t.Helper()
	if err := conn.SetLinger(0); err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// openConnections is how many connections are open, those that are still on their way across included.
func (l *Link) openConnections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}
