package link

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"time"
)

// shapes that cut and end tests run over: with a plain link one goroutine carries, with a delay there are two.
var shapes = []struct {
	name  string
	shape Shape
}{
	{"plain", Shape{}},
	{"delayed", Shape{RTT: 10 * time.Millisecond}},
	{"narrow", Shape{RTT: 2 * time.Millisecond, Bandwidth: 100_000_000}},
}

func overShapes(t *testing.T, test func(t *testing.T, l *Link)) {
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) { test(t, newLink(t, s.shape)) })
	}
}

// held waits until n bytes are held and the deliverer has run into the cut, so that none of them can be on its way.
func held(t *testing.T, l *Link, n int) {
	t.Helper()
	until(t, "the bytes are held at the cut", func() bool {
		stuck := 0
		for _, c := range l.connections() {
			for _, p := range []*pipe{&c.out, &c.in} {
				p.mu.Lock()
				if p.held {
					stuck += p.queue.size
				}
				p.mu.Unlock()
			}
		}
		return stuck == n
	})
}

func TestCutAndHeal(t *testing.T) {
	tests := []struct {
		name string
		cut  Cut
	}{
		{"a to b", Cut{AtoB: true}},
		{"b to a", Cut{BtoA: true}},
		{"both", Cut{true, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			overShapes(t, func(t *testing.T, l *Link) {
				client, server := pair(t, l)
				write(t, client, "before")
				expect(t, server, "before")
				l.SetCut(tt.cut)
				if got := l.Cut(); got != tt.cut {
					t.Fatalf("cut is %v", got)
				}
				ab, ba := l.Bytes()
				write(t, client, "question")
				write(t, server, "answer")
				stuck := 0
				if tt.cut.AtoB {
					stuck += len("question")
				} else {
					expect(t, server, "question")
					ab += uint64(len("question"))
				}
				if tt.cut.BtoA {
					stuck += len("answer")
				} else {
					expect(t, client, "answer")
					ba += uint64(len("answer"))
				}
				held(t, l, stuck)
				if tt.cut.AtoB {
					expectNothing(t, server)
				}
				if tt.cut.BtoA {
					expectNothing(t, client)
				}
				if a, b := l.Bytes(); a != ab || b != ba {
					t.Errorf("%d and %d bytes passed, want %d and %d", a, b, ab, ba)
				}
				l.SetCut(Cut{})
				if tt.cut.AtoB {
					expect(t, server, "question")
				}
				if tt.cut.BtoA {
					expect(t, client, "answer")
				}
				write(t, client, "after")
				expect(t, server, "after")
			})
		})
	}
}

// TestCutStopsAtOnce cuts while bytes stream both ways, many times: no count moves after SetCut returned, and in the end
// no byte is missing.
func TestCutStopsAtOnce(t *testing.T) {
	overShapes(t, func(t *testing.T, l *Link) {
		client := dial(t, relay(t, l, "east", echoServer(t)))
		const size = 8 << 20
		go func() { _, _ = client.Write(make([]byte, size)) }()
		var received atomic.Int64
		done := make(chan struct{})
		go func() {
			defer close(done)
			buf := make([]byte, 64<<10)
			for received.Load() < size {
				n, err := client.Read(buf)
				if err != nil {
					return
				}
				received.Add(int64(n))
			}
		}()
		for range 20 {
			mark := received.Load()
			until(t, "bytes flow", func() bool { return received.Load() > mark || received.Load() == size })
			l.SetCut(Cut{true, true})
			ab, ba := l.Bytes()
			// Everything that passed before the cut arrives; nothing else may.
			until(t, "what passed has arrived", func() bool { return received.Load() == int64(ba) })
			if a, b := l.Bytes(); a != ab || b != ba {
				t.Fatalf("bytes passed after the cut: %d to %d, %d to %d", ab, a, ba, b)
			}
			l.SetCut(Cut{})
		}
		<-done
		if received.Load() != size {
			t.Fatalf("received %d bytes of %d", received.Load(), size)
		}
	})
}

