package link

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// withinReach repeats a measurement, because a busy machine can make any one of them late: never may it be below least,
// and one must be at most most.
func withinReach(t *testing.T, least, most time.Duration, measure func() time.Duration) {
	t.Helper()
	best := time.Hour
	for range 20 {
		d := measure()
		if d < least {
			t.Fatalf("took %v, want no less than %v", d, least)
		}
		if best = min(best, d); best <= most {
			return
		}
	}
	t.Fatalf("the best of 20 took %v, want %v to %v", best, least, most)
}

func TestRoundTrip(t *testing.T) {
	for _, rtt := range []time.Duration{0, 20 * time.Millisecond, 40 * time.Millisecond} {
		t.Run(rtt.String(), func(t *testing.T) {
			l := newLink(t, Shape{RTT: rtt})
			addr := relay(t, l, "east", echoServer(t))
			kept := dial(t, addr)
			withinReach(t, 2*rtt, 2*rtt+12*time.Millisecond, func() time.Duration {
				start := time.Now()
				conn := dial(t, addr)
				write(t, conn, "hello")
				expect(t, conn, "hello")
				return time.Since(start)
			})
			write(t, kept, "hello")
			expect(t, kept, "hello")
			withinReach(t, rtt, rtt+10*time.Millisecond, func() time.Duration {
				start := time.Now()
				write(t, kept, "hello")
				expect(t, kept, "hello")
				return time.Since(start)
			})
		})
	}
}

// TestServerSpeaksFirst: the server is connected when the client's last packet of the handshake has come, a round trip
// and a half after the start, and its greeting takes half a round trip more.
func TestServerSpeaksFirst(t *testing.T) {
	const rtt = 20 * time.Millisecond
	l := newLink(t, Shape{RTT: rtt})
	listener := listen(t)
	addr := relay(t, l, "east", listener.Addr().String())
	withinReach(t, 2*rtt, 2*rtt+12*time.Millisecond, func() time.Duration {
		start := time.Now()
		client := dial(t, addr)
		write(t, accept(t, listener), "220 ready")
		expect(t, client, "220 ready")
		return time.Since(start)
	})
}

func TestDirections(t *testing.T) {
	l := newLink(t, Shape{})
	for _, from := range []string{"east", "west"} {
		listener := listen(t)
		conn := dial(t, relay(t, l, from, listener.Addr().String()))
		server := accept(t, listener)
		write(t, conn, "to the far side")
		expect(t, server, "to the far side")
		write(t, server, "back")
		expect(t, conn, "back")
		ab, ba := l.Bytes()
		want := [2]uint64{15, 4}
		if from == "west" {
			want = [2]uint64{15 + 4, 4 + 15}
		}
		if [2]uint64{ab, ba} != want {
			t.Errorf("after the connection from %s: %d bytes a to b, %d b to a; want %v", from, ab, ba, want)
		}
	}
	if a, b := l.Ends(); a != "east" || b != "west" {
		t.Errorf("ends are %s, %s", a, b)
	}
	if _, err := l.Relay("north", "127.0.0.1:0", to("x")); err == nil {
		t.Error("a relay from a place that is no end of the link was opened")
	}
}

func TestBandwidth(t *testing.T) {
	const size = 500_000
	tests := []struct {
		name        string
		connections int
	}{
		{"one connection", 1},
		{"four share", 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLink(t, Shape{Bandwidth: 40_000_000})
			want := time.Duration(float64(size) * 8 / 40e6 * float64(time.Second)) // 100 ms
			withinReach(t, want*9/10, want*11/10, func() time.Duration {
				listener := listen(t)
				addr := relay(t, l, "east", listener.Addr().String())
				var all sync.WaitGroup
				start := time.Now()
				for range tt.connections {
					client := dial(t, addr)
					server := accept(t, listener)
					all.Go(func() {
						_, _ = client.Write(make([]byte, size/tt.connections))
						client.CloseWrite()
					})
					all.Go(func() {
						if n, err := io.Copy(io.Discard, server); n != int64(size/tt.connections) || err != nil {
							t.Errorf("received %d bytes, %v", n, err)
						}
					})
				}
				all.Wait()
				return time.Since(start)
			})
		})
	}
}

// TestBandwidthIsShared: a small request waits for one read of a greedy connection (2 ms) and what that may read ahead
// (4 ms), not for all that it has to send, nor for a whole read (131 ms at this rate).
func TestBandwidthIsShared(t *testing.T) {
	l := newLink(t, Shape{Bandwidth: 8_000_000})
	greedy, sink := pair(t, l)
	go func() { _, _ = greedy.Write(make([]byte, 64<<20)) }() // a minute's worth
	go func() { _, _ = io.Copy(io.Discard, sink) }()
	until(t, "the greedy connection fills the link", func() bool { sent, _ := l.Bytes(); return sent > 20_000 })
	conn := dial(t, relay(t, l, "east", echoServer(t)))
	var times []time.Duration
	for range 15 {
		start := time.Now()
		write(t, conn, "small")
		expect(t, conn, "small")
		times = append(times, time.Since(start))
	}
	if d := p50(times); d > 40*time.Millisecond {
		t.Errorf("a small request takes %v at the median, want well below a whole read's time", d)
	}
}

