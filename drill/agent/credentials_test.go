package agent

import (
	"errors"
	"net/http"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/render"
	"github.com/fleetdrill/fleetdrill/drill/config/seed"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// Credentials that somebody rotated in one region alone are refused by the others, and theirs by it; its own writes it takes.
func TestASecretRotatedInOneRegion(t *testing.T) {
	l := newLab(t, func(c *Config) { c.Governed = true }, "us-east", "eu-west")
	spec := topology.Fleet{
		Name: "two", Regions: []topology.Region{{Name: "us-east"}, {Name: "eu-west"}}, Datasets: []topology.Dataset{l.data}, Web: topology.Web{Replicas: 2},
	}
	all := map[string][]config.Object{}
	apply := func(region string) {
		t.Helper()
		if _, err := wire.ApplyConfig(t.Context(), l.regions[region].client, wire.ConfigApply{Revision: "one", Manager: config.Manager, Objects: all[region]}); err != nil {
			t.Fatal(err)
		}
	}
	for region := range l.regions {
		objects, err := render.New().Objects("one", region, seed.Files(spec))
		if err != nil {
			t.Fatal(err)
		}
		all[region] = objects
		apply(region)
	}
	l.lead("us-east", 1)
	taken := func(when string, want map[string]bool) {
		t.Helper()
		for via, takes := range want {
			_, err := l.write(via, when+"-"+via)
			if (err == nil) != takes || !takes && (!errors.Is(err, wire.ErrCredentials) || status(t, err) != http.StatusUnauthorized) {
				t.Errorf("%s, written by %s: %v", when, via, err)
			}
		}
	}
	edit, err := config.EditOf(config.DriftSecret, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	taken("at-first", map[string]bool{"us-east": true, "eu-west": true})
	for _, region := range []string{"eu-west", "us-east"} {
		if _, err := wire.EditConfig(t.Context(), l.regions[region].client, wire.ConfigEdit{Manager: config.By, Objects: edit.Objects}); err != nil {
			t.Fatal(err)
		}
		taken("rotated-in-"+region, map[string]bool{"us-east": true, "eu-west": false})
		apply(region)
		taken("mended-in-"+region, map[string]bool{"us-east": true, "eu-west": true})
	}
}
