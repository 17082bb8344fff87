package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/repository"
	"github.com/fleetdrill/fleetdrill/drill/config/seed"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// governedLab is a drill on real agents that a repository governs.
func governedLab(t *attempt, how topology.Config, change func(*Config)) *lab {
	t.Helper()
	return newLab(t, func(c *Config) {
		c.Spec.Config = &how
		c.Repository = filepath.Join(t.TempDir(), "config.git")
		if made := c.Make; how.Repository == "" {
			c.Make = func(report fleet.Report) (fleet.Platform, error) {
				f, err := made(report)
				return slowly{f.(*labFleet), c.Repository}, err
			}
		}
		if change != nil {
			change(c)
		}
	})
}

// slowly is a fleet that takes as long to come up as its repository does: the two go on side by side.
type slowly struct {
	*labFleet
	repository string
}

func (s slowly) Up(ctx context.Context) error {
	for limit := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		repo, err := repository.Open(s.repository)
		if err == nil {
			if _, err = repo.Head(ctx); err == nil {
				return s.labFleet.Up(ctx)
			}
		}
		if time.Now().After(limit) {
			return fmt.Errorf("the repository has no commit before the fleet is up: %w", err)
		}
	}
}

// serve asks how many requests a region answered in the last sample.
func (l *lab) servedBy(region string) (n int) {
	for _, p := range l.state.Populations {
		if p.Last != nil {
			n += p.Last.ServedBy[region]
		}
	}
	return n
}

// all reports whether every region has the newest commit.
func all(s *drill.State) bool {
	for _, r := range s.Config.Regions {
		if r.Applied != s.Config.Head.Hash {
			return false
		}
	}
	return true
}

// While the hub is gone its reconciler does nothing: what somebody changed by hand stays, a commit reaches nobody, and a region can't be
// scaled, as a failover may need it. What runs goes on. Once the hub is back it sees all of it.
func TestTheHubsReconcilerIsLostWithIt(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		l := governedLab(t, topology.Config{Mode: topology.ConfigHub, Every: 100 * time.Millisecond}, func(c *Config) {
			c.Spec.Hub = &topology.Hub{Name: "hub", RTT: map[string]time.Duration{"a": 10 * time.Millisecond}}
			c.Spec.Web.Replicas = 2
		})
		l.undisturbed()
		hub := topology.Target{Kind: topology.DomainHub, Name: "hub"}
		l.send(runbook.Command{Verb: runbook.VerbKill, Domain: hub})
		l.until("nobody reconciles", func(s *drill.State) bool { return s.Config.Suspended != nil })
		began := l.state.Config.Head.Hash
		l.send(runbook.Command{Verb: runbook.VerbDrift, Region: "b", Text: config.DriftFlag})
		l.until("b is changed by hand", func(s *drill.State) bool { return len(s.Config.Open("b")) > 0 })
		l.send(runbook.Command{Verb: runbook.VerbScale, Region: "c", Replicas: runbook.Counted(1)})
		l.until("c is not scaled", func(s *drill.State) bool {
			last := s.Commands[len(s.Commands)-1]
			return last.Command.Verb == runbook.VerbScale && strings.Contains(last.Error, "the hub does not answer")
		})
		at := l.state.Now
		l.until("ten intervals pass", func(s *drill.State) bool { return s.Now > at+time.Second })
		if c := l.state.Config; len(c.Open("b")) == 0 || c.Head.Hash != began || l.state.Region("c").Web != 2 {
			t.Errorf("without the hub: b has %v open, main is known at %s (began with %s), c has %d", c.Open("b"), c.Head.Hash, began, l.state.Region("c").Web)
		}
		l.until("a serves users while the hub is gone", func(*drill.State) bool { return l.servedBy("a") > 0 })
		l.send(runbook.Command{Verb: runbook.VerbRestore, Domain: hub})
		l.until("the hub's reconciler is back, and each region as it is to be", func(s *drill.State) bool {
			return s.Config.Suspended == nil && s.Config.Head.Hash != began && all(s) && len(s.Config.Open("b")) == 0 && s.Region("c").Web == 1
		})
		l.end()
	})
}

