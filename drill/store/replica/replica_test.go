package replica

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/role"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// one is the rules of one replica, on a clock that is moved by hand.
type one struct {
	*Leadership
	t     testing.TB
	now   time.Duration
	saved Epochs // as an engine has them on disk
	run   int
	seeds bool
}

func newOne(t testing.TB, region string) *one {
	o := &one{t: t, now: time.Hour}
	o.open(region)
	return o
}

func (o *one) open(region string) {
	o.run++
	o.Leadership = New(Config{
		Dataset: "orders", Region: region, Run: fmt.Sprint(o.run), Clock: func() time.Duration { return o.now }, Seeding: func() bool { return o.seeds },
	}, o.saved)
	if err := o.Configure(topology.Dataset{Name: "orders", Mode: topology.ModeAsync}); err != nil {
		o.t.Fatal(err)
	}
}

func (o *one) save(c *Change) error {
	o.saved = c.Epochs()
	c.Done()
	return nil
}

func (o *one) promote(epoch uint64) error { return o.Promote(context.Background(), epoch, o.save) }

func (o *one) fence(epoch uint64) error {
	return o.Fence(epoch, func(*Following) error { o.saved.Seen = max(o.saved.Seen, epoch); return nil })
}

func (o *one) clock() store.Clock {
	s, _, err := o.Status()
	if err != nil {
		o.t.Fatal(err)
	}
	return s.Clock
}

func (o *one) serving() error {
	_, err := o.Serving()
	return err
}

