package link

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
	"time"
)

// TestReshapeOneDirection: a round trip is half of each direction's, and the other direction is left alone.
func TestReshapeOneDirection(t *testing.T) {
	const ms = time.Millisecond
	l := newLink(t, Shape{RTT: 10 * ms})
	conn := dial(t, relay(t, l, "east", echoServer(t)))
	write(t, conn, "x")
	expect(t, conn, "x")
	tests := []struct {
		name   string
		which  Directions
		rtt    time.Duration
		ab, ba time.Duration // each direction's RTT afterwards
	}{
		{"out only", AtoB, 60 * ms, 60 * ms, 10 * ms},
		{"back as well", BtoA, 30 * ms, 60 * ms, 30 * ms},
		{"both back", Both, 10 * ms, 10 * ms, 10 * ms},
		{"none", 0, 90 * ms, 10 * ms, 10 * ms},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l.Reshape(tt.which, Shape{RTT: tt.rtt})
			if ab, ba := l.Shape(); ab.RTT != tt.ab || ba.RTT != tt.ba {
				t.Fatalf("shapes are %v and %v", ab, ba)
			}
			want := (tt.ab + tt.ba) / 2
			if l.RTT() != want {
				t.Errorf("round trip is %v, want %v", l.RTT(), want)
			}
			withinReach(t, want, want+10*ms, func() time.Duration {
				start := time.Now()
				write(t, conn, "x")
				expect(t, conn, "x")
				return time.Since(start)
			})
		})
	}
}

// TestLossKeepsEveryByte: over a link that loses a fifth in one direction, that is cut and reshaped meanwhile, all bytes
// arrive once and in order; what was sent again is counted beside what was delivered, in that direction only.
func TestLossKeepsEveryByte(t *testing.T) {
	brownout := Shape{RTT: 4 * time.Millisecond, Jitter: time.Millisecond, Bandwidth: 100_000_000, Loss: 0.2}
	l := newLink(t, Shape{RTT: 2 * time.Millisecond})
	conn := dial(t, relay(t, l, "east", echoServer(t)))
	write(t, conn, "x")
	expect(t, conn, "x")
	sent := make([]byte, 400_000)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(sent)
	l.Reshape(AtoB, brownout)
	go func() { _, _ = conn.Write(sent) }()
	got := make([]byte, len(sent))
	half := len(sent) / 2
	if _, err := io.ReadFull(conn, got[:half]); err != nil {
		t.Fatal(err)
	}
	l.SetCut(Cut{AtoB: true})
	l.SetCut(Cut{})
	l.Reshape(AtoB, Shape{RTT: 2 * time.Millisecond})
	lost, _ := l.Losses()
	if _, err := io.ReadFull(conn, got[half:]); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(sent, got) {
		t.Error("bytes differ")
	}
	ab, ba := l.Losses()
	if lost.Segments < 10 || lost.Bytes < 10*segment || lost.Bytes > lost.Segments*segment {
		t.Errorf("lost %+v of %d bytes", lost, half)
	}
	if ba != (Losses{}) {
		t.Errorf("lost %+v in the direction that loses nothing", ba)
	}
	if out, back := l.Bytes(); out != uint64(len(sent))+1 || back != out {
		t.Errorf("delivered %d and %d bytes: what is sent again is not to be in it", out, back)
	}
	write(t, conn, "y")
	expect(t, conn, "y")
	if after, _ := l.Losses(); after.Segments > ab.Segments+uint64(len(sent)/segment) {
		t.Errorf("lost %+v after the loss was taken away, %+v before", after, ab)
	}
}

// TestLostSYN: a connection whose first SYN is lost comes across a second later, and one whose client leaves meanwhile
// never does.
func TestLostSYN(t *testing.T) {
	l := newLink(t, Shape{})
	listener := listen(t)
	addr := relay(t, l, "east", listener.Addr().String())
	dial(t, addr)
	accept(t, listener)
	// The second connection's first draw is 0.039 and its next 0.187; the third's are 0.133 and 0.779.
	l.Reshape(AtoB, Shape{Loss: 0.1})
	start := time.Now()
	client := dial(t, addr)
	until(t, "the SYN is lost", func() bool { ab, _ := l.Losses(); return ab.Segments > 0 })
	l.Reshape(Both, Shape{})
	write(t, client, "hello")
	expect(t, accept(t, listener), "hello")
	if d := time.Since(start); d < time.Second {
		t.Errorf("came across after %v, want a retransmission's second first", d)
	}

	l.Reshape(AtoB, Shape{Loss: 0.5})
	before := l.openConnections()
	client = dial(t, addr)
	until(t, "its SYN is lost, too", func() bool { ab, _ := l.Losses(); return ab.Segments > 1 })
	client.Close()
	l.Reshape(Both, Shape{})
	until(t, "it is given up", func() bool { return l.openConnections() == before })
	_ = listener.(interface{ SetDeadline(time.Time) error }).SetDeadline(time.Now().Add(50 * time.Millisecond))
	if conn, err := listener.Accept(); err == nil {
		t.Errorf("a client that left was taken across: %v", conn.RemoteAddr())
	}
}
