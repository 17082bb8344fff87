package scenario

import (
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/drill/verdict"
)

func TestWhatShipsIsRight(t *testing.T) {
	c, err := List()
	if err != nil {
		t.Fatal(err)
	}
	for kind, n := range map[string]int{"fleets": len(c.Fleets), "drills": len(c.Drills), "comparisons": len(c.Comparisons)} {
		if files, err := os.ReadDir("../../kindconfigs/" + kind); err != nil || len(files) != n || n == 0 {
			t.Fatalf("%d %s ship, and %d files are there: %v", n, kind, len(files), err)
		}
	}
	for _, f := range c.Fleets {
		t.Run(f.Name, func(t *testing.T) {
			// Users are affected by what takes longer than SlowFactor times their steady p99. Where
			// the region that takes over is that far away, nobody would ever count as recovered.
			for _, p := range f.Users {
				near, next := nearestTwo(p.RTT)
				if p.RTT[f.Datasets[0].Authority] == near && next >= telemetry.SlowFactor*near {
					t.Errorf("%s: %s from home, %s from the next region", p.Name, near, next)
				}
			}
			want := topology.FailoverPolicy{Decide: "auto", Fence: f.Name != "unfenced", Lease: topology.DefaultLease, ScaleWeb: f.Failover.ScaleWeb}
			if f.Name == "gated" {
				want.Preflight = topology.PreflightRefuse
			}
			switch f.Name {
			case "eager":
				want.Lease = 500 * time.Millisecond // it is there to be too short
			case "config-hub", "config-pull-hub":
				want.Lease = 15 * time.Second // a hub that is away for less costs no writes
			}
			if f.Failover != want {
				t.Errorf("failover %+v", f.Failover)
			}
		})
	}
	for _, d := range c.Drills {
		t.Run(d.Plan.Name, func(t *testing.T) {
			// A drill runs on its own fleet, which List has shown, and on every other that
			// ships with regions, datasets and domains of the same names, and can measure what it asks for.
			for _, f := range c.Fleets {
				if !slices.Equal(names(f), names(d.Fleet)) || !measures(f, d.Plan) {
					continue
				}
				if _, err := LoadDrillOn(d.Plan.Name, f); err != nil {
					t.Errorf("on %s: %v", f.Name, err)
				}
			}
			// On a local fleet a wait takes seconds, so this is nearly all of it.
			if whole := d.Plan.Steady.For*2 + d.Plan.End; whole > 30*time.Second {
				t.Errorf("takes %s without its waits; it must stay under a minute with them", whole)
			}
			// Who chooses a drill is told what it is for, and how long it takes.
			if !slices.Contains(runbook.Questions(), d.Plan.Question) || d.Plan.Teaches == "" {
				t.Errorf("answers %q and teaches %q", d.Plan.Question, d.Plan.Teaches)
			}
			if e := d.Plan.Expected(); e < 15*time.Second || e > time.Minute {
				t.Errorf("is said to take %s", e)
			}
			last := d.Plan.Steps[len(d.Plan.Steps)-1]
			if last.Command.Verb != runbook.VerbWait || last.Command.For != runbook.WaitSteady {
				t.Errorf("ends with %s: the final check would begin before the fleet is whole", last.Command)
			}
			broken := map[string]bool{}
			for _, s := range d.Plan.Steps {
				switch s.Command.Verb {
				case runbook.VerbKill, runbook.VerbFreeze, runbook.VerbCordon:
					broken[s.Command.Region+s.Command.Domain.Name] = true
				case runbook.VerbRestore, runbook.VerbUncordon:
					delete(broken, s.Command.Region+s.Command.Domain.Name)
				}
				if s.Command.By != "drill" {
					t.Errorf("%s is asked for by %q", s.Command, s.Command.By)
				}
			}
			if len(broken) > 0 {
				t.Errorf("leaves %v broken", broken)
			}
		})
	}
}

// A comparison that ships is chosen by what it asks and teaches, stays short, and has a name of its own.
func TestWhatIsComparedIsRight(t *testing.T) {
	c, err := List()
	if err != nil {
		t.Fatal(err)
	}
	_, drillNames := Names()
	for _, held := range c.Comparisons {
		if held.Title == "" || held.Question == "" || held.Teaches == "" || len(held.Runs) != len(held.Fleets) {
			t.Errorf("%+v", held)
		}
		if slices.Contains(drillNames, held.Name) {
			t.Errorf("%s is the name of a drill, too", held.Name)
		}
		if e := held.Expected(); e > time.Minute {
			t.Errorf("%s takes %s", held.Name, e)
		}
	}
}

// names are those of a fleet's regions and datasets, and of what faults can name beside them.
func names(f topology.Fleet) (all []string) {
	for _, kind := range []string{topology.DomainHub, topology.DomainEnvironment} {
		for _, name := range topology.DomainsOf(f, kind) {
			all = append(all, kind+" "+name)
		}
	}
	for _, r := range f.Regions {
		all = append(all, "region "+r.Name)
	}
	for _, d := range f.Datasets {
		all = append(all, "dataset "+d.Name)
	}
	slices.Sort(all)
	return all
}

func nearestTwo(rtts map[string]time.Duration) (near, next time.Duration) {
	all := slices.Sorted(maps.Values(rtts))
	return all[0], all[1]
}

// The drills that hold the modes against one another ask something of each: that async loses
// writes must not hide a loss of the others.
func TestTheComparisonAsksOfEachMode(t *testing.T) {
	for _, name := range []string{"async-vs-sync-vs-quorum", "async-vs-sync-vs-quorum-postgres"} {
		plan, fleet, err := LoadDrill(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range fleet.Datasets {
			want := runbook.LostGoal{}
			if d.Mode == topology.ModeAsync {
				want = runbook.LostGoal{N: 1, AtLeast: true}
			}
			if got, asked := plan.Objectives.LostBy[d.Name]; !asked || got != want {
				t.Errorf("%s asks %+v of %s, want %+v", name, got, d.Name, want)
			}
		}
	}
}

// measures reports whether a fleet has what a plan's objectives are about.
func measures(f topology.Fleet, plan runbook.Plan) bool {
	changes := func(s runbook.Step) bool {
		return slices.Contains([]runbook.Verb{runbook.VerbDrift, runbook.VerbCommit, runbook.VerbRevert}, s.Command.Verb)
	}
	if f.Config == nil && slices.ContainsFunc(plan.Steps, changes) {
		return false // nothing to change
	}
	asks := drill.NewState()
	asks.Plan = &plan
	return !slices.ContainsFunc(verdict.All, func(o verdict.Objective) bool {
		return o.Input != nil && o.Input.Lacks != nil && len(o.Asked(asks)) > 0 && o.Input.Lacks(f) != ""
	})
}
