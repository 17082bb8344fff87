package outside

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func psql(h Host) *cobra.Command {
	var fleetName string
	var print bool
	cmd := &cobra.Command{
		Use:   "psql DATASET [REGION]",
		Short: "Open the PostgreSQL server of a dataset's replica with psql",
		Long: `Open the server of a dataset's replica with psql: on local by its socket, on kind beside it in
its pod. Without a region it is the one that the fleet file has the dataset led by first.

The users' rows are in the table entries; what somebody wrote in words is read so:
  SELECT idx, epoch, id, convert_from(payload, 'UTF8') FROM entries WHERE id = '…';
It begins read only: a row that no user wrote is in no ledger.`,
		Args:              cobra.MatchAll(atLeast("DATASET", 1), shipped.AtMost(2, "fleetdrill psql DATASET [REGION]")),
		ValidArgsFunction: h.completes(&fleetName, datasetNames, topology.Fleet.RegionNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := h.theFleet(fleetName)
			if err != nil {
				return err
			}
			d, err := datasetOf(r.Fleet, args[0])
			if err != nil {
				return err
			}
			region := d.Authority
			if len(args) == 2 {
				if region = args[1]; !r.Fleet.Has(region) {
					return noRegion(r.Fleet, region)
				}
			}
			console, err := h.console(r)
			if err != nil {
				return err
			}
			run, err := console.Psql(cmd.Context(), d, region)
			if err != nil {
				return cannot(err)
			}
			if print {
				fmt.Fprintln(cmd.OutOrStdout(), run)
				return nil
			}
			return stepIn(run)
		},
	}
	cmd.Flags().BoolVar(&print, "print", false, "print the command, and run nothing")
	h.fleetFlag(cmd, &fleetName)
	return cmd
}

// stepIn puts a program in the place of this one: the terminal, its signals and the exit code are
// that program's.
func stepIn(run fleet.Command) error {
	path, err := exec.LookPath(run[0])
	if err != nil {
		return err
	}
	return fmt.Errorf("run %s: %w", path, syscall.Exec(path, run, os.Environ()))
}
