package governor

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
)

// starting is a region whose web replicas become ready one after the other, a second each.
type starting struct {
	reconciler.Objects

	mu    sync.Mutex
	from  int
	to    int
	since time.Time
}

func (s *starting) scale(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.from, s.to, s.since = s.ready(), n, time.Now()
}

func (s *starting) ready() int { return min(s.to, s.from+int(time.Since(s.since)/time.Second)) }

func (s *starting) Health(context.Context) (config.Health, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.ready()
	return config.Health{Ready: n == s.to, Progressing: n != s.to, Running: &n}, nil
}

// A region counts as scaled once its web replicas are ready, and that took as long as it did since it was asked for; a number that
// another replaced before is never told, nor by this what a command tells itself. The platform knows at once.
func TestARegionIsScaledOnceItsReplicasAreReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		east := &starting{to: 1}
		var mu sync.Mutex // held for told: a timer that wakes who tells orders nothing
		var wanted, told []string
		ctx, stop := context.WithCancel(t.Context())
		clock := clock{time.Now()}
		g := newScalings(Config{
			Clock:  clock,
			Wanted: func(region string, n int) { wanted = append(wanted, fmt.Sprint(region, n)) },
			Scaled: func(region string, n int, took time.Duration, proof string) {
				mu.Lock()
				defer mu.Unlock()
				told = append(told, fmt.Sprintf("%s %d in %s, %s", region, n, took, proof))
			},
		}, []string{"east"}, regions{byHand: map[string]reconciler.Objects{"east": east}})
		var all sync.WaitGroup
		all.Go(func() { g.watch(ctx, "east") })
		expect := func(after time.Duration, want ...string) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if !slices.Equal(told, want) {
				t.Errorf("told %q, want %q", told, want)
			}
			told = nil
		}
		reconciled := func(n int, asked time.Duration) {
			east.scale(n)
			g.reconciled("east", scaling{n, asked, "reconciled"})
		}
		committed := clock.Now()
		time.Sleep(2 * time.Second) // its reconciler looks
		reconciled(3, committed)
		expect(1900 * time.Millisecond)
		expect(200*time.Millisecond, "east 3 in 4s, reconciled")
		reconciled(5, clock.Now())
		expect(time.Second)
		reconciled(6, clock.Now()-40*time.Millisecond)
		expect(time.Minute, "east 6 in 2.04s, reconciled")
		g.command("east", true)
		reconciled(7, clock.Now())
		expect(time.Minute)
		g.command("east", false)
		east.scale(1)
		g.edited(ctx, "east", scaling{1, clock.Now() - 20*time.Millisecond, "by hand"})
		expect(0, "east 1 in 20ms, by hand")
		east.scale(2)
		g.edited(ctx, "east", scaling{2, clock.Now(), "by hand"})
		expect(0)
		expect(2*time.Second, "east 2 in 1s, by hand")
		if want := []string{"east3", "east5", "east6", "east7", "east1", "east2"}; !slices.Equal(wanted, want) {
			t.Errorf("the platform was told %v, want %v", wanted, want)
		}
		stop()
		all.Wait()
	})
}
