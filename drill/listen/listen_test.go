package listen

import (
	"net"
	"strconv"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// One port is opened on both, and is refused where it is taken; more connections than are served wait for one of them to end.
func TestBoth(t *testing.T) {
	udp, tcp, err := Both("127.0.0.1", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = udp.Close() }()
	defer func() { _ = tcp.Close() }()
	if udp.LocalAddr().String() != tcp.Addr().String() {
		t.Errorf("UDP at %s, TCP at %s", udp.LocalAddr(), tcp.Addr())
	}
	_, port, _ := net.SplitHostPort(tcp.Addr().String())
	n, _ := strconv.Atoi(port)
	if _, _, err := Both("127.0.0.1", n); err == nil {
		t.Error("a port that is taken was opened")
	}
	taken := make(chan net.Conn, TCPConns+1)
	go func() {
		for {
			c, err := tcp.Accept()
			if err != nil {
				return
			}
			taken <- c
		}
	}()
	for range TCPConns + 1 {
		c, err := net.Dial("tcp", tcp.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
	}
	var first net.Conn
	for i := range TCPConns {
		c := <-taken
		defer func() { _ = c.Close() }()
		if i == 0 {
			first = c
		}
	}
	select {
	case <-taken:
		t.Fatal("one more than the bound is served")
	case <-time.After(20 * time.Millisecond):
	}
	_ = first.Close()
	select {
	case c := <-taken:
		_ = c.Close()
	case <-time.After(10 * time.Second):
		t.Error("the next is not served after one has ended")
	}
}

// starved is a listener for which there is no descriptor.
type starved struct {
	net.Listener
	asked int
}

func (l *starved) Accept() (net.Conn, error) {
	l.asked++
	return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
}

// A server that gets no descriptor takes no processor for itself.
func TestAcceptsWithPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &starved{}
		for began := time.Now(); time.Since(began) < time.Second; {
			if _, err := (patient{l}).Accept(); err == nil {
				t.Fatal("it accepts")
			}
			if l.asked > 1000 {
				break
			}
		}
		if l.asked > 201 {
			t.Errorf("it asked %d times in a second", l.asked)
		}
	})
}