func TestJitterKeepsOrderAndBounds(t *testing.T) {
	const rtt, jitter = 8 * time.Millisecond, 4 * time.Millisecond
	l := newLink(t, Shape{RTT: rtt, Jitter: jitter})
	conn := dial(t, relay(t, l, "east", echoServer(t)))
	write(t, conn, "x")
	expect(t, conn, "x")
	var low, high time.Duration = time.Hour, 0
	for range 40 {
		start := time.Now()
		write(t, conn, "x")
		expect(t, conn, "x")
		d := time.Since(start)
		if d < rtt-jitter {
			t.Fatalf("round trip %v, below %v - %v", d, rtt, jitter)
		}
		low, high = min(low, d), max(high, d)
	}
	if high-low < jitter/4 {
		t.Errorf("round trips of %v to %v hardly vary", low, high)
	}
	go func() {
		for i := range 2000 {
			_, _ = conn.Write([]byte{byte(i), byte(i >> 8)})
		}
	}()
	got := make([]byte, 4000)
	if _, err := io.ReadFull(conn, got); err != nil {
		t.Fatal(err)
	}
	for i := range 2000 {
		if int(got[2*i])|int(got[2*i+1])<<8 != i {
			t.Fatalf("piece %d out of order", i)
		}
	}
}

func TestSetShapeLive(t *testing.T) {
	l := newLink(t, Shape{})
	conn := dial(t, relay(t, l, "east", echoServer(t)))
	echo := func() time.Duration {
		start := time.Now()
		write(t, conn, "x")
		expect(t, conn, "x")
		return time.Since(start)
	}
	for _, rtt := range []time.Duration{0, 40 * time.Millisecond, 15 * time.Millisecond, 0} {
		l.Reshape(Both, Shape{RTT: rtt})
		if ab, ba := l.Shape(); ab.RTT != rtt || ba.RTT != rtt {
			t.Fatalf("shapes are %v and %v", ab, ba)
		}
		withinReach(t, rtt, rtt+10*time.Millisecond, echo)
	}

	// What is under way keeps its time, and nothing overtakes it.
	client, server := pair(t, l)
	l.Reshape(Both, Shape{RTT: 60 * time.Millisecond})
	start := time.Now()
	write(t, client, "slow ")
	until(t, "the first piece is under way", func() bool { return underWay(l) == 5 })
	l.Reshape(Both, Shape{})
	write(t, client, "fast")
	expect(t, server, "slow fast")
	if d := time.Since(start); d < 30*time.Millisecond {
		t.Errorf("arrived after %v, though sent with 30ms to go", d)
	}

	// A reader that waits for its turn on a narrow link does not sit out the old rate.
	l.Reshape(Both, Shape{Bandwidth: 32_000}) // 4 kB/s: 25 s for what follows
	before, _ := l.Bytes()
	go func() { _, _ = client.Write(make([]byte, 100_000)) }()
	until(t, "the first read is under way", func() bool { return underWay(l) > 0 })
	l.Reshape(Both, Shape{})
	start = time.Now()
	if _, err := io.ReadFull(server, make([]byte, 100_000)); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("took %v after the link was widened", d)
	}
	if after, _ := l.Bytes(); after-before != 100_000 {
		t.Errorf("counted %d bytes", after-before)
	}
}

// underWay is how many bytes the link's connections hold in flight.
func underWay(l *Link) (n int) {
	for _, c := range l.connections() {
		for _, p := range []*pipe{&c.out, &c.in} {
			p.mu.Lock()
			n += p.queue.size
			p.mu.Unlock()
		}
	}
	return n
}

// TestManyConnections moves different bytes over many connections from both ends, while shape and cuts change, and
// compares every byte and both counts.
func TestManyConnections(t *testing.T) {
	l := newLink(t, Shape{RTT: 2 * time.Millisecond, Jitter: time.Millisecond})
	echo := echoServer(t)
	addrs := []string{relay(t, l, "east", echo), relay(t, l, "west", echo)}
	const connections, size = 16, 1_000_000
	ctx, cancel := context.WithCancel(t.Context())
	var meddler, all sync.WaitGroup
	meddler.Go(func() {
		shapes := []Shape{{}, {RTT: 3 * time.Millisecond}, {Bandwidth: 800_000_000}, {RTT: time.Millisecond, Jitter: 2 * time.Millisecond},
			{RTT: 2 * time.Millisecond, Loss: 0.05}}
		for i := 0; ctx.Err() == nil; i++ {
			l.Reshape(Both, shapes[i%len(shapes)])
			l.SetCut(Cut{AtoB: i%3 == 0, BtoA: i%5 == 0})
			time.Sleep(time.Millisecond)
			l.SetCut(Cut{})
			time.Sleep(time.Millisecond)
		}
	})
	for i := range connections {
		all.Go(func() {
			conn, err := net.Dial("tcp", addrs[i%2])
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(limit))
			sent := make([]byte, size)
			draw := rand.NewChaCha8([32]byte{byte(i)})
			_, _ = draw.Read(sent)
			all.Go(func() { _, _ = conn.Write(sent) })
			got := make([]byte, size)
			if n, err := io.ReadFull(conn, got); err != nil {
				t.Errorf("connection %d: %d bytes, %v", i, n, err)
			} else if !bytes.Equal(sent, got) {
				t.Errorf("connection %d: bytes differ", i)
			}
		})
	}
	all.Wait()
	cancel()
	meddler.Wait()
	if ab, ba := l.Bytes(); ab != connections*size || ba != connections*size {
		t.Errorf("counted %d and %d bytes, want %d each way", ab, ba, connections*size)
	}
}
