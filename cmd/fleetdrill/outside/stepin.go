package outside

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill/fleet"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func kubeconfig(h Host) *cobra.Command {
	var fleetName string
	var path, raw bool
	cmd := &cobra.Command{
		Use:   "kubeconfig [REGION]",
		Short: "Print what kubectl or k9s need to reach a region's cluster",
		Long: `Print how kubectl and k9s reach the clusters of a fleet on kind. Each has a kubeconfig of its
own; yours is neither read nor changed.

  export KUBECONFIG=$(fleetdrill kubeconfig --path us-east)
  fleetdrill kubeconfig --raw us-east > us-east.yaml`,
		Args:              shipped.AtMost(1, "fleetdrill kubeconfig [REGION]"),
		ValidArgsFunction: h.completes(&fleetName, topology.Fleet.RegionNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := h.theFleet(fleetName)
			if err != nil {
				return err
			}
			console, err := h.console(r)
			if err != nil {
				return err
			}
			regions := r.Fleet.RegionNames()
			if len(args) == 1 {
				if regions = args; !r.Fleet.Has(args[0]) {
					return fmt.Errorf("fleet %s has no region %q; it has %v", r.Fleet.Name, args[0], r.Fleet.RegionNames())
				}
			}
			if raw && len(args) == 0 {
				return errors.New("--raw prints one kubeconfig: name a region")
			}
			var files []string
			out := cmd.OutOrStdout()
			for _, region := range regions {
				k, err := console.Kubectl(region)
				if err != nil {
					return cannot(err)
				}
				if _, err := os.Stat(k.Kubeconfig); err != nil {
					return fmt.Errorf("%s has no kubeconfig yet: its cluster is still being made (%w)", region, err)
				}
				switch {
				case path:
					if !slices.Contains(files, k.Kubeconfig) {
						files = append(files, k.Kubeconfig)
					}
				case raw:
					text, err := os.ReadFile(k.Kubeconfig)
					if err != nil {
						return err
					}
					fmt.Fprint(out, string(text))
				default:
					at := fleet.Command{"--kubeconfig", k.Kubeconfig, "--namespace", k.Namespace}
					fmt.Fprintf(out, "%s: cluster %s, namespace %s\n  kubectl %s get pods\n  k9s %s\n", region, k.Cluster, k.Namespace, at, at)
				}
			}
			if path {
				fmt.Fprintln(out, joined(files))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&path, "path", false, "print the path alone, as KUBECONFIG takes it")
	cmd.Flags().BoolVar(&raw, "raw", false, "print the kubeconfig itself")
	cmd.MarkFlagsMutuallyExclusive("path", "raw")
	h.fleetFlag(cmd, &fleetName)
	return cmd
}

// joined is several files as KUBECONFIG takes them.
func joined(files []string) string {
	text := ""
	for i, f := range files {
		if i > 0 {
			text += string(os.PathListSeparator)
		}
		text += f
	}
	return text
}

// cannot is a platform's refusal as a command line says it: why, and what to do instead.
func cannot(err error) error {
	var c *fleet.Cannot
	if errors.As(err, &c) {
		return fmt.Errorf("%s; %s", c.Why, c.Next)
	}
	return err
}

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
					return fmt.Errorf("fleet %s has no region %q; it has %v", r.Fleet.Name, region, r.Fleet.RegionNames())
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
