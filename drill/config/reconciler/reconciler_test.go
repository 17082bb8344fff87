package reconciler

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Whatever is committed and whatever people change by hand, one interval after the last of it every region equals its overlay, and
// what is not ours is as it was.
func TestEveryRegionEqualsItsOverlay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := rand.New(rand.NewPCG(seed, 1))
				x := newRig(topology.ConfigPull, config.Rollout{})
				foreign := config.Object{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "theirs"}, "data": map[string]any{"a": "1"}}
				ref, _ := config.RefOf(foreign)
				for _, c := range x.clusters {
					c.objects[ref] = config.Copy(foreign)
				}
				x.git.commit(r, x.regions, nil)
				if err := x.fleet.First(t.Context()); err != nil {
					t.Fatal(err)
				}
				if wrong := x.wrong(x.git.head.Hash); wrong != "" {
					t.Fatalf("after the first reconciliation %s", wrong)
				}
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() { x.fleet.Run(ctx); close(done) }()
				good := x.git.head.Hash
				for range 12 {
					time.Sleep(time.Duration(r.IntN(7000)) * time.Millisecond)
					c := x.clusters[x.regions[r.IntN(len(x.regions))]]
					switch r.IntN(5) {
					case 0:
						good = x.git.commit(r, x.regions, nil)
					case 1: // once what is good was seen: of several commits in an interval the newest counts
						time.Sleep(10*time.Second + time.Millisecond)
						x.git.commit(r, x.regions, errors.New("base/web.yaml:3: this is not YAML"))
					case 2: // half of it is applied, then the API server is gone for a while
						c.mu.Lock()
						c.breaks = r.IntN(3)
						c.mu.Unlock()
					default:
						c.edit(r)
					}
				}
				for _, c := range x.clusters {
					c.mu.Lock()
					c.breaks = -1
					c.mu.Unlock()
				}
				time.Sleep(10*time.Second + time.Millisecond)
				synctest.Wait()
				if wrong := x.wrong(good); wrong != "" {
					t.Errorf("an interval later %s", wrong)
				}
				for name, c := range x.clusters {
					if !maps.Equal(config.Flat(c.objects[ref]), config.Flat(foreign)) {
						t.Errorf("%s: what is not ours was touched: %v", name, c.objects[ref])
					}
				}
				x.view(func(s *config.State) {
					for _, g := range s.Regions {
						if g.Wanted != good || g.Behind() || len(s.Open(g.Name)) > 0 || g.Failed != nil {
							t.Errorf("the state has %+v, want all of %s", g, good)
						}
					}
				})
				stop()
				<-done
			})
		})
	}
}

// Drift is seen within the interval, told once with who made it, and mended; at rest nothing is applied.
func TestDriftIsMendedWithinTheInterval(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newRig(topology.ConfigPull, config.Rollout{})
		x.git.commit(rand.New(rand.NewPCG(1, 1)), x.regions, nil)
		defer x.runs(t)()
		time.Sleep(time.Minute)
		if got := x.clusters["a"].applies; got != 1 {
			t.Errorf("%d applications in a minute in which nothing changed", got)
		}
		x.clusters["a"].edit(rand.New(rand.NewPCG(3, 1)))
		time.Sleep(10*time.Second + time.Millisecond)
		x.view(func(s *config.State) {
			if len(s.Drifts) != 1 || s.Drifts[0].Region != "a" || s.Drifts[0].Mended == nil || s.Drifts[0].Fields[0].Who != "kubectl-edit" {
				t.Fatalf("%+v", s.Drifts[0])
			}
		})
		if drifted, mended := x.count("config.drifted"), x.count("config.mended"); drifted != 1 || mended != 1 {
			t.Errorf("%d drifted, %d mended", drifted, mended)
		}
	})
}

// Who joins a fleet is told once of what its regions have, though nothing is given to them.
func TestWhatRegionsHaveAlreadyIsToldOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		before, joins := newRig(topology.ConfigPull, config.Rollout{}), newRig(topology.ConfigPull, config.Rollout{})
		before.git.commit(rand.New(rand.NewPCG(1, 1)), before.regions, nil)
		before.runs(t)()
		joins.git = before.git
		joins.fleet.cfg.Source = before.git
		for name, c := range before.clusters {
			joins.fleet.regions[name].target = c
		}
		defer joins.runs(t)()
		time.Sleep(time.Minute)
		if got := joins.count("config.applied"); got != len(joins.regions) {
			t.Errorf("told %d times of %d regions", got, len(joins.regions))
		}
		if got := before.clusters["a"].applies; got != 1 {
			t.Errorf("what a region had was given to it again: %d applications", got)
		}
	})
}