func want(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) || want == nil && got != nil {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestALeaseToTheNanosecond(t *testing.T) {
	const lease = 1500 * time.Millisecond
	o := newOne(t, "east")
	want(t, "promote", o.promote(1), nil)
	first := o.clock()
	want(t, "grant", o.Grant(1, first, lease), nil)
	o.now += lease - 1
	if s, _, _ := o.Status(); s.Role != role.Authority || s.LeaseLeft != 1 {
		t.Errorf("1 ns before the end it says %s, %s left", s.Role, s.LeaseLeft)
	}
	want(t, "1 ns before the end", o.serving(), nil)
	o.now++
	if s, _, _ := o.Status(); s.Role != role.Fenced || s.LeaseLeft != 0 || s.Epoch != 1 {
		t.Errorf("at the end it says %s, %s left, epoch %d", s.Role, s.LeaseLeft, s.Epoch)
	}
	want(t, "at the end", o.serving(), store.ErrFenced)
	second := o.clock()
	want(t, "grant anew", o.Grant(1, second, lease), nil)
	want(t, "a grant that was overtaken", o.Grant(1, first, lease), nil)
	if s, _, _ := o.Status(); s.LeaseLeft != lease {
		t.Errorf("an overtaken grant moved the lease to %s", s.LeaseLeft)
	}
	future := second
	future.Reading++
	want(t, "a reading never given", o.Grant(1, future, lease), store.ErrStaleClock)
	want(t, "the longest lease", o.Grant(1, second, math.MaxInt64), nil)
	if s, _, _ := o.Status(); s.LeaseLeft != math.MaxInt64-o.now {
		t.Errorf("the longest lease is %s", s.LeaseLeft)
	}
}

// A fence that comes while the engine does what a promotion needs holds: the epoch is
// begun and never served.
func TestAFenceOvertakesAPromotion(t *testing.T) {
	o := newOne(t, "east")
	err := o.Promote(t.Context(), 1, func(c *Change) error {
		want(t, "at first it is allowed", c.Check(), nil)
		want(t, "fence", o.fence(2), nil)
		want(t, "then it is not", c.Check(), store.ErrStaleEpoch)
		return o.save(c)
	})
	want(t, "the promotion", err, store.ErrStaleEpoch)
	if o.saved != (Epochs{Seen: 2, Authority: 1, Led: 1}) || o.Epoch() != 2 {
		t.Errorf("saved %+v, epoch %d", o.saved, o.Epoch())
	}
	want(t, "grant", o.Grant(1, o.clock(), time.Hour), store.ErrStaleEpoch)
	want(t, "serving", o.serving(), store.ErrFenced)
}

func TestAFenceOvertakesAFollowing(t *testing.T) {
	o := newOne(t, "east")
	err := o.Follow(t.Context(), "west", 1, func(c *Change) error {
		want(t, "fence", o.fence(2), nil)
		o.saved = c.Epochs()
		if f := c.Done(); f != nil {
			t.Errorf("it follows %s in epoch %d", f.Authority, f.Epoch)
		}
		return nil
	})
	want(t, "the following", err, store.ErrStaleEpoch)
	if o.Following() != nil || o.saved.Seen != 2 {
		t.Errorf("it follows %v, saved %+v", o.Following(), o.saved)
	}
}

// What an engine could not do has changed nothing, but for what the change had to end.
func TestAChangeThatFails(t *testing.T) {
	o := newOne(t, "east")
	want(t, "follow", o.Follow(t.Context(), "west", 1, o.save), nil)
	f, broken := o.Following(), errors.New("disk full")
	want(t, "promote", o.Promote(t.Context(), 2, func(*Change) error { return broken }), broken)
	if o.Follows(f) != nil || f.Context().Err() != nil || o.Led() != 0 || o.Epoch() != 1 {
		t.Errorf("a promotion that failed left it with %+v, following %v", o.epochs, o.Following())
	}
	if err := o.Promote(t.Context(), 2, func(*Change) error { return nil }); err == nil {
		t.Error("promoted by an engine that did not begin the epoch")
	}
	want(t, "promote", o.Promote(t.Context(), 2, func(c *Change) error {
		if ended := c.Leave(); ended != f || f.Context().Err() == nil {
			t.Error("the following goes on")
		}
		return broken
	}), broken)
	want(t, "it follows no more", o.Follows(f), ErrLeft)
	o.seeds = true
	want(t, "promote what is being copied", o.promote(2), store.ErrSeeding)
	want(t, "follow while it is", o.Follow(t.Context(), "west", 2, o.save), nil)
}

func TestEachChangeIsMadeOnce(t *testing.T) {
	o := newOne(t, "east")
	calls := 0
	count := func(c *Change) error { calls++; return o.save(c) }
	for range 3 {
		want(t, "promote", o.Promote(t.Context(), 1, count), nil)
	}
	for range 3 {
		want(t, "follow", o.Follow(t.Context(), "west", 2, count), nil)
	}
	if calls != 2 {
		t.Errorf("%d changes were made, want 2", calls)
	}
	want(t, "another authority in that epoch", o.Follow(t.Context(), "south", 2, count), nil)
	if calls != 3 || o.Following().Authority != "south" {
		t.Errorf("it follows %+v after %d changes", o.Following(), calls)
	}
}

func TestReseed(t *testing.T) {
	o := newOne(t, "east")
	if err := o.Reseed(t.Context(), func(*Following) error { t.Error("dropped"); return nil }, o.save); err == nil {
		t.Error("one that follows nobody was dropped")
	}
	want(t, "follow", o.Follow(t.Context(), "west", 1, o.save), nil)
	f, broken := o.Following(), errors.New("disk full")
	for _, result := range []error{nil, broken} {
		f = o.Following()
		want(t, "reseed", o.Reseed(t.Context(), func(ended *Following) error {
			if ended != f || f.Context().Err() == nil {
				t.Error("the following goes on while its contents are dropped")
			}
			return result
		}, o.save), result)
		if now := o.Following(); now == nil || now == f || now.Authority != "west" || now.Epoch != 1 {
			t.Errorf("after that it follows %+v", now)
		}
	}
}

func TestAwait(t *testing.T) {
	never := func() (bool, <-chan struct{}) { return false, nil }
	for name, c := range map[string]struct {
		while func(l *Leadership)
		epoch uint64
		want  error
		takes time.Duration
	}{
		"the lease ends": {func(*Leadership) {}, 1, store.ErrFenced, time.Second},
		"a fence":        {func(l *Leadership) { _ = l.Fence(2, func(*Following) error { return nil }) }, 1, store.ErrFenced, time.Millisecond},
		"another epoch": {func(l *Leadership) {
			_ = l.Promote(context.Background(), 2, func(c *Change) error { c.Done(); return nil })
		}, 1, store.ErrFenced, time.Millisecond},
		"it follows": {func(l *Leadership) {
			_ = l.Follow(context.Background(), "west", 2, func(c *Change) error { c.Done(); return nil })
		}, 1, store.ErrNotAuthority, time.Millisecond},
		"closed": {func(l *Leadership) { l.Close() }, 1, store.ErrClosed, time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				clock := func() time.Duration { return time.Since(began) }
				l := New(Config{Dataset: "orders", Region: "east", Run: "1", Clock: clock, After: time.After}, Epochs{})
				defer l.Close()
				want(t, "configure", l.Configure(topology.Dataset{Name: "orders", Mode: topology.ModeAsync}), nil)
				want(t, "promote", l.Promote(t.Context(), 1, func(c *Change) error { c.Done(); return nil }), nil)
				want(t, "grant", l.Grant(1, store.Clock{Run: "1"}, time.Second), nil)
				time.AfterFunc(time.Millisecond, func() { c.while(l) })
				want(t, "await", l.Await(t.Context(), c.epoch, never), c.want)
				if took := time.Since(began); took != c.takes {
					t.Errorf("it took %s, want %s", took, c.takes)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		o := newOne(t, "east")
		want(t, "promote", o.promote(1), nil)
		want(t, "grant", o.Grant(1, o.clock(), time.Hour), nil)
		news := make(chan struct{})
		var done atomic.Bool
		time.AfterFunc(time.Second, func() { done.Store(true); close(news) })
		want(t, "what was waited for", o.Await(t.Context(), 1, func() (bool, <-chan struct{}) { return done.Load(), news }), nil)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		want(t, "whoever waits gives up", o.Await(ctx, 1, never), context.DeadlineExceeded)
	})
}

func TestDurableIndex(t *testing.T) {
	three := []string{"east", "west", "south"}
	quorum := topology.Durability{Mode: topology.ModeQuorum}
	with := func(region string) topology.Durability {
		return topology.Durability{Mode: topology.ModeSync, With: region}
	}
	for name, c := range map[string]struct {
		d         topology.Durability
		regions   []string
		start     uint64
		followers map[string]uint64
		want      uint64
	}{
		"async":                                 {topology.Durability{Mode: topology.ModeAsync}, three, 1, nil, 9},
		"pinned":                                {topology.Durability{Mode: topology.ModePinned}, three, 1, nil, 9},
		"sync, nothing heard":                   {with("west"), three, 1, map[string]uint64{"south": 9}, 0},
		"sync":                                  {with("west"), three, 1, map[string]uint64{"west": 7}, 7},
		"sync, a report of more than is known":  {with("west"), three, 1, map[string]uint64{"west": 12}, 9},
		"quorum of three, nothing heard":        {quorum, three, 1, nil, 0},
		"quorum of three, one":                  {quorum, three, 1, map[string]uint64{"west": 7}, 7},
		"quorum of three, the faster one":       {quorum, three, 1, map[string]uint64{"west": 7, "south": 3}, 7},
		"quorum of five":                        {quorum, []string{"a", "b", "c", "d", "east"}, 1, map[string]uint64{"a": 7, "b": 5, "c": 1}, 5},
		"quorum of one":                         {quorum, []string{"east"}, 1, nil, 9},
		"a majority of an older epoch":          {quorum, three, 9, map[string]uint64{"west": 8}, 0},
		"what all have of an older epoch":       {quorum, three, 9, map[string]uint64{"west": 8, "south": 4}, 4},
		"a majority from this epoch on":         {quorum, three, 8, map[string]uint64{"west": 8, "south": 4}, 8},
		"a report of a region that holds none":  {quorum, three, 1, map[string]uint64{"moon": 9}, 0},
		"an authority's own report counts once": {quorum, three, 1, map[string]uint64{"east": 9}, 0},
	} {
		got := Copies{Region: "east", Regions: c.regions, Position: 9, EpochStart: c.start, Followers: c.followers}.DurableIndex(c.d)
		if got != c.want {
			t.Errorf("%s: durable up to %d, want %d", name, got, c.want)
		}
	}
	copies := Copies{Region: "east", Regions: three, Position: 9, EpochStart: 1, Followers: map[string]uint64{"west": 7, "south": 3}}
	if got := copies.Durable([]topology.Durability{quorum, with("south")}); got != 3 {
		t.Errorf("both hold up to %d, want 3", got)
	}
	if got := fmt.Sprint(copies.WaitingFor([]topology.Durability{quorum, with("south")}, 8), copies.WaitingFor([]topology.Durability{quorum, with("south")}, 5), copies.WaitingFor([]topology.Durability{quorum}, 5)); got != "[south west] [south] []" {
		t.Errorf("waits for %s", got)
	}
}

// A controller that makes every mistake but one: it never gives one epoch to two
// regions. Whatever it asks, in each epoch one region serves at most, a fence holds, no
// lease outlasts what was granted, and no epoch is forgotten.
func TestRandomOrders(t *testing.T) {
	regions := []string{"east", "west", "south"}
	for seed := range uint64(2000) {
		rng := rand.New(rand.NewPCG(seed, 0))
		all, until, fenced := map[string]*one{}, map[string]time.Duration{}, map[string]uint64{}
		for _, region := range regions {
			all[region] = newOne(t, region)
		}
		leads, epoch := map[uint64]string{}, uint64(0)
		for range 40 {
			region := regions[rng.IntN(3)]
			o, before := all[region], all[region].Epoch()
			some := 1 + rng.Uint64N(epoch+1)
			switch rng.IntN(8) {
			case 0, 1:
				epoch++
				if leads[epoch] = region; o.promote(epoch) == nil {
					until[region] = 0
				}
			case 2:
				if owner := leads[some]; owner != "" && o.Follow(t.Context(), owner, some, o.save) == nil {
					until[region] = 0
				}
			case 3:
				if o.fence(some) == nil {
					fenced[region] = max(fenced[region], some)
				}
			case 4, 5:
				lease := time.Duration(rng.IntN(1000))
				if echo := o.clock(); o.Grant(o.Led(), echo, lease) == nil {
					until[region] = max(until[region], time.Duration(echo.Reading)+lease)
				}
			case 6:
				for _, region := range regions {
					all[region].now += time.Duration(rng.IntN(500))
				}
			case 7:
				o.Close()
				o.open(region)
				until[region] = 0
			}
			if o.Epoch() < before || o.saved.Seen != o.Epoch() {
				t.Fatalf("seed %d: %s knew of epoch %d, now of %d, on disk %+v", seed, region, before, o.Epoch(), o.saved)
			}
			for _, region := range regions {
				o := all[region]
				led, err := o.Serving()
				if err == nil && (leads[led] != region || led < fenced[region] || o.now >= until[region]) {
					t.Fatalf("seed %d: %s serves epoch %d of %s, fenced below %d, at %s with a lease until %s", seed, region, led, leads[led], fenced[region], o.now, until[region])
				}
			}
		}
		for _, o := range all {
			o.Close()
		}
	}
}
