package reconciler

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/pause"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A region that was given its revision while it came up is told of once, with what it took to give it and what differed then. Nothing is
// applied to it a second time.
func TestWhatWasGivenAheadIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newRig(topology.ConfigPull, config.Rollout{})
		revision := x.git.commit(rand.New(rand.NewPCG(1, 1)), x.regions, nil)
		early := x.clusters["a"]
		early.away = ErrAway // its API server starts
		time.AfterFunc(3*time.Second, func() {
			early.mu.Lock()
			defer early.mu.Unlock()
			early.away = nil
		})
		d, err := Deliver(t.Context(), x.git, "a", early, Wall{time.Now, pause.For})
		if err != nil || d.Revision != revision || len(d.Fields) == 0 || d.Took < 3*time.Second || d.Took > 4*time.Second {
			t.Fatalf("%+v, %v", d, err)
		}
		x.fleet.cfg.Ahead = func(region string) Delivered {
			if region == "a" {
				return d
			}
			return Delivered{}
		}
		var told []config.Applied
		emit := x.fleet.cfg.Emit
		x.fleet.cfg.Emit = func(b drill.Body) drill.Event {
			if c, is := b.(drill.Configured); is {
				if applied, is := c.News.(config.Applied); is && applied.Region == "a" {
					told = append(told, applied)
				}
			}
			return emit(b)
		}
		for range 2 {
			if err := x.fleet.First(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if wrong := x.wrong(revision); wrong != "" {
			t.Error(wrong)
		}
		if len(told) != 1 || told[0].Took != d.Took || len(told[0].Fields) != len(bounded(d.Fields)) || told[0].Was != "" {
			t.Errorf("told %+v of %+v", told, d)
		}
		if early.applies != 1 {
			t.Errorf("it was applied %d times", early.applies)
		}
	})
}

// What can't be given ahead is left as it is for the first reconciliation, which tells of it; and a region that never answers keeps nobody
// who gives it up.
func TestWhatCannotBeGivenAheadIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, x := rand.New(rand.NewPCG(1, 1)), newRig(topology.ConfigPull, config.Rollout{})
		x.git.commit(r, x.regions, nil)
		x.clusters["a"].breaks = 0
		if d, err := Deliver(t.Context(), x.git, "a", x.clusters["a"], Wall{time.Now, pause.For}); err == nil || d.Revision != "" {
			t.Errorf("%+v of objects that were refused", d)
		}
		x.clusters["b"].away = ErrAway
		given, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if d, err := Deliver(given, x.git, "b", x.clusters["b"], Wall{time.Now, pause.For}); !errors.Is(err, ErrAway) || d.Revision != "" {
			t.Errorf("%+v, %v of a region that is away", d, err)
		}
		x.git.commit(r, x.regions, errors.New("base/web.yaml:3: this is not YAML"))
		if _, err := Deliver(t.Context(), x.git, "c", x.clusters["c"], Wall{time.Now, pause.For}); err == nil || len(x.clusters["c"].objects) > 0 {
			t.Errorf("%v: a revision that can't be rendered was given", err)
		}
		if len(x.kinds) > 0 {
			t.Errorf("told of: %v", x.kinds)
		}
	})
}