// runs gives every region its first revision and keeps them in step until what it returns is called.
func (x *rig) runs(t *testing.T) (stop func()) {
	t.Helper()
	if err := x.fleet.First(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	go x.fleet.Run(ctx)
	return stop
}

// In manual mode nobody notices; a person who asks for it has it put right.
func TestManualModeNoticesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newRig(topology.ConfigManual, config.Rollout{})
		r := rand.New(rand.NewPCG(1, 1))
		x.git.commit(r, x.regions, nil)
		defer x.runs(t)()
		x.clusters["a"].edit(rand.New(rand.NewPCG(3, 1)))
		next := x.git.commit(r, x.regions, nil)
		time.Sleep(time.Hour)
		if x.count("config.drifted") > 0 || x.clusters["a"].applies != 1 {
			t.Error("somebody noticed")
		}
		if err := x.fleet.Sync(t.Context(), x.regions...); err != nil {
			t.Fatal(err)
		}
		if wrong := x.wrong(next); wrong != "" {
			t.Error(wrong)
		}
	})
}

// A hub that is gone reconciles nobody, which is told once; what drifted meanwhile is mended when it is back.
func TestADeadHubReconcilesNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newRig(topology.ConfigHub, config.Rollout{})
		x.git.commit(rand.New(rand.NewPCG(1, 1)), x.regions, nil)
		defer x.runs(t)()
		set := func(err error) {
			for _, c := range x.clusters {
				c.mu.Lock()
				c.away = err
				c.mu.Unlock()
			}
		}
		set(fmt.Errorf("%w: connection refused", ErrHub))
		x.clusters["b"].edit(rand.New(rand.NewPCG(3, 1)))
		time.Sleep(time.Minute)
		x.view(func(s *config.State) {
			if s.Suspended == nil || s.Region("b").Away != nil {
				t.Errorf("suspended %v, b %+v", s.Suspended, s.Region("b"))
			}
		})
		set(nil)
		time.Sleep(11 * time.Second)
		x.view(func(s *config.State) {
			if s.Suspended != nil || len(s.Drifts) != 1 || s.Drifts[0].Mended == nil {
				t.Errorf("suspended %v, drifts %+v", s.Suspended, s.Drifts)
			}
		})
		if n := x.count("config.unreached"); n != 2 {
			t.Errorf("it was told %d times", n)
		}
		// What is committed meanwhile it sees once it is back.
		set(fmt.Errorf("%w: connection refused", ErrHub))
		time.Sleep(15 * time.Second)
		next := x.git.commit(rand.New(rand.NewPCG(5, 1)), x.regions, nil)
		time.Sleep(time.Minute)
		x.view(func(s *config.State) {
			if s.Head.Hash == next {
				t.Error("a hub that is gone saw a commit")
			}
		})
		set(nil)
		time.Sleep(time.Second)
		if wrong := x.wrong(next); wrong != "" {
			t.Errorf("a second after it came back %s", wrong)
		}
	})
}

// A region that was away for five commits has the newest soon after it is back, and none of those between.
func TestARegionThatWasAwayCatchesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newRig(topology.ConfigPull, config.Rollout{})
		r := rand.New(rand.NewPCG(1, 1))
		x.git.commit(r, x.regions, nil)
		defer x.runs(t)()
		c := x.clusters["c"]
		c.mu.Lock()
		c.away = ErrAway
		c.mu.Unlock()
		for range 5 {
			x.git.commit(r, x.regions, nil)
			time.Sleep(11 * time.Second)
		}
		x.view(func(s *config.State) {
			if g := s.Region("c"); g.Away == nil || !g.Behind() || s.Region("a").Behind() {
				t.Errorf("c %+v, a %+v", g, s.Region("a"))
			}
		})
		c.mu.Lock()
		c.away = nil
		c.mu.Unlock()
		time.Sleep(time.Second)
		if wrong := x.wrong(x.git.head.Hash); wrong != "" || c.applies != 2 {
			t.Errorf("%s; %d applications", wrong, c.applies)
		}
	})
}

