package governor

import (
	"errors"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/config/repository"
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
	o := Open(t.Context(), f, filepath.Join(t.TempDir(), "config.git"), time.Now)
	o.End()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it was given up after %s", took)
	}
	if _, err := New(Config{Opening: o}); !errors.Is(err, repository.ErrAway) {
		t.Errorf("a governor of it: %v", err)
	}
	(*Opening)(nil).End() // of a fleet that no repository governs
}
