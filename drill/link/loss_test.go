package link

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// transfer sends size bytes by a queue in virtual time, as fast as they may go, checks every byte's place, and returns
// when the last is delivered.
func transfer(t *testing.T, d *direction, seed uint64, size int) time.Duration {
	t.Helper()
	s := d.shape.Load()
	q := queue{direction: d, back: newDirection(*s, 0, 0), seed: seed, stream: 2}
	var now, nextRead int64
	for sent, got := 0, 0; got < size; {
		if sent < size && now >= nextRead && !q.full() {
			room := q.room(min(size-sent, s.readSize(2*s.oneWay())))
			for i := range room {
				room[i] = byte((sent + i) % 251)
			}
			nextRead = q.add(now, len(room))
			sent += len(room)
			continue
		}
		buf, wake := q.due(now)
		if len(buf) > 0 {
			for i, b := range buf {
				if b != byte((got+i)%251) {
					t.Fatalf("byte %d is %d: out of order", got+i, b)
				}
			}
			got += len(buf)
			q.delivered(len(buf))
			continue
		}
		if sent < size && !q.full() && (wake == 0 || nextRead < wake) {
			wake = nextRead
		}
		if wake <= now {
			t.Fatalf("at %v: nothing to do, and woken at %v", time.Duration(now), time.Duration(wake))
		}
		now = wake
	}
	return time.Duration(now)
}

// TestLossOverTransfers: a table of loss, round trip and size, 200 transfers each in virtual time.
func TestLossOverTransfers(t *testing.T) {
	const ms = time.Millisecond
	for _, loss := range []float64{0, 0.01, 0.05, 0.2} {
		for _, rtt := range []time.Duration{2 * ms, 40 * ms, 100 * ms} {
			for _, size := range []int{200, 20_000, 500_000} {
				t.Run(fmt.Sprintf("%v%% %v %d", loss*100, rtt, size), func(t *testing.T) {
					runs := 200
					if size > 100_000 {
						runs = 20
					}
					shape := Shape{RTT: rtt, Loss: loss}
					var took []time.Duration
					var lost, segments float64
					for seed := range uint64(runs) {
						d := newDirection(shape, seed, 0)
						took = append(took, transfer(t, d, seed, size))
						lost += float64(d.lost.Load())
						segments += math.Ceil(float64(size)/segment) + float64(d.lost.Load())
						if seed >= 5 {
							continue
						}
						if again := transfer(t, newDirection(shape, seed, 0), seed, size); again != took[seed] {
							t.Fatalf("seed %d took %v and then %v", seed, took[seed], again)
						}
					}
					slices.Sort(took)
					first, mid, end := took[0], took[len(took)/2], took[len(took)-1]
					if loss == 0 {
						if first != rtt/2 || end != rtt/2 || lost != 0 {
							t.Fatalf("without loss took %v to %v and lost %v", first, end, lost)
						}
						return
					}
					// Four standard deviations of the binomial distribution.
					if want, off := loss*segments, 4*math.Sqrt(segments*loss*(1-loss)); math.Abs(lost-want) > off {
						t.Errorf("%v of %v segments were lost, want %.0f ± %.0f", lost, segments, want, off)
					}
					if first < rtt/2 {
						t.Errorf("arrived after %v, before half a round trip", first)
					}
					// Mathis' formula, above what goes at once; what is lost at the end costs a timeout more.
					paced := time.Duration(float64(max(size-burst-segment, 0)) / shape.mathis(rtt) * float64(time.Second))
					if least := paced + rtt/2 - ahead; mid < least || float64(mid-2*rtt-1200*ms) > 1.1*float64(paced) {
						t.Errorf("took %v at the median, want %v and little more", mid, least)
					}
					if size <= segment {
						late := 0
						for _, d := range took {
							if d != rtt/2 {
								late++
								if d < topology.LeastResend {
									t.Errorf("a lone segment was lost and arrived after %v, before a timeout", d)
								}
							}
						}
						if want := loss * float64(runs); math.Abs(float64(late)-want) > 4*math.Sqrt(want) {
							t.Errorf("%d of %d lone segments were late, want about %.0f", late, runs, want)
						}
					}
				})
			}
		}
	}
}

// lossy is a retransmitter over a round trip of 40 ms that loses, of what is sent, the segment with the number nth only.
func lossy(nth int) (*retransmitter, *direction) {
	r := newRetransmitter(1, 2)
	s := Shape{RTT: 40 * time.Millisecond, Loss: 1e-12}
	r.p, r.clear = s.Loss, nth
	return r, newDirection(s, 1, 0)
}

