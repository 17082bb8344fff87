package process

import (
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"

	"github.com/fleetdrill/fleetdrill/drill/agent"
	"github.com/fleetdrill/fleetdrill/drill/agent/zone"
)

// part is how a region with this configuration runs a part of it as a process: as this very program, which ends with it.
func part(c agent.Config, logTo io.Writer) func(zone.Spec, string) *exec.Cmd {
	return func(s zone.Spec, gateway string) *exec.Cmd {
		program, err := os.Executable()
		if err != nil {
			program = os.Args[0] // its start fails, if that is none
		}
		args := []string{
			Word, "--region", c.Region, "--gateway-url", gateway, "--die-with-parent",
			"--capacity", strconv.FormatFloat(s.Capacity, 'f', -1, 64), "--queue", c.Queue.String(),
		}
		if s.Store {
			args = append(args, "--role", string(agent.RoleStore), "--data", c.Data)
		} else {
			args = append(args, "--role", string(agent.RoleWeb), "--replica", s.Name)
			if s.Version != "" {
				args = append(args, "--web-version", s.Version)
			}
		}
		cmd := exec.Command(program, args...)
		// Its part of the processors is the region's.
		cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(runtime.GOMAXPROCS(0)))
		cmd.Stderr = logTo
		return cmd
	}
}
