package outside

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

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
		ValidArgsFunction: h.completes(&fleetName, func(f topology.Fleet) []string { return f.Standing().RegionNames() }),
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := h.theFleet(fleetName)
			if err != nil {
				return err
			}
			console, err := h.console(r)
			if err != nil {
				return err
			}
			standing := r.Fleet.Standing() // a hub is reached as a region is
			regions := standing.RegionNames()
			if len(args) == 1 {
				if regions = args; !standing.Has(args[0]) {
					return noRegion(standing, args[0])
				}
			}
			all, err := reached(console, regions)
			switch {
			case raw && len(args) == 0:
				return errors.New("--raw prints one kubeconfig: name a region")
			case err != nil:
				return err
			case raw:
				return copyFile(cmd.OutOrStdout(), all[0].Kubeconfig)
			case path:
				_, err = fmt.Fprintln(cmd.OutOrStdout(), kubeconfigs(all))
				return err
			}
			return tellKubectl(cmd.OutOrStdout(), regions, all)
		},
	}
	cmd.Flags().BoolVar(&path, "path", false, "print the path alone, as KUBECONFIG takes it")
	cmd.Flags().BoolVar(&raw, "raw", false, "print the kubeconfig itself")
	cmd.MarkFlagsMutuallyExclusive("path", "raw")
	h.fleetFlag(cmd, &fleetName)
	return cmd
}

// reached is how each of some regions is reached.
func reached(console fleet.Console, regions []string) ([]fleet.Kubectl, error) {
	var all []fleet.Kubectl
	for _, region := range regions {
		k, err := console.Kubectl(region)
		if err != nil {
			return nil, cannot(err)
		}
		if _, err := os.Stat(k.Kubeconfig); err != nil {
			return nil, fmt.Errorf("%s has no kubeconfig yet: its cluster is still being made (%w)", region, err)
		}
		all = append(all, k)
	}
	return all, nil
}

// copyFile prints a file.
func copyFile(out io.Writer, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}

// kubeconfigs is the files, each once, as KUBECONFIG takes them.
func kubeconfigs(all []fleet.Kubectl) string {
	var files []string
	for _, k := range all {
		if !slices.Contains(files, k.Kubeconfig) {
			files = append(files, k.Kubeconfig)
		}
	}
	return strings.Join(files, string(os.PathListSeparator))
}

// tellKubectl prints what a person types to look at each region.
func tellKubectl(out io.Writer, regions []string, all []fleet.Kubectl) error {
	for i, k := range all {
		at := fleet.Command{"--kubeconfig", k.Kubeconfig, "--namespace", k.Namespace}
		if _, err := fmt.Fprintf(out, "%s: cluster %s, namespace %s\n  kubectl %s get pods\n  k9s %s\n", regions[i], k.Cluster, k.Namespace, at, at); err != nil {
			return err
		}
	}
	return nil
}