// A repository that is away leaves the last good revision, and drift is mended on.
func TestTheLastGoodRevisionStays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newRig(topology.ConfigPull, config.Rollout{})
		good := x.git.commit(rand.New(rand.NewPCG(1, 1)), x.regions, nil)
		defer x.runs(t)()
		x.git.mu.Lock()
		x.git.away = errors.New("the repository is away: no such folder")
		x.git.mu.Unlock()
		x.clusters["a"].edit(rand.New(rand.NewPCG(3, 1)))
		time.Sleep(30 * time.Second)
		if wrong := x.wrong(good); wrong != "" {
			t.Error(wrong)
		}
		x.view(func(s *config.State) {
			if s.Failed == nil || !strings.Contains(s.Failed.Why, "no such folder") {
				t.Errorf("failed %v", s.Failed)
			}
		})
		x.git.mu.Lock()
		x.git.away = nil
		x.git.mu.Unlock()
		time.Sleep(11 * time.Second)
		x.view(func(s *config.State) {
			if s.Failed != nil {
				t.Errorf("it failed still: %v", s.Failed)
			}
		})
		if n := x.count("config.failed"); n != 1 {
			t.Errorf("it was told %d times", n)
		}
	})
}

// A repository that hangs keeps nobody from mending drift, and is told to be away.
func TestARepositoryThatHangsHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newRig(topology.ConfigPull, config.Rollout{})
		good := x.git.commit(rand.New(rand.NewPCG(1, 1)), x.regions, nil)
		defer x.runs(t)()
		x.git.mu.Lock()
		x.git.hangs = true
		x.git.mu.Unlock()
		time.Sleep(11 * time.Second) // it is asked, and does not answer
		x.clusters["a"].edit(rand.New(rand.NewPCG(3, 1)))
		time.Sleep(10*time.Second + time.Millisecond)
		if wrong := x.wrong(good); wrong != "" {
			t.Error(wrong)
		}
		x.view(func(s *config.State) {
			if s.Failed == nil || !strings.Contains(s.Failed.Why, "does not answer") {
				t.Errorf("failed %v", s.Failed)
			}
		})
	})
}

// A revision that takes too long to read is told, and given once it is read.
func TestARevisionThatIsReadSlowlyIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newRig(topology.ConfigPull, config.Rollout{})
		r := rand.New(rand.NewPCG(1, 1))
		x.git.commit(r, x.regions, nil)
		defer x.runs(t)()
		slow := func(is bool) {
			x.git.mu.Lock()
			x.git.slow = is
			x.git.mu.Unlock()
		}
		slow(true)
		newest := x.git.commit(r, x.regions, nil)
		time.Sleep(31 * time.Second)
		x.view(func(s *config.State) {
			if s.Failed == nil || !strings.Contains(s.Failed.Why, config.Short(newest)+" is not read yet") {
				t.Errorf("failed %v", s.Failed)
			}
		})
		slow(false)
		time.Sleep(21 * time.Second)
		if wrong := x.wrong(newest); wrong != "" {
			t.Error(wrong)
		}
		x.view(func(s *config.State) {
			if s.Failed != nil {
				t.Errorf("it failed still: %v", s.Failed)
			}
		})
		if n := x.count("config.failed"); n != 1 {
			t.Errorf("it was told %d times", n)
		}
	})
}

// A commit that was refused since the repository is locked is told, until it is locked no more.
func TestALockIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newRig(topology.ConfigPull, config.Rollout{})
		x.git.commit(rand.New(rand.NewPCG(1, 1)), x.regions, nil)
		defer x.runs(t)()
		lock := func(err error) {
			x.git.mu.Lock()
			x.git.locked = err
			x.git.mu.Unlock()
		}
		lock(errors.New("the repository is locked"))
		x.fleet.Refused(errors.New("the repository is locked"))
		for _, want := range []bool{true, false} {
			time.Sleep(21 * time.Second)
			x.view(func(s *config.State) {
				if (s.Failed != nil) != want {
					t.Errorf("failed %v, want one: %t", s.Failed, want)
				}
			})
			lock(nil)
		}
	})
}