// TestHealedBytesKeepToTheBandwidth: what a cut held does not come in one burst.
func TestHealedBytesKeepToTheBandwidth(t *testing.T) {
	const size = 200_000
	l := newLink(t, Shape{Bandwidth: 16_000_000})
	client, server := pair(t, l)
	l.SetCut(Cut{true, true})
	write(t, client, string(make([]byte, size)))
	held(t, l, size)
	l.SetCut(Cut{})
	start := time.Now()
	if _, err := io.ReadFull(server, make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	if d, want := time.Since(start), 90*time.Millisecond; d < want {
		t.Errorf("200 kB at 16 Mbit/s came in %v, want at least %v", d, want)
	}
}

// TestCutHidesDeath: a server that dies behind a cut is silent; when the link heals, its client learns by RST.
func TestCutHidesDeath(t *testing.T) {
	tests := []struct {
		name string
		cut  Cut
	}{
		{"FIN", Cut{true, true}},
		{"FIN, cut one way", Cut{BtoA: true}},
		{"FIN behind its last words", Cut{true, true}},
		{"RST", Cut{true, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			overShapes(t, func(t *testing.T, l *Link) {
				client, server := pair(t, l)
				write(t, client, "ping")
				expect(t, server, "ping")
				l.SetCut(tt.cut)
				switch tt.name {
				case "RST":
					kill(t, server)
				case "FIN behind its last words":
					write(t, server, "last words")
					server.Close()
				default:
					server.Close()
				}
				until(t, "the relay has seen it", func() bool { return lostOnes(l) == 1 })
				expectNothing(t, client)
				write(t, client, "are you there?")
				expectNothing(t, client)
				l.SetCut(Cut{})
				expectRST(t, client)
				until(t, "the connection is forgotten", func() bool { return l.openConnections() == 0 })
			})
		})
	}
}

func lostOnes(l *Link) (n int) {
	for _, c := range l.connections() {
		for _, p := range []*pipe{&c.out, &c.in} {
			p.mu.Lock()
			if p.lost {
				n++
			}
			p.mu.Unlock()
		}
	}
	return n
}

// TestCutHidesDeathBehindAFullFlight: the relay has stopped reading because too much is held; a death that lies behind
// unread bytes counts all the same.
func TestCutHidesDeathBehindAFullFlight(t *testing.T) {
	l := newLink(t, Shape{RTT: time.Millisecond})
	client, server := pair(t, l)
	l.SetCut(Cut{true, true})
	held := make([]byte, maxInflight)
	if _, err := server.Write(held); err != nil {
		t.Fatal(err)
	}
	in := &l.connections()[0].in
	until(t, "the flight is full", func() bool {
		in.mu.Lock()
		defer in.mu.Unlock()
		return in.full
	})
	// Few enough that they and the end fit the window that the relay's kernel offers before it has measured the link.
	if _, err := server.Write(held[:16<<10]); err != nil {
		t.Fatal(err)
	}
	server.Close()
	until(t, "the end behind it has come", func() bool {
		in.mu.Lock()
		defer in.mu.Unlock()
		return in.full && in.src.gone() && !in.lost
	})
	l.SetCut(Cut{})
	expectRST(t, client)
}

// TestFinBeforeTheCut: an end that was under way when the cut came is held and crosses in order.
func TestFinBeforeTheCut(t *testing.T) {
	l := newLink(t, Shape{RTT: 40 * time.Millisecond})
	client, server := pair(t, l)
	write(t, client, "ping")
	expect(t, server, "ping")
	write(t, server, "bye")
	server.CloseWrite()
	until(t, "the end is under way", func() bool {
		for _, c := range l.connections() {
			c.in.mu.Lock()
			fin := c.in.fin != 0
			c.in.mu.Unlock()
			return fin
		}
		return false
	})
	l.SetCut(Cut{true, true})
	if _, ba := l.Bytes(); ba == 0 { // else the machine was slower than the link
		held(t, l, 3)
		expectNothing(t, client)
	}
	l.SetCut(Cut{})
	expect(t, client, "bye")
	expectEOF(t, client)
}

// TestClientLeavesDuringACut: its server learns by RST when the link heals, not before.
func TestClientLeavesDuringACut(t *testing.T) {
	overShapes(t, func(t *testing.T, l *Link) {
		client, server := pair(t, l)
		write(t, client, "ping")
		expect(t, server, "ping")
		l.SetCut(Cut{true, true})
		client.Close()
		until(t, "the relay has seen it", func() bool { return lostOnes(l) == 1 })
		write(t, server, "pong")
		expectNothing(t, server)
		l.SetCut(Cut{})
		expectRST(t, server)
	})
}

func TestConnectDuringACut(t *testing.T) {
	tests := []struct {
		name string
		cut  Cut
	}{
		{"a to b", Cut{AtoB: true}},
		{"b to a", Cut{BtoA: true}},
		{"both", Cut{true, true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLink(t, Shape{RTT: 2 * time.Millisecond})
			listener := listen(t)
			var asked atomic.Int32
			r, err := l.Relay("east", "127.0.0.1:0", func(context.Context) (string, error) {
				asked.Add(1)
				return listener.Addr().String(), nil
			})
			if err != nil {
				t.Fatal(err)
			}
			l.SetCut(tt.cut)
			stays, leaves := dial(t, r.Addr().String()), dial(t, r.Addr().String())
			write(t, stays, "request")
			write(t, leaves, "stale request")
			until(t, "both are accepted", func() bool { return l.openConnections() == 2 })
			leaves.Close()
			until(t, "the one that left is forgotten", func() bool { return l.openConnections() == 1 })
			if n := asked.Load(); n != 0 {
				t.Errorf("the target was asked for %d times during the cut", n)
			}
			l.SetCut(Cut{})
			expect(t, accept(t, listener), "request")
			if n := asked.Load(); n != 1 {
				t.Errorf("the target was asked for %d times, want once", n)
			}
		})
	}
}

// TestCutDuringADial: SetCut returns only when the dial has ended, and the connection is made after the heal.
func TestCutDuringADial(t *testing.T) {
	l := newLink(t, Shape{})
	full, addr := blackhole(t)
	client := dial(t, relay(t, l, "east", addr))
	write(t, client, "hello")
	until(t, "the dial is under way", func() bool { return dialing(l) == 1 })
	l.SetCut(Cut{AtoB: true})
	if n := dialing(l); n != 0 {
		t.Fatalf("%d dials under way after the cut", n)
	}
	expectNothing(t, client)
	full.drain(t)
	l.SetCut(Cut{})
	server := full.acceptFrom(t, "hello")
	write(t, server, "welcome")
	expect(t, client, "welcome")
}

func dialing(l *Link) (n int) {
	for _, c := range l.connections() {
		l.mu.Lock()
		if c.dialing != nil {
			n++
		}
		l.mu.Unlock()
	}
	return n
}
