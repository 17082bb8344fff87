package outside

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/control"
	"github.com/fleetdrill/fleetdrill/drill/format"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// ErrNotReady is the end of a preflight in which a region is not ready to lead, which has been said already.
var ErrNotReady = errors.New("not every region is ready to lead")

func ready(h Host) *cobra.Command {
	var fleetName string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "preflight [REGION]",
		Short: "Say of each region whether it is ready to lead, and why not",
		Long: `Say of each region whether it is ready to lead each dataset if the region that leads it were lost
now: whether it answers, may hold the data and has it, has its revision with no drift, has roles
that let the data be written and a release that takes writes, can be reached by the other regions'
network policies and certificates, and takes the users that come to it. They are the checks by
which failovers are predicted, and gated where the fleet file says failover: {preflight: refuse}.

Exit codes: 0 every region that may lead is ready, and of each dataset there is another one; 1 it is not,
or not known to be, 2 the command is wrong or no drill runs.`,
		Args:              atMost("REGION", 1),
		ValidArgsFunction: h.completes(&fleetName, topology.Fleet.RegionNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := h.theFleet(fleetName)
			if err != nil {
				return err
			}
			if len(args) > 0 && !r.Fleet.Has(args[0]) {
				return noRegion(r.Fleet, args[0])
			}
			a, err := h.ask(cmd.Context(), r, control.Request{Preflight: true})
			if err != nil {
				return err
			}
			of := readiness{targets: a.Targets, of: func(preflight.Target) bool { return true }, alone: preflight.Alone(a.Targets)}
			if len(args) > 0 {
				of.of, of.alone = func(t preflight.Target) bool { return t.Region == args[0] }, nil
			}
			return of.tell(cmd.OutOrStdout(), r.Fleet, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	h.fleetFlag(cmd, &fleetName)
	return cmd
}

// atMost asks for a number of arguments or fewer, and names them where there are more.
func atMost(what string, n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return fmt.Errorf("%s takes %s: fleetdrill %s", cmd.Name(), what, cmd.Use)
		}
		return nil
	}
}

// readyRegion is what --json prints of a region as the next one to lead a dataset.
type readyRegion struct {
	preflight.Target
	Status preflight.Status `json:"status"`
}

// readiness is how ready every region is, which of them were asked for, and the datasets that no other region may lead.
type readiness struct {
	targets []preflight.Target
	of      func(preflight.Target) bool
	alone   []string
}

// tell writes how ready those that were asked for are. Who leads a dataset is told of all: it may be another region.
func (a readiness) tell(out io.Writer, f topology.Fleet, asJSON bool) error {
	asked := slices.DeleteFunc(slices.Clone(a.targets), func(t preflight.Target) bool { return !a.of(t) })
	if asJSON {
		all := []readyRegion{}
		for _, t := range asked {
			all = append(all, readyRegion{t, t.Status()})
		}
		if err := printJSON(out, all); err != nil {
			return err
		}
	} else {
		for _, d := range f.Datasets {
			for _, line := range format.Preflight(d.Name, a.targets, a.of) {
				fmt.Fprintln(out, line)
			}
		}
	}
	if !asJSON && len(a.alone) > 0 {
		fmt.Fprintf(out, "no other region may lead %s\n", format.And(a.alone))
	}
	if preflight.Against(asked) || len(a.alone) > 0 {
		return ErrNotReady
	}
	return nil
}
