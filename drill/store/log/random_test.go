package log

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "run TestRandomFaults with this seed only")
	seedsFlag = flag.Uint64("seeds", 30, "how many seeds TestRandomFaults runs")
)

var regions = []string{"east", "west", "south"}

// acked is a write that somebody acknowledged.
type acked struct {
	store.Entry
	region string
	fresh  bool // it was stored by this very append
	fences int  // how many fences had returned before it was sent
}

// fence is one that has returned.
type fence struct {
	region string
	below  uint64
}

// chaos is three replicas and a controller that makes every mistake but one: it
// never gives one epoch to two regions.
type chaos struct {
	*fleet
	rng   *rand.Rand
	epoch uint64
	seen  map[store.Ack]store.Entry // the one entry of an index and epoch

	mu      sync.Mutex
	lead    string
	fences  []fence
	written int
	acks    []acked
}

// TestRandomFaults writes to three replicas while links are cut, processes end
// and come back, and authorities are chosen at random, with survivors told late
// or never. In the end one leads, the others follow, and
//   - all logs are equal, and go on from what the last authority had;
//   - index and epoch name one entry, wherever and whenever it was seen;
//   - every acknowledged write is in the log, or in a file that a cut exported;
//   - no region acknowledged a write that came after it was fenced, in an epoch
//     that the fence was to stop.
//
// A seed fixes what is done, not how the goroutines take turns.
func TestRandomFaults(t *testing.T) {
	first, n := uint64(1), *seedsFlag
	if *seedFlag != 0 {
		first, n = *seedFlag, 1
	}
	for seed := first; seed < first+n; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			defer func() {
				if t.Failed() {
					t.Logf("run it again: go test ./drill/store/log -run TestRandomFaults -count 20 -seed %d", seed)
				}
			}()
			c := &chaos{fleet: newFleetIn(t, func() string { return memoryDir(t) }, nil, regions...), rng: rand.New(rand.NewPCG(seed, 0)), seen: map[store.Ack]store.Entry{}}
			c.promote(regions[c.rng.IntN(3)], true)
			stop := make(chan struct{})
			var writers sync.WaitGroup
			for w := range 2 {
				writers.Go(func() { c.write(w, stop) })
			}
			for range 12 {
				c.step()
			}
			close(stop)
			writers.Wait()
			c.settle()
		})
	}
}

// memoryDir is a folder in memory, where there is such a thing: processes end
// here, machines don't, so what an fsync costs can be saved for more seeds.
func memoryDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "fleetdrill-log-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// write writes to whoever leads, again and again. It notes what it was told.
func (c *chaos) write(writer int, stop <-chan struct{}) {
	var retry *store.Write
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		w := store.Write{ID: fmt.Sprintf("w%d-%d", writer, i)}
		w.Payload = payloadOf(w.ID)
		fresh := retry == nil || i%2 != 0
		if !fresh {
			w = *retry
		}
		retry = nil
		c.mu.Lock()
		lead, fences := c.lead, len(c.fences)
		c.mu.Unlock()
		ack, err := c.at(lead).Append(context.Background(), w)
		if err != nil {
			retry = &w
			continue
		}
		if i%16 == 0 {
			retry = &w
		}
		c.mu.Lock()
		c.written++
		c.acks = append(c.acks, acked{store.Entry{Index: ack.Index, Epoch: ack.Epoch, ID: w.ID, Payload: w.Payload}, lead, fresh, fences})
		c.mu.Unlock()
	}
}

// some waits until a few more writes were acknowledged, if there can be any.
func (c *chaos) some() {
	c.mu.Lock()
	lead, from := c.lead, c.written
	c.mu.Unlock()
	until(c.t, "writes flow", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.written > from+3 || !c.at(lead).can()
	})
}

// can says whether a replica takes writes.
func (r *Replica) can() bool {
	_, err := r.leadership.Serving()
	return err == nil
}

func (c *chaos) step() {
	region := regions[c.rng.IntN(3)]
	switch n := c.rng.IntN(100); {
	case n < 20:
		how := []string{"reset", "silent"}[c.rng.IntN(2)]
		for _, other := range regions {
			if c.rng.IntN(2) == 0 {
				c.set(region, other, how)
			}
			if c.rng.IntN(2) == 0 {
				c.set(other, region, how)
			}
		}
	case n < 35:
		c.heal()
	case n < 50:
		c.restart(region)
		if region == c.lead && c.rng.IntN(2) == 0 {
			c.grant(region)
		}
	case n < 75:
		c.promote(region, c.rng.IntN(3) > 0)
	case n < 85:
		c.switchover(region)
	default:
		c.follow(region)
	}
	c.some()
	c.look(region)
}

// promote makes any region the authority in a new epoch, whatever it lacks; some
// others are fenced first, some are told to follow. Regions that are not told go on
// as they were, and an old authority that was not fenced goes on taking writes.
func (c *chaos) promote(region string, tell bool) {
	ctx := context.Background()
	c.epoch++
	for _, other := range regions {
		if tell && c.rng.IntN(2) == 0 {
			c.fence(other)
		}
	}
	must(c.t, c.at(region).Promote(ctx, c.epoch))
	c.grant(region)
	if !tell && c.rng.IntN(2) == 0 {
		return // even the writers go on with the old one
	}
	c.mu.Lock()
	c.lead = region
	c.mu.Unlock()
	for _, other := range regions {
		if other != region && c.rng.IntN(4) > 0 {
			c.follow(other)
		}
	}
}

