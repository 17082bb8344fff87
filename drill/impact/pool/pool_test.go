package pool

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/impact/recovery"
)

const ms = time.Millisecond

// times is when connections are idle again, the soonest first.
type times []float64

func (t times) Len() int           { return len(t) }
func (t times) Less(i, j int) bool { return t[i] < t[j] }
func (t times) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *times) Push(x any)        { *t = append(*t, x.(float64)) }
func (t *times) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}

// opened plays requests that come by chance, and counts those that open a connection: in all before a change, and of the slices after it.
func opened(seed uint64, perSecond, handshakes float64, before, after Way, lasted, follow time.Duration) (had float64, of []float64) {
	draw := rand.New(rand.NewPCG(seed, 1))
	of = make([]float64, follow/recovery.Slice)
	var idleAt times
	for at := -lasted.Seconds(); ; {
		at += draw.ExpFloat64() / perSecond
		if at >= follow.Seconds() {
			return had, of
		}
		w := after
		if at < 0 {
			w = before
		}
		took := w.Took.Seconds()
		if len(idleAt) > 0 && idleAt[0] <= at {
			heap.Pop(&idleAt)
		} else if took += handshakes * w.RoundTrip.Seconds(); at < 0 {
			had++
		} else {
			of[int(at/recovery.Slice.Seconds())]++
		}
		heap.Push(&idleAt, at+took)
	}
}

// The pool is held against many draws of single requests: how many connections had gathered, and how many were opened when a link
// became slower, or more came, or another region.
func TestThePoolIsWhatManyDrawsComeTo(t *testing.T) {
	way := func(d time.Duration) Way { return Way{Took: d, RoundTrip: d} }
	for _, tt := range []struct {
		name                  string
		perSecond, handshakes float64
		before, after         Way
		lasted                time.Duration
	}{
		{"a slower link", 10, 2, way(80 * ms), way(350 * ms), 7 * time.Second},
		{"a slower link of many", 80, 2, way(80 * ms), way(240 * ms), 7 * time.Second},
		{"another region", 20, 1, way(90 * ms), way(175 * ms), 0},
		{"as it was", 20, 2, way(80 * ms), way(80 * ms), 7 * time.Second},
	} {
		const draws, follow = 300, 3 * time.Second
		had, many := 0.0, make([]float64, follow/recovery.Slice)
		for seed := range uint64(draws) {
			h, of := opened(seed, tt.perSecond, tt.handshakes, tt.before, tt.after, tt.lasted, follow)
			had += h / draws
			for i, n := range of {
				many[i] += n / draws
			}
		}
		p := New(tt.handshakes, tt.perSecond, tt.before, tt.lasted)
		if math.Abs(p.kept-had) > 1.5+had/4 {
			t.Errorf("%s: %.1f connections had gathered, the draws say %.1f", tt.name, p.kept, had)
		}
		got, want := 0.0, 0.0
		for i, n := range many {
			got, want = got+tt.perSecond*recovery.Slice.Seconds()*p.Step(tt.perSecond, tt.after), want+n
			if at := time.Duration(i+1) * recovery.Slice; at%(time.Second/2) == 0 && math.Abs(got-want) > 1+want/5 {
				t.Errorf("%s: %.1f opened within %s, the draws say %.1f", tt.name, got, at, want)
			}
		}
	}
}

// Where a handshake takes longer than who asks waits, each try closes the connections that are idle: soon there is none, and nobody is
// answered.
func TestOneThatIsNotAnsweredInTimeClosesTheIdleOnes(t *testing.T) {
	slow := Way{Took: 700 * ms, RoundTrip: 700 * ms, Within: 1700 * ms}
	p := New(2, 10, Way{Took: 80 * ms, RoundTrip: 80 * ms}, 7*time.Second)
	if first := p.Step(10, slow); first > 0.05 {
		t.Errorf("%.2f of the first open one, and some are idle", first)
	}
	last := 0.0
	for range 6 * time.Second / recovery.Slice {
		last = p.Step(10, slow)
	}
	if last < 0.95 {
		t.Errorf("at the end %.2f open one", last)
	}
	slow.Within = 3 * time.Second
	p = New(2, 10, Way{Took: 80 * ms, RoundTrip: 80 * ms}, 7*time.Second)
	for range 6 * time.Second / recovery.Slice {
		last = p.Step(10, slow)
	}
	if last > 0.05 {
		t.Errorf("where there is time for it, at the end %.2f open one", last)
	}
}

// Of nobody who asks nothing is kept, and a few never have more than one each.
func TestFewRequestsKeepFewConnections(t *testing.T) {
	if p := New(1, 0, Way{}, time.Minute); p.kept != 0 || p.Step(0, Way{}) != 1 {
		t.Errorf("%+v", p)
	}
	if got := most(0.01, 2); got > 2 || got <= 0 {
		t.Errorf("two requests were %v at once", got)
	}
	if few, many := most(5, 1e3), most(5, 1e6); few < 10 || many <= few || many > 25 {
		t.Errorf("of 5 on average, %.1f of a thousand and %.1f of a million", few, many)
	}
}
