package governor

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/config/reconciler"
	"github.com/fleetdrill/fleetdrill/drill/config/repository"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// A repository whose host says nothing keeps nobody who gives it up, and is no governor's.
func TestAnOpeningIsGivenUp(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	f := topology.Fleet{Name: "lab", Regions: []topology.Region{{Name: "a"}}, Config: &topology.Config{Mode: topology.ConfigPull, Repository: "http://" + silent.Addr().String() + "/own.git"}}
	began := time.Now()
	o := Open(t.Context(), f, filepath.Join(t.TempDir(), "config.git"), time.Now, nil)
	o.End()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it was given up after %s", took)
	}
	if _, err := New(Config{Opening: o}); !errors.Is(err, repository.ErrAway) {
		t.Errorf("a governor of it: %v", err)
	}
	(*Opening)(nil).End() // of a fleet that no repository governs
}

// early is a platform whose regions' API servers take objects before a gateway answers.
type early struct {
	fleet.Governed
	give fleet.Give
}

func (e *early) First(give fleet.Give) { e.give = give }

func (e *early) Objects(string, fleet.Station) (reconciler.Objects, error) { return nil, fleet.ErrDown }

// taking is a region that takes what it is given.
type taking struct {
	reconciler.Target
	revision string
	objects  []config.Object
}

func (t *taking) Diff(_ context.Context, objects []config.Object) ([]config.Field, error) {
	if len(t.objects) == len(objects) {
		return nil, nil
	}
	return []config.Field{{Path: "spec.replicas", Wanted: "2"}}, nil
}

func (t *taking) Apply(_ context.Context, revision string, objects []config.Object) error {
	t.revision, t.objects = revision, objects
	return nil
}

// A region whose API server answers is given the fleet file's objects then, and what that was is known; by reconcilers in a hub, which is
// not up yet, none is.
func TestRegionsAreGivenTheirFirstRevisionAhead(t *testing.T) {
	for _, mode := range []string{topology.ConfigPull, topology.ConfigManual, topology.ConfigHub} {
		f := topology.Fleet{Name: "lab", Regions: []topology.Region{{Name: "a"}}, Web: topology.Web{Replicas: 2}, Config: &topology.Config{Mode: mode}}
		p := &early{}
		o := Open(t.Context(), f, filepath.Join(t.TempDir(), "config.git"), time.Now, p)
		if (p.give == nil) != (mode == topology.ConfigHub) {
			t.Errorf("mode %s: given ahead: %t", mode, p.give != nil)
		}
		if p.give != nil {
			region := &taking{}
			p.give(t.Context(), "a", region)
			if d := o.delivered("a"); d.Revision == "" || d.Revision != region.revision || len(d.Fields) != 1 || len(region.objects) == 0 {
				t.Errorf("mode %s: %+v, and it has %d objects of %q", mode, d, len(region.objects), region.revision)
			}
		}
		o.End()
	}
}
