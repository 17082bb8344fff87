package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/scenario"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// impactCase is one fault on one fleet. Few marks those that continuous integration has time for.
type impactCase struct {
	fleet string
	fault string // the step that takes something away
	undo  string // and the one that brings it back
	// lasts says that users do not recover before it is undone, which is not waited for.
	lasts bool
	few   bool
	needs string // the data engine that has to be installed; "" where the agent brings it
}

func (c impactCase) name() string { return c.fleet + ": " + c.fault }

func (c impactCase) drill() string {
	wait := "  - {at: 0s, do: wait, for: recovered}\n"
	if c.lasts {
		wait = ""
	}
	return fmt.Sprintf(`title: What was predicted of one fault, and what it did
fleet: %s
steady: {for: 5s, success: 99%%}
abort: {success_below: 1%%, for: 60s}
steps:
  - {at: 0s, %s}
%s  - {at: 8s, %s}
  - {at: 8s, do: wait, for: steady}
end: 9s
`, c.fleet, c.fault, wait, c.undo)
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
			c.fleet = f.Name
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
		{fault: link("partition", authority, topology.EndOthers), undo: link("heal", authority, topology.EndOthers), lasts: stays(f, []string{authority}), few: few},
		{fault: link("partition", authority, other), undo: link("heal", authority, other), lasts: true},
		{fault: shaped + ", rtt: 700ms", undo: link("clear", authority, other), lasts: true},
		{fault: shaped + ", rtt: 300ms, loss: 5%", undo: link("clear", authority, other), lasts: true},
	}
	in := func(verb, undo, kind, name string, falls []string, few bool) {
		all = append(all, impactCase{fault: fmt.Sprintf("do: %s, %s: %s", verb, kind, name), undo: fmt.Sprintf("do: %s, %s: %s", undo, kind, name),
			lasts: stays(f, falls), few: few})
	}
	of := func(region string) []string { return topology.Falling(f, []string{region}) }
	in("kill", "restore", "region", authority, of(authority), few)
	in("kill", "restore", "region", other, of(other), false)
	in("freeze", "restore", "region", authority, of(authority), few)
	if len(lead.Regions) > 1 { // else nobody could lead it then
		in("cordon", "uncordon", "region", authority, []string{authority}, few)
	}
	for _, d := range f.Datasets { // one that must confirm each write
		if d.Mode == topology.ModeSync && d.With != other {
			in("kill", "restore", "region", d.With, of(d.With), false)
		}
	}
	in("kill-tier", "restore", "region", authority, []string{authority}, false)
	in("kill-tier", "restore", "region", other, []string{other}, false)
	if bare := storeless(f); bare != "" && bare != other {
		in("kill-tier", "restore", "region", bare, []string{bare}, false)
	}
	in("hang-store", "restore", "region", authority, []string{authority}, false)
	return append(all, widerCases(f, authority)...)
}

// widerCases are of what is wider than the region that leads, of its zones, and of its web tier.
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
			falls := topology.Falling(f, topology.Target{Kind: kind, Name: name}.Members(f))
			if r, is := topology.RegionOfZone(f, name); is && r.ZoneOfStore() == name {
				falls = []string{r.Name}
			}
			for _, verb := range verbs {
				all = append(all, impactCase{fault: fmt.Sprintf("do: %s, %s: %s", verb, kind, name), undo: fmt.Sprintf("do: restore, %s: %s", kind, name), lasts: stays(f, falls)})
			}
		}
	}
	had := f.WebReplicas(authority)
	for _, n := range slices.Compact([]int{0, had / 2}) {
		all = append(all, impactCase{fault: fmt.Sprintf("do: scale, region: %s, replicas: %d", authority, n), lasts: true,
			undo: fmt.Sprintf("do: scale, region: %s, replicas: %d", authority, had)})
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

// stays reports whether what the loss of regions does to users lasts until it is undone: somebody has no region left to be
// served by, or a dataset not the replicas that its mode needs.
func stays(f topology.Fleet, falls []string) bool {
	if slices.ContainsFunc(falls, f.Hub.Is) {
		return true
	}
	left := slices.DeleteFunc(f.RegionNames(), func(r string) bool { return slices.Contains(falls, r) })
	for _, p := range f.Users {
		if !slices.ContainsFunc(left, func(r string) bool { return p.ServedBy(f, r) && lawful(f, p, r) }) {
			return true
		}
	}
	for _, d := range f.Datasets {
		have := slices.DeleteFunc(slices.Clone(d.Regions), func(r string) bool { return slices.Contains(falls, r) })
		switch {
		case len(have) == len(d.Regions):
		case len(have) == 0, d.Mode == topology.ModeQuorum && len(have) <= len(d.Regions)/2, d.Mode == topology.ModeSync && slices.Contains(falls, d.With):
			return true
		}
	}
	return false
}

// lawful reports whether the router may send a population to a region.
func lawful(f topology.Fleet, p topology.Population, region string) bool {
	i := slices.IndexFunc(f.Regions, func(r topology.Region) bool { return r.Name == region })
	return p.Jurisdiction == "" || f.Regions[i].Jurisdiction == p.Jurisdiction
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
		for _, verb := range []string{"kill", "freeze", "partition", "brownout", "kill-tier", "hang-store", "scale"} {
			if count[f+" "+verb] == 0 {
				t.Errorf("%s has no %s", f, verb)
			}
		}
	}
}
