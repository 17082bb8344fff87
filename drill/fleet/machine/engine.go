package machine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// ErrNoEngine is returned where no container engine answers.
var ErrNoEngine = errors.New("no container engine answers")

// engineWithin bounds the question to an engine: one that hangs is as good as none.
const engineWithin = 10 * time.Second

// Engine is a container engine that answered.
type Engine struct {
	Name     string // of its program: "docker", "podman", "nerdctl"
	Version  string
	OS       string // "Debian GNU/Linux 12", "Docker Desktop"
	Arch     string // as Go names it: "amd64", "arm64"
	CgroupV1 bool
	// Rootless is an engine that runs as a user. With cgroup v1 it may not freeze.
	Rootless bool
	CPUs     int
}

// FindEngine asks for the engine that a kind fleet would be made with.
func FindEngine(ctx context.Context) (Engine, error) { return Detect(ctx, ask) }

// Detect finds the engine that kind would use: docker, else nerdctl, else podman, of
// which one must not only be installed but answer. The error names what was tried. run
// runs a program within a time limit and returns what it prints.
func Detect(ctx context.Context, run func(ctx context.Context, within time.Duration, program string, args ...string) ([]byte, error)) (Engine, error) {
	var tried []string
	for _, name := range []string{"docker", "nerdctl", "podman"} {
		if _, err := exec.LookPath(name); err != nil {
			continue
		}
		out, err := run(ctx, engineWithin, name, "info", "--format", "{{json .}}")
		if err == nil {
			var e Engine
			if e, err = parseInfo(name, out); err == nil {
				return e, nil
			}
		}
		if ctx.Err() != nil {
			return Engine{}, fmt.Errorf("look for a container engine: %w", ctx.Err())
		}
		tried = append(tried, err.Error())
	}
	if tried == nil {
		return Engine{}, fmt.Errorf("%w: none of docker, nerdctl, podman is installed", ErrNoEngine)
	}
	return Engine{}, fmt.Errorf("%w: %s", ErrNoEngine, strings.Join(tried, "; "))
}

// ask runs a program; its error has the program's own last line.
func ask(ctx context.Context, within time.Duration, program string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err == nil {
		return out, nil
	}
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s did not answer within %s", program, within)
	case errors.As(err, &exit) && len(exit.Stderr) > 0:
		return nil, fmt.Errorf("%s: %s", program, lastLine(string(exit.Stderr)))
	}
	return nil, fmt.Errorf("ask %s: %w", program, err)
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// parseInfo reads the answer of "docker info" or "podman info" as JSON.
func parseInfo(name string, out []byte) (Engine, error) {
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
		return Engine{}, fmt.Errorf("%s info: not understood: %w", name, err)
	}
	if len(info.ServerErrors) > 0 {
		return Engine{}, fmt.Errorf("%s info: %s", name, info.ServerErrors[0])
	}
	e := Engine{
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
		return Engine{}, fmt.Errorf("%s info: names no architecture: does its server run?", name)
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
