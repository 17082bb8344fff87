package kindfleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/kind/pkg/cluster"
)

// ErrNoEngine is returned where no container engine answers.
var ErrNoEngine = errors.New("no container engine answers")

// How long the engine may take for one call. They are bounds for an engine that
// hangs, far above what a busy one needs (a kill takes 0.8 s, a start 1 s, a
// removal 4 s on two busy cores).
const (
	lookWithin   = 10 * time.Second
	changeWithin = 45 * time.Second
	removeWithin = 90 * time.Second
)

// Engine is a container engine that answered. It is driven by its command line
// program, as kind does it, so that contexts, DOCKER_HOST and rootless set-ups
// reach the same engine that kind reaches. The price is starting a program for each
// call: 130 to 210 ms on two cores at a load of 8.
//
// docker is what fleetdrill is tested with. podman and nerdctl go as far as kind
// supports them.
type Engine struct {
	Binary   string // "docker", "podman", "nerdctl"
	Version  string
	OS       string // "Debian GNU/Linux 12", "Docker Desktop"
	OSType   string // "linux"
	Arch     string // as Go names it: "amd64", "arm64"
	CgroupV1 bool
	Rootless bool
	CPUs     int
	Memory   int64 // bytes
}

// Detect finds the engine that kind would use: docker, else nerdctl, else podman, of
// which one must not only be installed but answer. The error names what was tried.
func Detect(ctx context.Context) (*Engine, error) {
	var tried []string
	for _, binary := range []string{"docker", "nerdctl", "podman"} {
		if _, err := exec.LookPath(binary); err != nil {
			continue
		}
		out, err := command(ctx, lookWithin, binary, "info", "--format", "{{json .}}")
		if err == nil {
			var e *Engine
			if e, err = parseInfo(binary, out); err == nil {
				return e, nil
			}
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("look for a container engine: %w", ctx.Err())
		}
		tried = append(tried, err.Error())
	}
	if tried == nil {
		return nil, fmt.Errorf("%w: none of docker, nerdctl, podman is installed", ErrNoEngine)
	}
	return nil, fmt.Errorf("%w: %s", ErrNoEngine, strings.Join(tried, "; "))
}

// parseInfo reads the answer of "docker info" or "podman info" as JSON.
func parseInfo(binary string, out []byte) (*Engine, error) {
	var info struct {
		// docker and nerdctl
		ServerVersion, OperatingSystem, OSType, Architecture, CgroupVersion string
		NCPU                                                                int
		MemTotal                                                            int64
		SecurityOptions, ServerErrors                                       []string
		// podman
		Host *struct {
			Arch, CgroupVersion, OS string
			CPUs                    int
			MemTotal                int64
			Security                struct{ Rootless bool }
		}
		Version struct{ Version string }
	}
	// podman names a bool and an object where docker has other things of the same
	// name, so a type that does not fit is not an error by itself.
	var mistyped *json.UnmarshalTypeError
	if err := json.Unmarshal(out, &info); err != nil && !errors.As(err, &mistyped) {
		return nil, fmt.Errorf("%s info: not understood: %w", binary, err)
	}
	if len(info.ServerErrors) > 0 {
		return nil, fmt.Errorf("%s info: %s", binary, info.ServerErrors[0])
	}
	e := &Engine{
		Binary: binary, Version: info.ServerVersion, OS: info.OperatingSystem, OSType: info.OSType,
		Arch: goArch(info.Architecture), CgroupV1: info.CgroupVersion == "1", CPUs: info.NCPU, Memory: info.MemTotal,
	}
	for _, o := range info.SecurityOptions {
		e.Rootless = e.Rootless || strings.Contains(o, "name=rootless")
	}
	if h := info.Host; h != nil {
		e.Version, e.OS, e.OSType, e.Arch = info.Version.Version, h.OS, h.OS, goArch(h.Arch)
		e.CgroupV1, e.Rootless, e.CPUs, e.Memory = h.CgroupVersion == "v1", h.Security.Rootless, h.CPUs, h.MemTotal
	}
	if e.Arch == "" {
		return nil, fmt.Errorf("%s info: names no architecture: does its server run?", binary)
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

// provider is kind's option for this engine.
func (e *Engine) provider() cluster.ProviderOption {
	switch e.Binary {
	case "podman":
		return cluster.ProviderWithPodman()
	case "nerdctl":
		return cluster.ProviderWithNerdctl("nerdctl")
	}
	return cluster.ProviderWithDocker()
}

// run sends one command to the engine.
func (e *Engine) run(ctx context.Context, within time.Duration, args ...string) ([]byte, error) {
	return command(ctx, within, e.Binary, args...)
}

// command runs a program with a deadline and returns its standard output. Its
// error has the program's own last words, and after the deadline, what to do.
func command(ctx context.Context, within time.Duration, binary string, args ...string) ([]byte, error) {
	bounded, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	cmd := exec.CommandContext(bounded, binary, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second
	detach(cmd)
	err := cmd.Run()
	if err == nil {
		return stdout.Bytes(), nil
	}
	line := strings.Join(append([]string{binary}, args...), " ")
	if i := strings.Index(line, " --format"); i > 0 {
		line = line[:i]
	}
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s: %w", line, ctx.Err())
	case bounded.Err() != nil:
		return nil, fmt.Errorf("%s: no answer within %s: %w; see whether the engine answers at all with \"%s info\"",
			line, within, context.DeadlineExceeded, binary)
	}
	if words := lastWords(stderr.String()); words != "" {
		return nil, &engineError{line: line, words: words, err: err}
	}
	return nil, fmt.Errorf("%s: %w", line, err)
}

// engineError is a command that the engine refused, with the reason it gave.
type engineError struct {
	line, words string
	err         error
}

func (e *engineError) Error() string { return e.line + ": " + e.words }
func (e *engineError) Unwrap() error { return e.err }

// lastWords is the line by which a program says what went wrong: the last that
// speaks of an error (kubeadm puts a stack trace after it), else the last.
func lastWords(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	words := lines[len(lines)-1]
	for _, l := range slices.Backward(lines) {
		if low := strings.ToLower(strings.TrimSpace(l)); strings.HasPrefix(low, "error") || strings.HasPrefix(low, "fatal") {
			words = l
			break
		}
	}
	words = strings.TrimSpace(words)
	for _, p := range []string{"Error response from daemon: ", "Error: "} {
		words = strings.TrimPrefix(words, p)
	}
	return words
}

// said reports whether err is the engine's refusal with one of the words in it.
func said(err error, words ...string) bool {
	var refused *engineError
	if !errors.As(err, &refused) {
		return false
	}
	text := strings.ToLower(refused.words)
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
