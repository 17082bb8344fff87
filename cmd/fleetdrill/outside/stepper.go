package outside

import (
	"context"
	"os"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/fleet/record"
	"github.com/fleetdrill/fleetdrill/drill/topology"
	"github.com/fleetdrill/fleetdrill/tui"
)

// Stepper steps from the screen into the fleet of a session; it implements tui.StepIn.
type Stepper struct {
	Host Host
	Spec topology.Fleet
	On   string
	// Ended is closed once the program is to end: then whoever has the terminal gives it back. Nil
	// is never.
	Ended <-chan struct{}
}

var _ tui.StepIn = Stepper{}

// Psql implements tui.StepIn.
func (s Stepper) Psql(ctx context.Context, dataset, region string) (tui.Program, string, error) {
	d, err := datasetOf(s.Spec, dataset)
	if err != nil {
		return nil, "", err
	}
	console, err := s.Host.console(record.Record{Fleet: s.Spec, On: s.On})
	if err != nil {
		return nil, "", err
	}
	command, err := console.Psql(ctx, d, region)
	if err != nil {
		return nil, "", cannot(err)
	}
	return &foreground{command: command, in: os.Stdin, out: os.Stdout, err: os.Stderr, ended: s.Ended}, command.String(), nil
}

// Kubectl implements tui.StepIn.
func (s Stepper) Kubectl(region string) (string, error) {
	console, err := s.Host.console(record.Record{Fleet: s.Spec, On: s.On})
	if err != nil {
		return "", err
	}
	k, err := console.Kubectl(region)
	if err != nil {
		return "", cannot(err)
	}
	return fleet.Command{"kubectl", "--kubeconfig", k.Kubeconfig, "--namespace", k.Namespace, "get", "pods"}.String(), nil
}