// A region that was away for five commits comes back with what it had: it serves so until its reconciler has been there, or it waits.
// How long that was, and how many requests it took meanwhile, it counts itself. In manual mode, so that it lasts.
func TestARegionThatWasAwayServesOrWaits(t *testing.T) {
	for name, fenced := range map[string]bool{"stale": false, "fenced": true} {
		t.Run(name, func(t *testing.T) {
			beside(t)
			attempts(t, func(t *attempt) {
				l := governedLab(t, topology.Config{Mode: topology.ConfigManual, Every: 100 * time.Millisecond, Fenced: fenced}, func(c *Config) {
					c.Spec.Web.Replicas = 2
				})
				l.undisturbed()
				done := func(c runbook.Command) {
					t.Helper()
					before := len(l.state.Commands)
					l.send(c)
					l.until(c.String(), func(s *drill.State) bool {
						return len(s.Commands) > before && s.Commands[before].Ended != nil
					})
					if why := l.state.Commands[before].Error; why != "" {
						t.Errorf("%s: %s", c, why)
					}
				}
				done(runbook.Command{Verb: runbook.VerbKill, Region: "b"})
				for _, flag := range []string{"1", "2", "3", "4", "5"} {
					done(runbook.Command{Verb: runbook.VerbCommit, Text: "flag new-cart " + flag})
				}
				done(runbook.Command{Verb: runbook.VerbRestore, Region: "b"})
				if at := l.state.Now; fenced {
					l.until("b stands for ten probes", func(s *drill.State) bool { return s.Now > at+time.Second })
					if n := l.servedBy("b"); n > 0 || *l.state.Region("b").Up {
						t.Errorf("b served %d requests, and is up: %t", n, *l.state.Region("b").Up)
					}
				} else {
					l.until("b serves", func(s *drill.State) bool { return s.Now > at+time.Second && l.servedBy("b") > 0 })
				}
				// Somebody reconciles it.
				done(runbook.Command{Verb: runbook.VerbScale, Region: "b", Replicas: runbook.Counted(1)})
				l.until("b serves with the newest commit", func(s *drill.State) bool {
					b := s.Config.Region("b")
					return b.Applied == s.Config.Head.Hash && !b.Behind() && l.servedBy("b") > 0
				})
				l.end()
				var before *config.Before
				var scaled []drill.RegionScaled
				for _, e := range l.journal.events {
					if s, is := e.Body.(drill.RegionScaled); is {
						scaled = append(scaled, s)
					}
					if c, is := e.Body.(drill.Configured); is {
						if a, is := c.News.(config.Applied); is && a.Region == "b" && a.Was != "" {
							before = a.Before
						}
					}
				}
				if len(scaled) != 1 || scaled[0].Region != "b" || scaled[0].Took <= 0 {
					t.Errorf("one command scaled b, and it is told as %+v", scaled)
				}
				if before == nil || before.Time <= 0 || (before.Served > 0) == fenced {
					t.Errorf("of the time before it was told it says %+v", before)
				}
			})
		})
	}
}

