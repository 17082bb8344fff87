package link

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"testing"
	"time"
)

// echoTimes dials addr and times 64-byte echoes on one kept connection.
func echoTimes(b *testing.B, addr string, rounds int) []time.Duration {
	b.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	msg := make([]byte, 64)
	exchange := func() {
		if _, err := conn.Write(msg); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(conn, msg); err != nil {
			b.Fatal(err)
		}
	}
	exchange() // the handshake's round trip is not an echo's
	times := make([]time.Duration, rounds)
	for i := range times {
		start := time.Now()
		exchange()
		times[i] = time.Since(start)
	}
	return times
}

func p50(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }

// BenchmarkAddedLatency reports what a plain link adds to a 64-byte echo over loopback, at the median. Runs with and
// without the link take turns, so that both see the same machine.
func BenchmarkAddedLatency(b *testing.B) {
	direct := echoServer(b)
	l := New("a", "b", Shape{})
	b.Cleanup(func() { l.Close() })
	relayed := relay(b, l, "a", direct)
	const rounds = 500
	var without, with []time.Duration
	for b.Loop() {
		without = append(without, echoTimes(b, direct, rounds)...)
		with = append(with, echoTimes(b, relayed, rounds)...)
	}
	b.ReportMetric(micros(p50(without)), "µs-direct-p50")
	b.ReportMetric(micros(p50(with)), "µs-linked-p50")
	b.ReportMetric(micros(p50(with)-p50(without)), "µs-added-p50")
}

// BenchmarkLossless reports what the model of loss costs where nothing is lost: a 64-byte echo over a link that has lost
// something before, against one that never has, taking turns. The ratio is 1 if it costs nothing.
func BenchmarkLossless(b *testing.B) {
	target := echoServer(b)
	shape := Shape{RTT: time.Millisecond}
	never, before := New("a", "b", shape), New("a", "b", Shape{RTT: time.Millisecond, Loss: 0.5})
	b.Cleanup(func() { never.Close(); before.Close() })
	addrs := []string{relay(b, never, "a", target), relay(b, before, "a", target)}
	echoTimes(b, addrs[1], 5)
	before.Reshape(Both, shape)
	const rounds = 100
	var times [2][]time.Duration
	for b.Loop() {
		for i, addr := range addrs {
			times[i] = append(times[i], echoTimes(b, addr, rounds)...)
		}
	}
	b.ReportMetric(float64(p50(times[1]))/float64(p50(times[0])), "after/never")
}

// BenchmarkThroughput40ms reports the steady rate of one connection over a link with a round trip of 40 ms.
func BenchmarkThroughput40ms(b *testing.B) {
	l := New("a", "b", Shape{RTT: 40 * time.Millisecond})
	b.Cleanup(func() { l.Close() })
	const piece = 64 << 20
	listener := listen(b)
	addr := relay(b, l, "a", listener.Addr().String())
	sender, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	receiver, err := listener.Accept()
	if err != nil {
		b.Fatal(err)
	}
	defer receiver.Close()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		buf := make([]byte, 256<<10)
		for {
			if _, err := sender.Write(buf); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 256<<10)
	receive := func() {
		for left := piece; left > 0; {
			n, err := receiver.Read(buf[:min(left, len(buf))])
			if err != nil {
				b.Fatal(err)
			}
			left -= n
		}
	}
	receive() // until windows are open
	b.SetBytes(piece)
	for b.Loop() {
		receive()
	}
	sender.Close()
	<-sent
}

// BenchmarkRoundTripError reports by how much the median round trip over a shaped link misses what was asked for; the
// loopback's own time is part of it.
func BenchmarkRoundTripError(b *testing.B) {
	for _, rtt := range []time.Duration{10, 40, 80} {
		rtt *= time.Millisecond
		b.Run(fmt.Sprint(rtt), func(b *testing.B) {
			l := New("a", "b", Shape{RTT: rtt})
			b.Cleanup(func() { l.Close() })
			addr := relay(b, l, "a", echoServer(b))
			var times []time.Duration
			for b.Loop() {
				times = append(times, echoTimes(b, addr, 20)...)
			}
			b.ReportMetric(micros(p50(times)-rtt), "µs-error-p50")
		})
	}
}

func listen(tb testing.TB) net.Listener {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	return l
}

// echoServer answers every byte with itself, until the test ends, and returns its address.
func echoServer(tb testing.TB) string {
	tb.Helper()
	l := listen(tb)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buf := make([]byte, 64<<10)
				for {
					n, err := conn.Read(buf)
					if n > 0 {
						if _, err := conn.Write(buf[:n]); err != nil {
							return
						}
					}
					if err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

func to(addr string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return addr, nil }
}

func relay(tb testing.TB, l *Link, from, target string) string {
	tb.Helper()
	r, err := l.Relay(from, "127.0.0.1:0", to(target))
	if err != nil {
		tb.Fatal(err)
	}
	return r.Addr().String()
}
