package localfleet

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/render"
	"github.com/fleetdrill/fleetdrill/drill/config/seed"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// applied gives a region what its repository would begin with, changed in the words of a file.
func applied(t *testing.T, c *wire.Client, f topology.Fleet, region, old, new string) {
	t.Helper()
	files := seed.Files(f)
	files["base/web.yaml"] = []byte(strings.Replace(string(files["base/web.yaml"]), old, new, 1))
	objects, err := render.New().Objects(old+new, region, files)
	if err == nil {
		_, err = wire.ApplyConfig(t.Context(), c, wire.ConfigApply{Revision: old + new, Manager: config.Manager, Objects: objects})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A region with zones takes its objects as any other: replicas are processes spread over its zones, as many and of that version. What
// a fault took stays so until it is restored, whatever else is changed, and a region that starts again runs what it had.
func TestARegionWithZonesIsGoverned(t *testing.T) {
	t.Setenv(realVariable, "yes")
	l := upLab(t, "", func(c *Config) {
		c.Fleet.Regions = []topology.Region{{Name: "a", Zones: 3, StoreZone: "b"}, {Name: "b"}}
		c.Fleet.Web.Replicas = 3
		c.Fleet.Datasets = []topology.Dataset{{Name: "orders", Engine: "log", Mode: topology.ModeAsync, Authority: "a", Regions: []string{"a", "b"}}}
		c.Fleet.Config = &topology.Config{Mode: topology.ConfigManual}
	})
	ctx, spec := context.Background(), l.cfg.Fleet
	client := func() *wire.Client {
		t.Helper()
		address, err := l.Address(ctx, "a")
		if err != nil {
			t.Fatal(err)
		}
		return l.probe.client(address, "a")
	}
	webs := func() (names, zones []string) {
		t.Helper()
		all, err := wire.Zones(ctx, client())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range all {
			if !p.Store && p.PID != 0 {
				names, zones = append(names, p.Name), append(zones, p.Zone)
			}
		}
		slices.Sort(zones)
		return names, zones
	}
	if names, _ := webs(); len(names) != 0 || l.serves("a") {
		t.Errorf("before it was told anything %v run", names)
	}
	applied(t, client(), spec, "a", "", "")
	l.Govern("a", 3)
	first, zones := webs()
	if !slices.Equal(zones, []string{"a-a", "a-b", "a-c"}) || !l.serves("a") {
		t.Errorf("given three replicas, in zones %v", zones)
	}
	// Another version takes the place of the one before, in the same zones; with its bug it says that it is well and serves nobody.
	applied(t, client(), spec, "a", "value: v1", "value: v2-bad")
	second, zones := webs()
	if !slices.Equal(zones, []string{"a-a", "a-b", "a-c"}) || slices.ContainsFunc(second, func(n string) bool { return slices.Contains(first, n) }) {
		t.Errorf("%v, then %v in zones %v", first, second, zones)
	}
	if _, err := client().Health(ctx); err != nil {
		t.Errorf("the version with the bug: %v", err)
	}
	if _, err := client().Read(ctx, "orders", "w1", ""); !errors.Is(err, wire.ErrVersion) {
		t.Errorf("a user of the version with the bug: %v", err)
	}
	// A flag is no reason to start what a fault took.
	proof, err := l.DoZone(ctx, "a-c", fleet.OpKill)
	proved(t, proof, err)
	edit, err := config.EditOf(config.DriftFlag, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wire.EditConfig(ctx, client(), wire.ConfigEdit{Manager: config.By, Objects: edit.Objects}); err != nil {
		t.Fatal(err)
	}
	if names, zones := webs(); !slices.Equal(zones, []string{"a-a", "a-b"}) {
		t.Errorf("after a zone was killed and a flag changed %v run", names)
	}
	proof, err = l.DoZone(ctx, "a-c", fleet.OpRestore)
	proved(t, proof, err)
	for _, op := range []fleet.Op{fleet.OpKill, fleet.OpRestore} {
		proof, err := l.Do(ctx, "a", op)
		proved(t, proof, err)
	}
	l.awaitSeen("a", "restored", func(s drill.RegionSeen) bool { return s.WebReady == 3 && ready(s) == "a-a a-b a-c" })
	if _, err := client().Read(ctx, "orders", "w1", ""); !errors.Is(err, wire.ErrVersion) {
		t.Errorf("after it started again it runs: %v", err)
	}
}
