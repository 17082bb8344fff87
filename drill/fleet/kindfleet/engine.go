package kindfleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/kind/pkg/cluster"

	"github.com/fleetdrill/fleetdrill/drill/fleet/machine"
)

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
type Engine machine.Engine

// Detect finds the engine, as machine.FindEngine does for those who only ask whether
// there is one.
func Detect(ctx context.Context) (*Engine, error) {
	found, err := machine.Detect(ctx, command)
	if err != nil {
		return nil, err
	}
	return (*Engine)(&found), nil
}

// provider is kind's option for this engine.
func (e *Engine) provider() cluster.ProviderOption {
	switch e.Name {
	case "podman":
		return cluster.ProviderWithPodman()
	case "nerdctl":
		return cluster.ProviderWithNerdctl("nerdctl")
	}
	return cluster.ProviderWithDocker()
}

// run sends one command to the engine.
func (e *Engine) run(ctx context.Context, within time.Duration, args ...string) ([]byte, error) {
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
