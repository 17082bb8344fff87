package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// dropsSecond answers the first request of its first connection, and hangs up on
// the second one unanswered, as a region does that was killed in between. Later
// connections are answered.
func dropsSecond(t *testing.T) (base string, asked *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	asked = new(atomic.Int32)
	go func() {
		for first := true; ; first = false {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				r := bufio.NewReader(conn)
				for n := 0; !first || n < 2; n++ {
					req, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, req.Body)
					asked.Add(1)
					if first && n == 1 {
						return
					}
					const body = `{"index":1,"epoch":1}`
					_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\n%s: us-east\r\nContent-Length: %d\r\n\r\n%s", HeaderRegion, len(body), body)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String(), asked
}

// What does no harm twice survives a kept connection to a region that was
// restarted; a user's write is sent once and its failure is told.
func TestOnlyWhatDoesNoHarmTwiceIsSentTwice(t *testing.T) {
	t.Run("net/http", func(t *testing.T) { sentTwice(t, func() http.RoundTripper { return NewTransport() }) })
	t.Run("short", func(t *testing.T) { sentTwice(t, func() http.RoundTripper { return NewShort(8) }) })
}

func sentTwice(t *testing.T, transport func() http.RoundTripper) {
	w := store.Write{ID: "w"}
	t.Run("append", func(t *testing.T) {
		base, asked := dropsSecond(t)
		c := NewClient(ClientConfig{Base: base, Region: "us-east", HTTP: &http.Client{Transport: transport()}})
		for range 2 {
			if _, err := c.Append(t.Context(), "orders", 1, w); err != nil {
				t.Fatal(err)
			}
		}
		if n := asked.Load(); n != 3 {
			t.Errorf("%d requests arrived, want 3: one, the lost one, and that again", n)
		}
	})
	t.Run("a user's write", func(t *testing.T) {
		base, asked := dropsSecond(t)
		c := NewClient(ClientConfig{Base: base, Region: "us-east", HTTP: &http.Client{Transport: transport()}})
		if _, err := c.Write(t.Context(), "orders", w); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write(t.Context(), "orders", w); !errors.Is(err, io.EOF) {
			t.Errorf("%v, want that the connection ended", err)
		}
		if n := asked.Load(); n != 2 {
			t.Errorf("%d requests arrived, want 2", n)
		}
	})
}
