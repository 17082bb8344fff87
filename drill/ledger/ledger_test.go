package ledger

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"
)

const ms = time.Millisecond

func TestWhatIsKnownOfAWrite(t *testing.T) {
	sent := func(l *Ledger) { l.Sent("orders", "w1", []byte("one"), 1*ms) }
	tests := []struct {
		name string
		do   func(*Ledger)
		want Write
	}{
		{"sent", func(*Ledger) {}, Write{ID: "w1", State: Pending, Sent: 1 * ms}},
		{"acknowledged", func(l *Ledger) { l.Acked("orders", "w1", "us", 3, 7, 5*ms) },
			Write{ID: "w1", State: Acknowledged, Sent: 1 * ms, Ended: 5 * ms, By: "us", Epoch: 3, Index: 7}},
		{"given up", func(l *Ledger) { l.Unacked("orders", "w1", 9*ms, "timeout") },
			Write{ID: "w1", State: Unacknowledged, Sent: 1 * ms, Ended: 9 * ms, By: "timeout"}},
		{"acknowledged twice", func(l *Ledger) {
			l.Acked("orders", "w1", "us", 3, 7, 5*ms)
			l.Acked("orders", "w1", "eu", 4, 8, 6*ms)
		}, Write{ID: "w1", State: Acknowledged, Sent: 1 * ms, Ended: 5 * ms, By: "us", Epoch: 3, Index: 7}},
		{"given up after it was acknowledged", func(l *Ledger) {
			l.Acked("orders", "w1", "us", 3, 7, 5*ms)
			l.Unacked("orders", "w1", 6*ms, "timeout")
		}, Write{ID: "w1", State: Acknowledged, Sent: 1 * ms, Ended: 5 * ms, By: "us", Epoch: 3, Index: 7}},
		{"acknowledged after it was given up", func(l *Ledger) {
			l.Unacked("orders", "w1", 4*ms, "timeout")
			l.Acked("orders", "w1", "us", 3, 7, 5*ms)
		}, Write{ID: "w1", State: Acknowledged, Sent: 1 * ms, Ended: 5 * ms, By: "us", Epoch: 3, Index: 7}},
		{"sent again", func(l *Ledger) { l.Sent("orders", "w1", []byte("other"), 8*ms) },
			Write{ID: "w1", State: Pending, Sent: 1 * ms}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := New()
			sent(l)
			tt.do(l)
			if got, ok := l.Find("orders", "w1"); !ok || got != tt.want {
				t.Errorf("got %+v %v, want %+v", got, ok, tt.want)
			}
		})
	}
	if _, ok := New().Find("orders", "w1"); ok {
		t.Error("an empty ledger knows a write")
	}
}

func TestRecent(t *testing.T) {
	l := New()
	if id, _, ok := l.Recent("orders", 0); ok {
		t.Fatalf("an empty ledger has the recent write %q", id)
	}
	ack := func(n int) {
		id := fmt.Sprint("w", n)
		l.Sent("orders", id, nil, 0)
		l.Acked("orders", id, "us", 1, uint64(n), 0)
	}
	for n := range 3 {
		ack(n)
	}
	var got []string
	for n := range 5 {
		id, _, _ := l.Recent("orders", n)
		got = append(got, id)
	}
	if want := []string{"w2", "w1", "w0", "w2", "w1"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if id, _, ok := l.Recent("others", 0); ok {
		t.Errorf("a write of another dataset: %q", id)
	}
	for n := 3; n < 10*recentKept; n++ {
		ack(n)
	}
	if id, _, _ := l.Recent("orders", 0); id != fmt.Sprint("w", 10*recentKept-1) {
		t.Errorf("latest is %s", id)
	}
	if id, _, _ := l.Recent("orders", recentKept-1); id != fmt.Sprint("w", 9*recentKept) {
		t.Errorf("oldest kept is %s", id)
	}
	if n := len(l.books["orders"].recent); n > 2*recentKept {
		t.Errorf("%d writes are kept as recent", n)
	}
}

func TestConcurrentUse(t *testing.T) {
	l, store := New(), &replica{}
	const writers, each = 8, 200
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for n := range each {
				id := fmt.Sprintf("%d-%d", w, n)
				l.Sent("orders", id, []byte(id), 0)
				store.append(id, id)
				l.Acked("orders", id, "us", 1, 0, time.Duration(n))
				l.Recent("orders", n)
			}
		})
	}
	checking := make(chan error, 1)
	go func() {
		for range 20 {
			c, err := l.Check(t.Context(), "orders", "us", "", 0, store.audit)
			if err != nil || len(c.Lost) > 0 {
				checking <- fmt.Errorf("check while writing: %+v %w", c, err)
				return
			}
		}
		checking <- nil
	}()
	all.Wait()
	if err := <-checking; err != nil {
		t.Fatal(err)
	}
	c, err := l.Check(t.Context(), "orders", "us", "end", 0, store.audit)
	if err != nil || c.Acknowledged != writers*each || len(c.Lost)+len(c.Mismatched) > 0 {
		t.Errorf("got %+v %v", c, err)
	}
}

// BenchmarkWrite is the cost of one write from Sent to Acked, and the bytes that
// stay in memory of it.
func BenchmarkWrite(b *testing.B) {
	l, payload := New(), make([]byte, 256)
	before := liveBytes()
	for n := range b.N {
		id := fmt.Sprintf("1a2b3c4d-%d", n)
		l.Sent("orders", id, payload, time.Duration(n))
		l.Acked("orders", id, "us-east", 1, uint64(n), time.Duration(n))
	}
	b.StopTimer()
	b.ReportMetric((liveBytes()-before)/float64(b.N), "kept-B/op")
	runtime.KeepAlive(l)
}

func liveBytes() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
