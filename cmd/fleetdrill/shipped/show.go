package shipped

import (
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/drill/strict"
	"github.com/fleetdrill/fleetdrill/kindconfigs"
)

// shippedFile is a file that ships, by its kind and name.
type shippedFile struct {
	kind, name string
	files      fs.FS
	path       string
}

// shippedKinds is where files of each kind are, in the order in which they are listed.
var shippedKinds = []struct {
	kind  string
	files fs.FS
	glob  string
}{
	{"drill", kindconfigs.Drills, "drills/*.yaml"},
	{"comparison", kindconfigs.Comparisons, "comparisons/*.yaml"},
	{"fleet", kindconfigs.Fleets, "fleets/*.yaml"},
	{"cluster", kindconfigs.Clusters, "kind/*.yaml"},
	{"patch", kindconfigs.Clusters, "kind/patches/*.yaml"},
	{"manifest", kindconfigs.Manifests, "manifests/*.yaml"},
	{"board", kindconfigs.Grafana, "grafana/*.json"},
}

func shippedFiles() (list []shippedFile) {
	for _, k := range shippedKinds {
		paths, _ := fs.Glob(k.files, k.glob) // the pattern is right
		for _, p := range paths {
			list = append(list, shippedFile{kind: k.kind, name: strings.TrimSuffix(path.Base(p), path.Ext(p)), files: k.files, path: p})
		}
	}
	return list
}

// NewShowCommand makes the command that prints what ships.
func NewShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show [NAME]",
		Short: "Print a drill, a fleet or a kind config that ships, to start your own from",
		Long: `Print a file that ships: a drill, a comparison, a fleet, the config of a region's kind cluster, or what is
applied in it, the board for Grafana; or "places", the cloud regions between which round trips are known. Without a name, list them. Where two have one name, say which: drill/NAME, fleet/NAME.

  fleetdrill show lose-the-authority > mine.drill.yaml
  fleetdrill check mine.drill.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("%q is one too many; name one thing to show, or nothing to list all", args[1])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				listShipped(cmd.OutOrStdout())
				return nil
			}
			if args[0] == placesName {
				return printPlaces(cmd.OutOrStdout())
			}
			f, err := findShipped(args[0])
			if err != nil {
				return err
			}
			text, err := fs.ReadFile(f.files, f.path)
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var out []string
			if len(args) == 0 {
				out = append(out, cobra.CompletionWithDesc(placesName, "cloud regions whose round trips are known"))
			}
			for _, f := range shippedFiles() {
				if len(args) == 0 {
					out = append(out, cobra.CompletionWithDesc(f.name, f.kind))
				}
			}
			return out, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

func listShipped(out io.Writer) {
	kind := ""
	for _, f := range shippedFiles() {
		if f.kind != kind {
			if kind != "" {
				fmt.Fprintln(out)
			}
			kind = f.kind
		}
		fmt.Fprintf(out, "%-10s %s\n", f.kind, f.name)
	}
	fmt.Fprintf(out, "\n%-10s %s\n", "table", placesName)
}

// findShipped finds a file by NAME or KIND/NAME.
func findShipped(name string) (shippedFile, error) {
	kind, bare, qualified := strings.Cut(name, "/")
	if !qualified {
		bare = name
	}
	var found []shippedFile
	var names, as []string
	for _, f := range shippedFiles() {
		names = append(names, f.name)
		if f.name == bare && (!qualified || f.kind == kind) {
			found = append(found, f)
			as = append(as, f.kind+"/"+f.name)
		}
	}
	switch len(found) {
	case 0:
		if near := strict.Nearest(bare, names); near != "" {
			return shippedFile{}, fmt.Errorf("nothing called %q ships; did you mean %s?", name, near)
		}
		return shippedFile{}, fmt.Errorf("nothing called %q ships; `fleetdrill show` lists what does", name)
	case 1:
		return found[0], nil
	}
	return shippedFile{}, fmt.Errorf("%q is the name of several: fleetdrill show %s", name, strings.Join(as, ", or "))
}
