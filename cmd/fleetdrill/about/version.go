// Package about says of fleetdrill what packagers and who reports a defect ask: which build it is,
// and its manual page.
package about

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/fleetdrill/fleetdrill/cmd/fleetdrill/shipped"
	"github.com/fleetdrill/fleetdrill/drill/build"
)

// versionInfo is what "version --json" prints.
type versionInfo struct {
	Build  string `json:"build"`
	Commit string `json:"commit,omitempty"` // "" where the build does not know
	// Modified says that the tree had changes beside that commit.
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"` // system and architecture
}

func thisVersion() versionInfo {
	v := versionInfo{Build: build.Version(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

// NewVersionCommand makes the command "version".
func NewVersionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print which build this is",
		Args:  shipped.Nothing,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, out := thisVersion(), cmd.OutOrStdout()
			if asJSON {
				enc := json.NewEncoder(out)
				enc.SetIndent("", "  ")
				return enc.Encode(v)
			}
			fmt.Fprintf(out, "fleetdrill %s\n", v.Build)
			if v.Commit != "" {
				changed := ""
				if v.Modified {
					changed = ", with changes"
				}
				fmt.Fprintf(out, "commit     %s%s\n", v.Commit, changed)
			}
			fmt.Fprintf(out, "go         %s, %s\n", v.Go, v.Platform)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
