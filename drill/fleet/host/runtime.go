package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// How long an engine may take for one call, for Run. They are bounds for an engine that
// hangs, far above what a busy one needs (a kill takes 0.8 s, a start 1 s, a
// removal 4 s on two busy cores).
const (
	LookWithin   = 10 * time.Second
	ChangeWithin = 45 * time.Second
	RemoveWithin = 90 * time.Second
)

// Runtime is a container engine that answered. It is driven by its command line
// program, as kind does it, so that contexts, DOCKER_HOST and rootless set-ups
// reach the same engine that kind reaches. The price is starting a program for each
// call: 130 to 210 ms on two cores at a load of 8.
//
// docker is what fleetdrill is tested with. podman and nerdctl go as far as kind
// supports them.
type Runtime struct {
	Name     string // of its program: "docker", "podman", "nerdctl"
	Version  string
	OS       string // "Debian GNU/Linux 12", "Docker Desktop"
	Arch     string // as Go names it: "amd64", "arm64"
	CgroupV1 bool
	// Rootless is an engine that runs as a user. With cgroup v1 it may not freeze.
	Rootless bool
	CPUs     int
}

// Run sends one command to the engine and returns its standard output. An error has the
// engine's own last words (Refused), and after the limit, what to do.
func (e *Runtime) Run(ctx context.Context, within time.Duration, args ...string) ([]byte, error) {
	return command(ctx, within, e.Name, args...)
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
	if words := LastError(stderr.String()); words != "" {
		return nil, &refusal{line: line, words: words, err: err}
	}
	return nil, fmt.Errorf("%s: %w", line, err)
}

// refusal is a command that the engine refused, with the reason it gave.
type refusal struct {
	line, words string
	err         error
}

func (e *refusal) Error() string { return e.line + ": " + e.words }
func (e *refusal) Unwrap() error { return e.err }

// LastError is the line by which a program says what went wrong: the last that
// speaks of an error (kubeadm puts a stack trace after it), else the last.
func LastError(output string) string {
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

// Refused reports whether err is the engine's refusal with one of the words in it.
func Refused(err error, words ...string) bool {
	var refused *refusal
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
