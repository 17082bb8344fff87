// Package binary finds the agent's program, and the files that it needs beside it
// in an image that has nothing else.
package binary

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/build"
)

// Variable names the environment's agent.
const Variable = "FLEETDRILL_AGENT"

// versionWithin bounds the question for an agent's build: it prints one line, and a
// program that does not end within that is no agent.
const versionWithin = 5 * time.Second

// ErrNone is returned where no agent for the wanted system is found.
var ErrNone = errors.New("no agent found")

// Source is where an agent was found.
type Source string

// The sources, in the order in which they are looked at.
const (
	FromFlag     Source = "--agent"
	FromVariable Source = "$" + Variable
	Beside       Source = "beside this program"
	Embedded     Source = "embedded in this program"
	Itself       Source = "this program itself"
)

// Agent is a program that runs as `PATH region …`.
type Agent struct {
	Path   string
	Source Source
}

func (a Agent) String() string { return fmt.Sprintf("%s (%s)", a.Path, a.Source) }

// Search is what to look for and where.
type Search struct {
	OS, Arch string // that the agent is to run on, as Go names them
	Build    string // that it must be of; "" takes any
	Self     string // this program's own file
	Flag     string // --agent, or ""
	Variable string // $FLEETDRILL_AGENT, or ""
	Cache    string // folder that an embedded agent is written to
}

// Find takes the first agent that is there: of the flag, of the environment, beside
// this program, embedded, else this program itself, which can run as one. Errors:
// ErrNone, build.ErrOther for one of another build, else of the file named.
func Find(ctx context.Context, s Search) (Agent, error) {
	for _, named := range []Agent{{s.Flag, FromFlag}, {s.Variable, FromVariable}} {
		if named.Path == "" || s.foreign(named.Path) {
			continue
		}
		path, err := filepath.Abs(named.Path) // not looked for on the PATH
		if err == nil {
			_, err = os.Stat(path)
		}
		if err != nil {
			return Agent{}, fmt.Errorf("agent of %s: %w; build one with \"make build\"", named.Source, err)
		}
		named.Path = path
		return s.checked(ctx, named)
	}
	self, err := filepath.EvalSymlinks(s.Self)
	if err != nil {
		return Agent{}, fmt.Errorf("find the agent: this program's own file: %w", err)
	}
	beside := Agent{filepath.Join(filepath.Dir(self), Name(s.OS, s.Arch)), Beside}
	if _, err := os.Stat(beside.Path); err == nil {
		return s.checked(ctx, beside)
	}
	if len(embedded) > 0 && s.OS == "linux" && s.Arch == runtime.GOARCH {
		path, err := unpack(embedded, s.Cache)
		if err != nil {
			return Agent{}, fmt.Errorf("unpack the embedded agent: %w", err)
		}
		return s.checked(ctx, Agent{path, Embedded})
	}
	if s.native() {
		return Agent{self, Itself}, nil
	}
	return Agent{}, fmt.Errorf("%w for %s/%s: build one with \"make build\", which puts %s beside this program, or name one with $%s",
		ErrNone, s.OS, s.Arch, Name(s.OS, s.Arch), Variable)
}

// Name is the file name of the agent for a system, beside the program.
func Name(system, arch string) string {
	if system == runtime.GOOS && arch == runtime.GOARCH {
		return "fleetdrill-agent"
	}
	return "fleetdrill-agent-" + system + "-" + arch
}

func (s Search) native() bool { return s.OS == runtime.GOOS && s.Arch == runtime.GOARCH }

// foreign reports whether a named agent is meant for the kind regions of a machine
// that is not Linux, and another is looked for.
func (s Search) foreign(path string) bool {
	if s.OS == "linux" {
		return false
	}
	f, err := elf.Open(path)
	if err != nil {
		return false
	}
	_ = f.Close()
	return true
}

// checked refuses an agent of another build, where it can be run to say which.
func (s Search) checked(ctx context.Context, a Agent) (Agent, error) {
	if s.Build == "" || !s.native() {
		return a, nil
	}
	got, err := Build(ctx, a.Path)
	if err == nil {
		err = build.Same(s.Build, got)
	}
	if err != nil {
		return Agent{}, fmt.Errorf("agent %s: %w", a, err)
	}
	return a, nil
}

// Build asks a program of this machine for its build: the last word of what it
// prints for --version.
func Build(ctx context.Context, path string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, versionWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "--version")
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	words := strings.Fields(string(out))
	if err == nil && (len(words) < 2 || !strings.HasPrefix(words[0], "fleetdrill")) {
		err = fmt.Errorf("it prints %.60q", out)
	}
	if err != nil {
		return "", fmt.Errorf("does not name its build with --version: %w; is it fleetdrill-agent? build it with \"make build\"", err)
	}
	return words[len(words)-1], nil
}