// TestWhatALossCosts: which of the two recoveries a loss takes, and how long that is.
func TestWhatALossCosts(t *testing.T) {
	const ms = int64(time.Millisecond)
	const back = 20 * ms
	type read struct {
		at       int64
		segments int
	}
	tests := []struct {
		name  string
		nth   int
		reads []read
		again int
		want  int64 // when the hole closes
	}{
		{"three behind it in the same read", 2, []read{{0, 6}}, 0, 20*ms + 40*ms},
		{"two behind it", 3, []read{{0, 6}}, 0, 200*ms + 20*ms},
		{"the last", 5, []read{{0, 6}}, 0, 200*ms + 20*ms},
		{"alone", 0, []read{{0, 1}}, 0, 200*ms + 20*ms},
		{"three behind it in later reads", 0, []read{{0, 1}, {30 * ms, 1}, {60 * ms, 1}, {90 * ms, 1}}, 0, 90*ms + 20*ms + 40*ms},
		{"the third too late for the timeout", 0, []read{{0, 1}, {30 * ms, 1}, {60 * ms, 1}, {170 * ms, 1}}, 0, 200*ms + 20*ms},
		{"one retransmission lost as well", 0, []read{{0, 1}}, 1, 600*ms + 20*ms},
		{"two more", 0, []read{{0, 1}}, 2, 1400*ms + 20*ms},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, d := lossy(tt.nth)
			size := 0
			for _, read := range tt.reads {
				r.send(read.at, read.segments*segment, d, back)
				size += read.segments * segment
				if h := &r.holes.ring[0]; tt.again > 0 {
					h.again = tt.again
					h.until = h.sent + timeouts(h.timeout, h.again+1) + back
				}
			}
			if r.holes.n != 1 {
				t.Fatalf("%d holes", r.holes.n)
			}
			if got := r.holes.at(0).until; got != tt.want {
				t.Errorf("arrives at %v, want %v", time.Duration(got), time.Duration(tt.want))
			}
			if n, until := r.open(tt.want-1, size); n != tt.nth*segment || until != tt.want {
				t.Errorf("before: %d bytes may pass until %v", n, time.Duration(until))
			}
			if n, _ := r.open(tt.want, size); n != size {
				t.Errorf("afterwards: %d bytes of %d may pass", n, size)
			}
			if got := d.losses(); got != (Losses{1, segment}) {
				t.Errorf("counted %+v", got)
			}
		})
	}
}

func TestTimeout(t *testing.T) {
	const ms = int64(time.Millisecond)
	r := &retransmitter{}
	r.sample(100 * ms)
	if got := r.timeout(); got != 300*ms {
		t.Errorf("after the first sample of 100ms: %v, want SRTT + 4·SRTT/2", time.Duration(got))
	}
	for range 100 {
		r.sample(100 * ms)
	}
	if got := r.timeout(); got != 200*ms {
		t.Errorf("after many even samples: %v, want the floor", time.Duration(got))
	}
	if got := timeouts(200*ms, 4); got != 3000*ms {
		t.Errorf("four timeouts take %v, want 200+400+800+1600 ms", time.Duration(got))
	}
	if got := timeouts(int64(50*time.Second), 3); got != int64(170*time.Second) {
		t.Errorf("three timeouts from 50s take %v, want 50+60+60 s", time.Duration(got))
	}
}

// TestLossOfSYNs: the share of handshakes that lose none, and how long the others try.
func TestLossOfSYNs(t *testing.T) {
	const p, runs = 0.3, 2000
	l := New("a", "b", Shape{}, WithSeed(3))
	l.Reshape(AtoB, Shape{Loss: p})
	l.Reshape(BtoA, Shape{Loss: p})
	tried := map[time.Duration]int{}
	failed := 0
	for i := range uint64(runs) {
		c := newConnection(&Relay{link: l, from: "a"}, nil)
		c.out.queue.stream, c.in.queue.stream = 2*i+2, 2*i+3
		d, err := c.loseSYN()
		if err != nil {
			failed++
		}
		tried[time.Duration(d)]++
	}
	within := func(what string, got int, share float64) {
		t.Helper()
		want := share * runs
		if off := 4*math.Sqrt(runs*share*(1-share)) + 1; math.Abs(float64(got)-want) > off {
			t.Errorf("%s: %d of %d, want %.0f ± %.0f", what, got, runs, want, off)
		}
	}
	through := (1 - p) * (1 - p)
	within("at once", tried[0], through)
	within("after 1 s", tried[time.Second], (1-through)*through)
	within("after 3 s", tried[3*time.Second], math.Pow(1-through, 2)*through)
	within("given up", failed, math.Pow(1-through, 5))
	if ab, ba := l.Losses(); ab.Segments == 0 || ba.Segments == 0 || ab.Bytes+ba.Bytes != 0 {
		t.Errorf("counted %+v and %+v", ab, ba)
	}
}
