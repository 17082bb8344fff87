package host

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/pause"
)

// freezerRoot is where Linux has the freezer of cgroup v1.
const freezerRoot = "/sys/fs/cgroup/freezer"

// frozenAfter is when a node that is being ended is looked after: without trouble it
// ends in less.
const frozenAfter = time.Second

// ThawFrozen ends a container by do and sees to it that it can end. On cgroup v1 the
// runtime inside a node freezes a pod's cgroup for the moment in which it changes
// it; killed in that moment it leaves the cgroup frozen, a frozen process does not
// die, and the engine gives the node up ("did not receive an exit event"). So
// cgroups below the node's own are thawed until do returns. Where they can't be
// written (not root, an engine elsewhere) do's own error stands.
func (e *Runtime) ThawFrozen(ctx context.Context, id string, do func() error) error {
	if !e.CgroupV1 || id == "" {
		return do()
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for pause.For(ctx, frozenAfter) {
			thawBelow(freezerRoot, id)
		}
	}()
	err := do()
	cancel()
	<-ended
	return err
}

// thawBelow thaws the frozen cgroups inside a container's, and returns how many it
// found. The container's own is left alone: that is the engine's pause.
func thawBelow(root, id string) (thawed int) {
	for _, pattern := range []string{"*/" + id, "*/docker-" + id + ".scope", "*/*/" + id} {
		own, _ := filepath.Glob(filepath.Join(root, pattern))
		for _, dir := range own {
			_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() || d.Name() != "freezer.state" || filepath.Dir(path) == dir {
					return nil // cgroups go away while one looks
				}
				state, err := os.ReadFile(path)
				if err == nil && strings.TrimSpace(string(state)) != "THAWED" && os.WriteFile(path, []byte("THAWED"), 0) == nil {
					thawed++
				}
				return nil
			})
		}
	}
	return thawed
}
