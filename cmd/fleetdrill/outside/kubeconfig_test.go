package outside

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// clusters answers for a fleet of which each region has a cluster.
type clusters struct {
	fleet.Platform
	dir string
}

func (c clusters) Kubectl(region string) (fleet.Kubectl, error) {
	path := filepath.Join(c.dir, region)
	return fleet.Kubectl{Kubeconfig: path, Cluster: "fleetdrill-spoked-" + region, Namespace: "fleetdrill"}, os.WriteFile(path, []byte("of "+region), 0o600)
}

func (clusters) Psql(context.Context, topology.Dataset, string) (fleet.Command, error) {
	return nil, nil
}

// A hub is reached as the regions are, and the error of a name that is none offers it.
func TestKubeconfigOfAHub(t *testing.T) {
	state := t.TempDir()
	spec := topology.Fleet{Name: "spoked", Regions: []topology.Region{{Name: "us-east"}}, Hub: &topology.Hub{Name: "hub"}}
	f, err := record.Create(state, record.Record{Fleet: spec, On: "kind"})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Unlock()
	h := Host{
		State: func() (string, error) { return state, nil },
		Fleet: func(string, topology.Fleet) (fleet.Platform, error) { return clusters{dir: state}, nil },
	}
	for _, tt := range []struct {
		args []string
		says string // of its output, or of its error
	}{
		{nil, "hub: cluster fleetdrill-spoked-hub, namespace fleetdrill\n"},
		{nil, "us-east: cluster fleetdrill-spoked-us-east"},
		{[]string{"--path", "hub"}, filepath.Join(state, "hub") + "\n"},
		{[]string{"--raw", "hub"}, "of hub"},
		{[]string{"mars"}, `fleet spoked has no region "mars"; name us-east or hub`},
	} {
		var out bytes.Buffer
		cmd := kubeconfig(h)
		cmd.SetArgs(tt.args)
		cmd.SetOut(&out)
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		if err := cmd.Execute(); err != nil {
			out.WriteString(err.Error())
		}
		if !strings.Contains(out.String(), tt.says) {
			t.Errorf("%q: %q, want %q", tt.args, out.String(), tt.says)
		}
	}
}
