package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/scenario"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// impactCase is one fault on one fleet. Few marks those that continuous integration has time for.
type impactCase struct {
	fleet string
	prior string // a step a second before the fault, of which nothing is predicted that is recorded; "" for none
	fault string // the step that takes something away
	undo  string // and the one that brings it back
	after time.Duration
	few   bool
	needs string // the data engine that has to be installed; "" where the agent brings it
}

func (c impactCase) name() string {
	if c.prior != "" {
		return c.fleet + ": " + c.prior + ", then " + c.fault
	}
	return c.fleet + ": " + c.fault
}

func (c impactCase) drill() string {
	first, at := "", time.Duration(0)
	if c.prior != "" {
		first, at = fmt.Sprintf("\n  - {at: 0s, %s}", c.prior), time.Second
	}
	return fmt.Sprintf(`title: What was predicted of one fault, and what it did
fleet: %s
steady: {for: 5s, success: 99%%}
abort: {success_below: 1%%, for: 60s}
steps:%s
  - {at: %s, %s}
  - {at: %s, %s}
  - {at: %[5]s, do: wait, for: steady}
end: %[7]s
`, c.fleet, first, at, c.fault, at+c.after, c.undo, at+c.after+time.Second)
}

// undoneAfter is how long a fault lasts: long enough for a failover and for every answer to expire whose TTL is kept.
func undoneAfter(f topology.Fleet) time.Duration {
	return max(8*time.Second, f.Routing.DNSTTL+4*time.Second)
}

// fewFleets are those of which continuous integration runs some faults.
var fewFleets = []string{"three-regions"}

// impactCases is every fleet that ships under single faults: what can be taken away is asked of the fleet.
func impactCases(t *testing.T) (all []impactCase) {
	catalog, err := scenario.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range catalog.Fleets {
		for _, c := range casesOf(f) {
			c.fleet, c.after = f.Name, undoneAfter(f)
			for _, d := range f.Datasets {
				if d.Engine == store.EnginePostgres {
					c.needs = d.Engine
				}
			}
			all = append(all, c)
		}
	}
	return all
}

// casesOf is the single faults of a fleet. Those of a region are of the one that leads its first dataset and of the last
// that does not lead it.
func casesOf(f topology.Fleet) []impactCase {
	lead := f.Datasets[0]
	authority := lead.Authority
	others := slices.DeleteFunc(f.RegionNames(), func(r string) bool { return r == authority })
	other := others[len(others)-1]
	few := slices.Contains(fewFleets, f.Name)
	link := func(verb, a, b string) string { return fmt.Sprintf("do: %s, between: [%s, %s]", verb, a, b) }
	shaped := link("brownout", authority, other)
	all := []impactCase{
		{fault: link("partition", authority, topology.EndOthers), undo: link("heal", authority, topology.EndOthers), few: few},
		{fault: link("partition", authority, other), undo: link("heal", authority, other)},
		{fault: shaped + ", rtt: 700ms", undo: link("clear", authority, other)},
		{fault: shaped + ", rtt: 300ms, loss: 5%", undo: link("clear", authority, other)},
		{fault: shaped + ", bandwidth: 100kbps", undo: link("clear", authority, other)},
	}
	in := func(verb, undo, region string, few bool) {
		all = append(all, impactCase{fault: fmt.Sprintf("do: %s, region: %s", verb, region), undo: fmt.Sprintf("do: %s, region: %s", undo, region), few: few})
	}
	in("kill", "restore", authority, few)
	in("kill", "restore", other, false)
	in("freeze", "restore", authority, few)
	if len(lead.Regions) > 1 { // else nobody could lead it then
		in("cordon", "uncordon", authority, few)
	}
	for _, d := range f.Datasets { // one that must confirm each write
		if d.Mode == topology.ModeSync && d.With != other {
			in("kill", "restore", d.With, false)
		}
	}
	in("kill-tier", "restore", authority, false)
	in("kill-tier", "restore", other, false)
	if bare := storeless(f); bare != "" && bare != other {
		in("kill-tier", "restore", bare, false)
	}
	in("hang-store", "restore", authority, false)
	in("fill-disk", "restore", authority, false)
	return append(append(all, configCases(f, authority, other)...), widerCases(f, authority)...)
}

// configCases are of what regions run: a commit that fails every request, where somebody brings it to them, and else a failover to a
// region that somebody changed by hand.
func configCases(f topology.Fleet, authority, other string) (all []impactCase) {
	switch {
	case f.Config == nil:
	case f.Config.Mode == topology.ConfigManual:
		for _, kind := range []string{config.DriftScale, config.DriftPolicy} { // what the others take, a restore does not bring back
			all = append(all, impactCase{prior: fmt.Sprintf("do: drift, region: %s, kind: %s", other, kind),
				fault: "do: kill, region: " + authority, undo: "do: restore, region: " + authority})
		}
	default:
		all = append(all, impactCase{fault: "do: commit, change: version v2-bad", undo: "do: revert"})
	}
	return all
}

// widerCases are of what is wider than the region that leads, and of its zones. Scaling is no fault: whom it affects is not counted.
func widerCases(f topology.Fleet, authority string) (all []impactCase) {
	for _, kind := range topology.TargetKinds() {
		names := topology.DomainsOf(f, kind)
		if kind == topology.DomainZone {
			i := slices.IndexFunc(f.Regions, func(r topology.Region) bool { return r.Name == authority })
			names = f.Regions[i].ZoneNames()
			names = names[:min(2, len(names))] // with the store, and without
		}
		if kind == topology.DomainCluster || kind == topology.DomainEnvironment {
			names = names[:min(2, len(names))]
		}
		for _, name := range names {
			verbs := []string{"kill"}
			if kind == topology.DomainZone {
				verbs = append(verbs, "freeze")
			}
			for _, verb := range verbs {
				all = append(all, impactCase{fault: fmt.Sprintf("do: %s, %s: %s", verb, kind, name), undo: fmt.Sprintf("do: restore, %s: %s", kind, name)})
			}
		}
	}
	return all
}

// storeless is a region that keeps no dataset; "" where there is none.
func storeless(f topology.Fleet) string {
	for _, r := range f.RegionNames() {
		if !slices.ContainsFunc(f.Datasets, func(d topology.Dataset) bool { return slices.Contains(d.Regions, r) }) {
			return r
		}
	}
	return ""
}

// Each fleet that ships has its faults, and each of them is a drill that can be run.
func TestImpactCasesCanBeRun(t *testing.T) {
	count := map[string]int{}
	for _, c := range impactCases(t) {
		file := filepath.Join(t.TempDir(), "impact.yaml")
		if err := os.WriteFile(file, []byte(c.drill()), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := scenario.LoadDrill(file); err != nil {
			t.Errorf("%s: %v", c.name(), err)
		}
		verb, _, _ := strings.Cut(strings.TrimPrefix(c.fault, "do: "), ",")
		count[c.fleet+" "+verb]++
	}
	fleets, _ := scenario.Names()
	for _, f := range fleets {
		for _, verb := range []string{"kill", "freeze", "partition", "brownout", "kill-tier", "hang-store", "fill-disk"} {
			if count[f+" "+verb] == 0 {
				t.Errorf("%s has no %s", f, verb)
			}
		}
	}
}
