package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// ErrNoRuntime is returned where no container engine answers.
var ErrNoRuntime = errors.New("no container engine answers")

// Detect finds the engine that kind would use: docker, else nerdctl, else podman, of
// which one must not only be installed but answer. The error is ErrNoRuntime and names
// what was tried.
func Detect(ctx context.Context) (*Runtime, error) {
	var tried []string
	for _, name := range []string{"docker", "nerdctl", "podman"} {
		if _, err := exec.LookPath(name); err != nil {
			continue
		}
		out, err := command(ctx, LookWithin, name, "info", "--format", "{{json .}}")
		if err == nil {
			var e Runtime
			if e, err = parseInfo(name, out); err == nil {
				return &e, nil
			}
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("look for a container engine: %w", ctx.Err())
		}
		tried = append(tried, err.Error())
	}
	if tried == nil {
		return nil, fmt.Errorf("%w: none of docker, nerdctl, podman is installed", ErrNoRuntime)
	}
	return nil, fmt.Errorf("%w: %s", ErrNoRuntime, strings.Join(tried, "; "))
}

// parseInfo reads the answer of "docker info" or "podman info" as JSON.
func parseInfo(name string, out []byte) (Runtime, error) {
	var info struct {
		// docker and nerdctl
		ServerVersion, OperatingSystem, Architecture, CgroupVersion string
		NCPU                                                        int
		ServerErrors, SecurityOptions                               []string
		// podman
		Host *struct {
			Arch, CgroupVersion, OS string
			CPUs                    int
			Security                struct{ Rootless bool }
		}
		Version struct{ Version string }
	}
	// podman names a bool and an object where docker has other things of the same
	// name, so a type that does not fit is not an error by itself.
	var mistyped *json.UnmarshalTypeError
	if err := json.Unmarshal(out, &info); err != nil && !errors.As(err, &mistyped) {
		return Runtime{}, fmt.Errorf("%s info: not understood: %w", name, err)
	}
	if len(info.ServerErrors) > 0 {
		return Runtime{}, fmt.Errorf("%s info: %s", name, info.ServerErrors[0])
	}
	e := Runtime{
		Name: name, Version: info.ServerVersion, OS: info.OperatingSystem,
		Arch: goArch(info.Architecture), CgroupV1: info.CgroupVersion == "1", CPUs: info.NCPU,
	}
	e.Rootless = slices.ContainsFunc(info.SecurityOptions, func(o string) bool { return strings.Contains(o, "name=rootless") })
	if h := info.Host; h != nil {
		e.Rootless = h.Security.Rootless
		e.Version, e.OS, e.Arch = info.Version.Version, h.OS, goArch(h.Arch)
		e.CgroupV1, e.CPUs = h.CgroupVersion == "v1", h.CPUs
	}
	if e.Arch == "" {
		return Runtime{}, fmt.Errorf("%s info: names no architecture: does its server run?", name)
	}
	return e, nil
}

// goArch turns a machine's name as the kernel has it into Go's.
func goArch(machine string) string {
	switch machine {
	case "x86_64":
		return "amd64"
	case "aarch64":
		return "arm64"
	}
	return machine
}