// A person's own repository governs the fleet by its path or URL. Whatever is wrong with it is told where the state has it, the last
// good revision stays, drift from it is mended meanwhile, and what is right again is taken.
func TestAPersonsOwnRepository(t *testing.T) {
	for name, of := range map[string]func(path string) string{
		"path": func(path string) string { return path }, "URL": func(path string) string { return "file://" + path },
	} {
		t.Run(name, func(t *testing.T) {
			beside(t)
			attempts(t, func(t *attempt) {
				spec, path := labSpec(), filepath.Join(t.TempDir(), "own.git")
				own, err := repository.Create(path)
				if err != nil {
					t.Fatal(err)
				}
				commit := func(subject string, files map[string][]byte) string {
					t.Helper()
					v, err := own.Commit(t.Context(), repository.Change{Subject: subject, Author: "Ada", At: time.Now(), Files: files})
					if err != nil {
						t.Fatal(err)
					}
					return v.Hash
				}
				good := commit("Begin", seed.Files(spec))
				l := governedLab(t, topology.Config{Mode: topology.ConfigPull, Every: 300 * time.Millisecond, Repository: of(path)}, nil)
				l.undisturbed()
				wrong := func(says string) {
					t.Helper()
					l.until("it is told: "+says, func(s *drill.State) bool {
						return s.Config.Failed != nil && strings.Contains(s.Config.Failed.Why, says)
					})
					l.send(runbook.Command{Verb: runbook.VerbDrift, Region: "b", Text: config.DriftFlag})
					l.until("b is changed by hand", func(s *drill.State) bool { return len(s.Config.Open("b")) > 0 })
					l.until("b is as the last good revision has it", func(s *drill.State) bool {
						return len(s.Config.Open("b")) == 0 && s.Config.Region("b").Applied == good
					})
				}
				web := seed.Files(spec)["base/web.yaml"]
				commit("Break it", map[string][]byte{"base/web.yaml": []byte("kind: Deployment\nspec: {replicas: 2\n")})
				wrong("base/web.yaml:")
				commit("Misspell it", map[string][]byte{"base/web.yaml": web, "overlays/z/kustomization.yaml": []byte("resources: [../../base]\n")})
				wrong("overlays/z names no region")
				if err := os.Rename(path, path+".gone"); err != nil {
					t.Fatal(err)
				}
				wrong("away")
				if err := os.Rename(path+".gone", path); err != nil {
					t.Fatal(err)
				}
				good = commit("Mend it", map[string][]byte{"overlays/z/kustomization.yaml": nil})
				l.until("it is taken", func(s *drill.State) bool { return s.Config.Failed == nil && s.Config.Head.Hash == good && all(s) })
				l.end()
			})
		})
	}
}

// A commit of weights sends users where it says, as counted by who answers them, and a revert sends them back; weights that can't be reach
// nobody.
func TestWeightsByCommit(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		l := governedLab(t, topology.Config{Mode: topology.ConfigPull, Every: 100 * time.Millisecond}, func(c *Config) {
			c.Spec.Routing.Policy, c.Spec.Routing.Weights = "weighted", map[string]float64{"a": 1}
		})
		l.until("the drill runs", running)
		l.until("a serves everybody", func(*drill.State) bool { return l.servedBy("a") > 0 && l.servedBy("b") == 0 })
		l.send(runbook.Command{Verb: runbook.VerbCommit, Text: "weights a=0 b=100"})
		l.until("the router goes by the commit", func(s *drill.State) bool {
			return s.Fleet.Routing.Weights["b"] == 1 && len(s.Fleet.Routing.Weights) == 1
		})
		l.until("b serves everybody", func(*drill.State) bool { return l.servedBy("b") > 0 && l.servedBy("a") == 0 })
		if why := "b has another weight by " + config.Short(l.state.Config.Head.Hash); !strings.Contains(l.told(), why) {
			t.Errorf("nobody is told that %s", why)
		}
		l.send(runbook.Command{Verb: runbook.VerbCommit, Text: "weights a=60 b=60"})
		l.until("weights that can't be are refused", func(s *drill.State) bool {
			last := s.Commands[len(s.Commands)-1]
			return last.Command.Text == "weights a=60 b=60" && strings.Contains(last.Error, "weights are 120% together")
		})
		l.send(runbook.Command{Verb: runbook.VerbRevert})
		l.until("a serves everybody again", func(s *drill.State) bool { return l.servedBy("a") > 0 && l.servedBy("b") == 0 })
		l.end()
	})
}
