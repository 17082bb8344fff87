package link

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func TestHalfClose(t *testing.T) {
	overShapes(t, func(t *testing.T, l *Link) {
		client, server := pair(t, l)
		write(t, client, "request")
		client.CloseWrite()
		expect(t, server, "request")
		expectEOF(t, server)
		write(t, server, "a long answer")
		expect(t, client, "a long answer")
		server.Close()
		expectEOF(t, client)
		until(t, "the connection is forgotten", func() bool { return l.openConnections() == 0 })
	})
}

func TestEndComesAfterAllBytes(t *testing.T) {
	overShapes(t, func(t *testing.T, l *Link) {
		client, server := pair(t, l)
		const size = 1 << 20
		go func() {
			_, _ = client.Write(make([]byte, size))
			client.Close()
		}()
		if n, err := io.Copy(io.Discard, server); n != size || err != nil {
			t.Fatalf("received %d bytes, %v; want %d and the end", n, err, size)
		}
	})
}

func TestResetPasses(t *testing.T) {
	tests := []struct {
		name string
		die  func(client, server *net.TCPConn) (dead, told *net.TCPConn)
	}{
		{"client's", func(c, s *net.TCPConn) (*net.TCPConn, *net.TCPConn) { return c, s }},
		{"server's", func(c, s *net.TCPConn) (*net.TCPConn, *net.TCPConn) { return s, c }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			overShapes(t, func(t *testing.T, l *Link) {
				client, server := pair(t, l)
				write(t, client, "ping")
				expect(t, server, "ping")
				write(t, server, "pong")
				expect(t, client, "pong")
				dead, told := tt.die(client, server)
				start := time.Now()
				kill(t, dead)
				expectRST(t, told)
				if d := time.Since(start); d < l.RTT()/2 {
					t.Errorf("reset came after %v, want no less than half of %v", d, l.RTT())
				}
				until(t, "the connection is forgotten", func() bool { return l.openConnections() == 0 })
			})
		})
	}
}

// TestResetReachesAFullReader: a client sends more than its server takes and vanishes; the server is told though it
// never reads, and the flood is not kept.
func TestResetReachesAFullReader(t *testing.T) {
	overShapes(t, func(t *testing.T, l *Link) {
		client, server := pair(t, l)
		flood := make(chan struct{})
		go func() {
			defer close(flood)
			for {
				if _, err := client.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		}()
		until(t, "the server's window is full", func() bool {
			before, _ := l.Bytes()
			time.Sleep(20 * time.Millisecond) // a rate, so there is no condition to wait for
			after, _ := l.Bytes()
			return before > 0 && before == after
		})
		if n := underWay(l); n > maxInflight+chunkSize {
			t.Errorf("%d bytes under way, want at most %d", n, maxInflight+chunkSize)
		}
		kill(t, client)
		<-flood
		// The server's side speaks, which is how the client's kernel gets to answer RST.
		write(t, server, "are you there?")
		until(t, "the connection is forgotten", func() bool { return l.openConnections() == 0 })
		if _, err := io.Copy(io.Discard, server); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("server's stream ended with %v, want a reset connection", err)
		}
	})
}

func TestReset(t *testing.T) {
	overShapes(t, func(t *testing.T, l *Link) {
		l.Reset() // nothing to do
		client, server := pair(t, l)
		write(t, client, "ping")
		expect(t, server, "ping")
		full, addr := blackhole(t)
		defer full.drain(t)
		half := dial(t, relay(t, l, "west", addr))
		until(t, "the other connection is being dialed", func() bool { return dialing(l) == 1 })
		l.Reset()
		expectRST(t, client)
		expectRST(t, server)
		expectRST(t, half)
		if n := l.openConnections(); n != 0 {
			t.Errorf("%d connections after a reset", n)
		}
		l.SetCut(Cut{true, true})
		l.SetCut(Cut{})
		again, server := pair(t, l)
		write(t, again, "again")
		expect(t, server, "again")
	})
}

