package front

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"
)

// Connections come out by their first byte, which is still there; one that says nothing keeps no other waiting; a refused
// handshake comes out nowhere; and closing one side closes the port.
func TestOnePortForTwo(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	bad := errors.New("refused")
	plain, secured := Split(l, func(_ context.Context, raw net.Conn) (net.Conn, error) {
		b := make([]byte, 2)
		if _, err := raw.Read(b); err != nil || b[1] == 'x' {
			return nil, bad
		}
		return raw, nil
	})
	dial := func(say string) net.Conn {
		t.Helper()
		conn, err := net.Dial("tcp", l.Addr().String())
		if err == nil {
			_, err = conn.Write([]byte(say))
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	mute := dial("")
	refused := dial("\x16x")
	dial("\x16+")
	dial("GET")
	got, err := plain.Accept()
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 3)
	if n, err := got.Read(b); string(b[:n]) != "GET" {
		t.Errorf("plain begins with %q, %v", b[:n], err)
	}
	if _, err := secured.Accept(); err != nil {
		t.Error(err)
	}
	_ = refused.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := refused.Read(b); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a refused caller is left waiting: %v", err)
	}
	_ = secured.Close()
	if _, err := plain.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the port is open still: %v", err)
	}
	_ = mute.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := mute.Read(b); err == nil {
		t.Error("who said nothing is held after the port is closed")
	}
}