// fence fences a region with the epoch that is to come.
func (c *chaos) fence(region string) {
	must(c.t, c.at(region).Fence(context.Background(), c.epoch))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fences = append(c.fences, fence{region, c.epoch})
}

func (c *chaos) grant(region string) {
	r := c.at(region)
	s := status(c.t, r)
	err := r.Grant(context.Background(), s.Epoch, s.Clock, 1<<60)
	if err != nil && !errors.Is(err, store.ErrNotAuthority) && !errors.Is(err, store.ErrStaleEpoch) {
		c.t.Fatal(err)
	}
}

// follow tells a region to follow the present authority, where that makes sense.
func (c *chaos) follow(region string) {
	c.mu.Lock()
	lead := c.lead
	c.mu.Unlock()
	r := c.at(lead)
	led := r.leadership.Led()
	if region == lead || led == 0 {
		return
	}
	if err := c.at(region).Follow(context.Background(), lead, led); err != nil && !errors.Is(err, store.ErrStaleEpoch) {
		c.t.Fatal(err)
	}
}

// switchover moves the authority as the controller does when both are well, and
// checks that nothing is lost by that.
func (c *chaos) switchover(to string) {
	c.mu.Lock()
	from := c.lead
	c.mu.Unlock()
	if to == from || !c.at(from).can() {
		return
	}
	c.heal()
	c.follow(to)
	if status(c.t, c.at(to)).Authority != from {
		return // it knows of a later epoch
	}
	c.epoch++
	c.fence(from)
	last := status(c.t, c.at(from))
	until(c.t, to+" has the rest of "+from, func() bool {
		s := status(c.t, c.at(to))
		return s.Position == last.Position && s.LastIn == last.LastIn
	})
	if !sameLog(entriesOf(c.t, c.at(from)), entriesOf(c.t, c.at(to))) {
		c.t.Fatalf("%s and %s end at the same position and epoch, with different contents", from, to)
	}
	must(c.t, c.at(to).Promote(context.Background(), c.epoch))
	c.grant(to)
	c.mu.Lock()
	c.lead = to
	c.mu.Unlock()
	c.follow(from)
}

func (c *chaos) heal() {
	for _, from := range regions {
		for _, to := range regions {
			c.set(from, to, "")
		}
	}
}

// look holds what a region has against all that was ever seen.
func (c *chaos) look(region string) {
	// A cut during the audit ends it; what it saw till then still counts.
	_ = c.at(region).Audit(context.Background(), 0, func(e store.Entry) error {
		c.note(region, e)
		return nil
	})
}

func (c *chaos) note(where string, e store.Entry) {
	at := store.Ack{Index: e.Index, Epoch: e.Epoch}
	if old, ok := c.seen[at]; ok && !sameEntry(old, e) {
		c.t.Fatalf("%s has %s at %+v, where %s was seen before", where, e.ID, at, old.ID)
	}
	c.seen[at] = e
}

// settle heals everything and lets a random region lead to the end.
func (c *chaos) settle() {
	ctx := context.Background()
	c.heal()
	last := c.at(regions[c.rng.IntN(3)])
	c.epoch++
	must(c.t, last.Promote(ctx, c.epoch))
	had := entriesOf(c.t, last)
	c.grant(last.cfg.Region)
	write(c.t, last, "last-1", "last-2")
	for _, region := range regions {
		if region != last.cfg.Region {
			must(c.t, c.at(region).Follow(ctx, last.cfg.Region, c.epoch))
		}
	}
	write(c.t, last, "last-3")
	present := map[string][]byte{}
	for _, region := range regions {
		untilEqual(c.t, c.at(region), last)
		c.look(region)
		files, err := filepath.Glob(filepath.Join(c.dirs[region], "diverged", "*"))
		must(c.t, err)
		for _, file := range files {
			for _, e := range exported(c.t, file) {
				c.note(file, e)
				present[e.ID] = e.Payload
			}
		}
	}
	all := entriesOf(c.t, last)
	if len(all) != len(had)+3 || !sameLog(all[:len(had)], had) {
		c.t.Errorf("the last authority had %d entries when promoted; of the %d in the end it is no beginning", len(had), len(all))
	}
	for _, e := range all {
		present[e.ID] = e.Payload
	}
	for _, a := range c.acks {
		if payload, ok := present[a.ID]; !ok || string(payload) != string(a.Payload) {
			c.t.Errorf("%s was acknowledged by %s as entry %d of epoch %d and is neither in the log nor in any export", a.ID, a.region, a.Index, a.Epoch)
		}
		c.note("an acknowledgement of "+a.region, a.Entry)
		for _, f := range c.fences[:a.fences] {
			if a.fresh && f.region == a.region && a.Epoch < f.below {
				c.t.Errorf("%s acknowledged entry %d in epoch %d, though it was fenced below epoch %d before", a.region, a.Index, a.Epoch, f.below)
			}
		}
	}
	c.t.Logf("%d writes acknowledged, %d entries in the end, %d epochs", len(c.acks), len(all), c.epoch)
}