// TestCloseDuringEverything closes links that are in every state that a connection can be in.
func TestCloseDuringEverything(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(t *testing.T, l *Link)
	}{
		{"idle", func(t *testing.T, l *Link) { pair(t, l) }},
		{"streaming", func(t *testing.T, l *Link) {
			client := dial(t, relay(t, l, "east", echoServer(t)))
			go func() { _, _ = client.Write(make([]byte, 64<<20)) }()
			go func() { _, _ = io.Copy(io.Discard, client) }()
			until(t, "bytes flow", func() bool { _, ba := l.Bytes(); return ba > 0 })
		}},
		{"flooded and never read", func(t *testing.T, l *Link) {
			client, _ := pair(t, l)
			go func() { _, _ = client.Write(make([]byte, 64<<20)) }()
			until(t, "bytes flow", func() bool { ab, _ := l.Bytes(); return ab > 1<<20 })
		}},
		{"held by a cut", func(t *testing.T, l *Link) {
			client, _ := pair(t, l)
			l.SetCut(Cut{true, true})
			write(t, client, "held")
			held(t, l, 4)
		}},
		{"dead behind a cut", func(t *testing.T, l *Link) {
			_, server := pair(t, l)
			l.SetCut(Cut{true, true})
			server.Close()
			until(t, "the relay has seen it", func() bool { return lostOnes(l) == 1 })
		}},
		{"waiting for a heal", func(t *testing.T, l *Link) {
			l.SetCut(Cut{true, true})
			dial(t, relay(t, l, "east", echoServer(t)))
			until(t, "it is accepted", func() bool { return l.openConnections() == 1 })
		}},
		{"dialing a blackhole", func(t *testing.T, l *Link) {
			full, addr := blackhole(t)
			t.Cleanup(func() { full.drain(t) })
			dial(t, relay(t, l, "east", addr))
			until(t, "the dial is under way", func() bool { return dialing(l) == 1 })
		}},
		{"asking for the target", func(t *testing.T, l *Link) {
			asked := make(chan struct{})
			r, err := l.Relay("east", "127.0.0.1:0", func(ctx context.Context) (string, error) {
				close(asked)
				<-ctx.Done()
				return "", ctx.Err()
			})
			if err != nil {
				t.Fatal(err)
			}
			dial(t, r.Addr().String())
			<-asked
		}},
		{"under the SYN's way", func(t *testing.T, l *Link) {
			l.Reshape(Both, Shape{RTT: time.Hour})
			dial(t, relay(t, l, "east", echoServer(t)))
			until(t, "it is accepted", func() bool { return l.openConnections() == 1 })
		}},
		{"hours under way", func(t *testing.T, l *Link) {
			client, _ := pair(t, l)
			write(t, client, "x")
			until(t, "it arrived", func() bool { ab, _ := l.Bytes(); return ab == 1 })
			l.Reshape(Both, Shape{RTT: time.Hour, Bandwidth: 8})
			write(t, client, "slow")
			until(t, "it is under way", func() bool { return underWay(l) == 4 })
		}},
		{"connections coming in", func(t *testing.T, l *Link) {
			addr := relay(t, l, "east", echoServer(t))
			var stop atomic.Bool
			var dialers sync.WaitGroup
			t.Cleanup(func() { stop.Store(true); dialers.Wait() })
			for range 4 {
				dialers.Go(func() {
					for !stop.Load() {
						if conn, err := net.Dial("tcp", addr); err == nil {
							_, _ = conn.Write([]byte("x"))
							conn.Close()
						}
					}
				})
			}
			until(t, "bytes flow", func() bool { ab, _ := l.Bytes(); return ab > 10 })
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLink(t, Shape{RTT: time.Millisecond})
			tt.prepare(t, l)
			var closers sync.WaitGroup
			for range 3 {
				closers.Go(func() {
					if err := l.Close(); err != nil {
						t.Error(err)
					}
				})
			}
			closers.Wait()
			noneLeft(t)
			if _, err := l.Relay("east", "127.0.0.1:0", to("x")); !errors.Is(err, ErrClosed) {
				t.Errorf("relay of a closed link: %v, want %v", err, ErrClosed)
			}
			l.SetCut(Cut{AtoB: true})
			l.Reshape(Both, Shape{})
			l.Reset()
		})
	}
}