// A revision that does not work stays in its wave: the regions of the next keep what they have.
func TestAWaveThatIsUnwellHoldsTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newRig(topology.ConfigPull, config.Rollout{Waves: [][]string{{"b"}, {"a", "c"}}, For: 5 * time.Second})
		r := rand.New(rand.NewPCG(1, 1))
		first := x.git.commit(r, x.regions, nil)
		defer x.runs(t)()
		b := x.clusters["b"]
		b.mu.Lock()
		b.unready = "0 of 2 replicas are ready"
		b.mu.Unlock()
		bad := x.git.commit(r, x.regions, nil)
		time.Sleep(time.Minute)
		x.view(func(s *config.State) {
			if got := []string{s.Region("a").Applied, s.Region("b").Applied, s.Region("c").Applied}; !slices.Equal(got, []string{first, bad, first}) {
				t.Errorf("they have %v", got)
			}
			if s.Held == nil || !strings.Contains(s.Held.Why, "0 of 2 replicas") {
				t.Errorf("held %+v", s.Held)
			}
		})
		b.mu.Lock()
		b.unready = ""
		b.mu.Unlock()
		time.Sleep(26 * time.Second) // seen well, for five seconds, and applied
		if wrong := x.wrong(bad); wrong != "" {
			t.Error(wrong)
		}
	})
}

// A roll-out holds the next wave as what does not work does, and is no failure; bring-up waits for it.
func TestARollOutHoldsTheNextWaveAndIsNoFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newRig(topology.ConfigPull, config.Rollout{Waves: [][]string{{"b"}, {"a", "c"}}, For: 5 * time.Second})
		r := rand.New(rand.NewPCG(1, 1))
		roll := func(name string, on bool) {
			c := x.clusters[name]
			c.mu.Lock()
			defer c.mu.Unlock()
			if c.rolling, c.unready = on, ""; on {
				c.unready = "2 of 4 updated"
			}
		}
		first := x.git.commit(r, x.regions, nil)
		roll("a", true)
		go func() {
			time.Sleep(7 * time.Second)
			roll("a", false)
		}()
		began := time.Now()
		if err := x.fleet.First(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 7*time.Second || took > 8*time.Second {
			t.Errorf("bring-up took %s, and a region ran after 7 s", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); x.fleet.Run(ctx) }()
		defer func() { cancel(); <-done }()
		roll("b", true)
		next := x.git.commit(r, x.regions, nil)
		time.Sleep(time.Minute)
		x.view(func(s *config.State) {
			if got := []string{s.Region("a").Applied, s.Region("b").Applied}; !slices.Equal(got, []string{first, next}) {
				t.Errorf("they have %v", got)
			}
			if s.Held == nil || !strings.Contains(s.Held.Why, "2 of 4 updated") || s.Region("b").Failed != nil {
				t.Errorf("held %+v, failed %+v", s.Held, s.Region("b").Failed)
			}
		})
		roll("b", false)
		time.Sleep(26 * time.Second)
		if wrong := x.wrong(next); wrong != "" {
			t.Error(wrong)
		}
		if n := x.count("config.failed"); n != 0 {
			t.Errorf("it was told %d times to have failed", n)
		}
	})
}

// What is changed by hand is told before a reconciler sees it, however long it takes to read it back: seen first, it would be taken for
// mended before it was made, and stay open for good.
func TestAChangeByHandIsToldBeforeItIsSeen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newRig(topology.ConfigPull, config.Rollout{})
		r := rand.New(rand.NewPCG(1, 1))
		revision := x.git.commit(r, x.regions, nil)
		defer x.runs(t)()
		err := x.fleet.Alone(t.Context(), "a", func() {
			x.clusters["a"].edit(r)
			time.Sleep(25 * time.Second)
			fields, _ := x.clusters["a"].Diff(t.Context(), x.git.revisions[revision]["a"])
			x.fleet.cfg.Emit(drill.Configured{News: config.Edited{Region: "a", Fields: fields}})
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(11 * time.Second)
		x.view(func(s *config.State) {
			if len(s.Drifts) != 1 || s.Drifts[0].Made == nil || s.Drifts[0].Seen == nil || len(s.Open("a")) > 0 {
				t.Errorf("%d drifts, and %v is open", len(s.Drifts), s.Open("a"))
			}
		})
	})
}

// The regions that no wave names are a wave of their own, which counts.
func TestTheLastWaveIsOfThoseThatNoneNames(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		x := newRig(topology.ConfigPull, config.Rollout{Waves: [][]string{{"b"}}, For: 5 * time.Second})
		r := rand.New(rand.NewPCG(1, 1))
		x.git.commit(r, x.regions, nil)
		defer x.runs(t)()
		x.git.commit(r, x.regions, nil)
		time.Sleep(time.Minute)
		x.view(func(s *config.State) {
			waves := s.Commits[len(s.Commits)-1].Waves
			if len(waves) != 2 || waves[1].Wave != 1 || waves[1].Of != 2 || !slices.Equal(waves[1].Regions, []string{"a", "c"}) {
				t.Errorf("its waves are %+v", waves)
			}
		})
	})
}
