package scenario

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// FuzzFiles feeds both readers anything at all. They must come to an end, and
// what they take for right must hold what the engine counts on.
func FuzzFiles(f *testing.F) {
	for _, s := range []string{
		goodFleet, goodDrill, "", "{}", "[]", "a: &a [*a]", "a: &a [1]\nb: [*a,*a]", "? {a: b}\n: c", "- - - -", "!!map {}",
		"name: x\x00", "\xff\xfe", "steps: {}", strings.Repeat("[", 200), "--- a\n--- b", "<<: {name: x}", "name: |\n  x\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := parse("f.yaml", data)
		fleet := readFleet(s)
		if s.err() == nil {
			soundFleet(t, fleet)
		}
		s = parse("d.yaml", data)
		// From where no file is: a fuzzed path must not find one.
		s.ships = true
		plan, fleet := readDrill(s, nil)
		if s.err() == nil {
			soundFleet(t, fleet)
			soundPlan(t, plan, fleet)
		}
	})
}

func soundFleet(t *testing.T, f topology.Fleet) {
	t.Helper()
	if len(f.Regions) == 0 || len(f.Users) == 0 || len(f.Datasets) == 0 {
		t.Fatalf("an empty fleet: %+v", f)
	}
	for i, a := range f.Regions {
		if !label.MatchString(a.Name) || len(topology.ClusterName(f.Name, cmp.Or(a.Cluster, a.Name))) > topology.ClusterNameMax {
			t.Fatalf("region %q of fleet %q", a.Name, f.Name)
		}
		for _, b := range f.Regions[i+1:] {
			if l, ok := f.LinkBetween(a.Name, b.Name); !ok || l.RTT < 0 || l.Jitter < 0 || l.Bandwidth < 0 {
				t.Fatalf("link %s–%s: %+v", a.Name, b.Name, l)
			}
		}
	}
	for _, p := range f.Users {
		if p.Count < 1 || !(p.Rate > 0) || p.Writes < 0 || p.Writes > 1 || p.Timeout <= 0 || len(p.RTT) != len(f.Regions) {
			t.Fatalf("population %+v", p)
		}
	}
	for _, d := range f.Datasets {
		if !slices.Contains(modes, string(d.Mode)) || !slices.Contains(store.EngineNames(), d.Engine) || !slices.Contains(d.Regions, d.Authority) {
			t.Fatalf("dataset %+v", d)
		}
		partner := slices.Contains(d.Regions, d.With) && d.With != d.Authority
		if (d.Mode == topology.ModeSync || d.Mode == topology.ModeBackup) != partner || (d.Mode == topology.ModeBackup) != (d.Every >= leastEvery) || (d.Mode == topology.ModePinned) != (d.Jurisdiction != "") || d.Mode == topology.ModeQuorum && len(d.Regions) < 3 {
			t.Fatalf("durability of %+v", d)
		}
	}
	p := f.Routing.Probe
	if p.Every <= 0 || p.Timeout <= 0 || p.DownAfter < 1 || p.UpAfter < 1 || f.Failover.Lease <= 0 || f.Web.Replicas < 1 {
		t.Fatalf("policies %+v %+v %+v", f.Routing, f.Failover, f.Web)
	}
}

func soundPlan(t *testing.T, p runbook.Plan, f topology.Fleet) {
	t.Helper()
	last := time.Duration(0)
	for _, s := range p.Steps {
		place := func(name string) bool {
			return name == "" || name == topology.EndControl || name == topology.EndOthers || f.Has(name)
		}
		if s.At < last || s.Command.Region != "" && !f.Has(s.Command.Region) || !place(s.Command.From) || !place(s.Command.To) {
			t.Fatalf("step %+v after %s", s, last)
		}
		last = s.At
	}
	if len(p.Steps) == 0 || p.End < last || p.Title == "" || p.Steady.For <= 0 || p.Steady.Success <= 0 {
		t.Fatalf("plan %+v", p)
	}
}
