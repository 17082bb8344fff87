package kindcluster

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/kindconfigs"
)

// patchesDir is where kubeadm finds, in the node, its patches of the control plane's pods: kindconfigs/kind/region.yaml
// tells it so, since the config's own patches don't reach the pods.
const patchesDir = "/kind/fleetdrill-patches"

// writePatches puts kindconfigs/kind/patches into a node.
func writePatches(ctx context.Context, e *host.Runtime, node string) error {
	script, err := patchesScript()
	if err == nil {
		_, err = e.Run(ctx, host.ChangeWithin, "exec", node, "sh", "-c", script)
	}
	if err != nil {
		return fmt.Errorf("write the control plane's patches: %w", err)
	}
	return nil
}

// patchesScript is a shell's: one command for all files, since each takes the engine
// a tenth of a second.
func patchesScript() (string, error) {
	const end = "END-OF-PATCH"
	files, err := fs.Glob(kindconfigs.Clusters, "kind/patches/*.yaml")
	if err != nil {
		return "", err
	}
	var script strings.Builder
	fmt.Fprintf(&script, "set -e\nmkdir -p %s\n", patchesDir)
	for _, file := range files {
		raw, err := fs.ReadFile(kindconfigs.Clusters, file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&script, "cat > %s <<'%s'\n%s%[2]s\n", path.Join(patchesDir, path.Base(file)), end, raw)
	}
	return script.String(), nil
}
