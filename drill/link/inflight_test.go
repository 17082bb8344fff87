package link

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestInflightKeepsBytesAndTimes drives a flight with random reads and deliveries beside a plain slice of bytes, each with
// its time, that must come out the same.
func TestInflightKeepsBytesAndTimes(t *testing.T) {
	type timed struct {
		b  byte
		at int64
	}
	for seed := range uint64(5) {
		draw := rand.New(rand.NewPCG(seed, 7))
		var f inflight
		var want []timed
		var now, last int64
		var next byte
		for range 1000 {
			now += draw.Int64N(20)
			switch draw.IntN(10) {
			case 0, 1, 2, 3:
				room := f.room(1 + draw.IntN(chunkSize))
				n := draw.IntN(len(room) + 1)
				if draw.IntN(20) > 0 {
					n = min(n, 100)
				}
				last = max(last, now+draw.Int64N(400))
				for i := range n {
					room[i] = next
					want = append(want, timed{next, last})
					next++
				}
				f.taken(n, last)
			case 4:
				f.stampAgain(func(int) int64 { return now + 200 })
				last = now + 200
				for i := range want {
					want[i].at = last
				}
			default:
				got := f.due(now)
				ready := 0
				for ready < len(want) && want[ready].at <= now {
					ready++
				}
				if (len(got) == 0) != (ready == 0) || len(got) > ready {
					t.Fatalf("seed %d: %d bytes handed out when %d are due", seed, len(got), ready)
				}
				for i, b := range got {
					if b != want[i].b {
						t.Fatalf("seed %d: byte %d is %d, want %d", seed, i, b, want[i].b)
					}
				}
				if len(got) == 0 && len(want) > 0 && f.next() != want[0].at {
					t.Fatalf("seed %d: next at %d, want %d", seed, f.next(), want[0].at)
				}
				n := 0
				if len(got) > 0 {
					n = 1 + draw.IntN(len(got))
				}
				f.delivered(n)
				want = want[n:]
			}
			if f.size != len(want) {
				t.Fatalf("seed %d: %d bytes under way, want %d", seed, f.size, len(want))
			}
			if len(want) == 0 && f.chunks.n != 0 {
				t.Fatalf("seed %d: an empty flight holds %d chunks", seed, f.chunks.n)
			}
		}
	}
}

func TestInflightDropWhileReading(t *testing.T) {
	var f inflight
	copy(f.room(100), "lost")
	f.taken(4, 1)
	room := f.room(100)
	f.drop()
	copy(room, "kept")
	f.taken(4, 2)
	if got := f.due(2); !bytes.Equal(got, []byte("kept")) {
		t.Fatalf("after drop during a read: %q, want what was read after it", got)
	}
	f.drop()
	if f.chunks.n != 0 || f.size != 0 {
		t.Fatalf("a dropped flight holds %d chunks, %d bytes", f.chunks.n, f.size)
	}
}

func TestInflightIsBounded(t *testing.T) {
	tests := []struct {
		name string
		read int
	}{
		{"large reads", chunkSize},
		{"single bytes", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var f inflight
			for !f.full() {
				room := f.room(tt.read)
				f.taken(len(room), 1)
			}
			if got, most := f.chunks.n*chunkSize, maxInflight+2*chunkSize; got > most {
				t.Fatalf("full flight holds %d bytes of memory, want at most %d", got, most)
			}
			if f.marks.n > maxMarks {
				t.Fatalf("full flight holds %d marks, want at most %d", f.marks.n, maxMarks)
			}
		})
	}
}
