package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/fleetdrill/fleetdrill/drill/agent/binary"
	machine "github.com/fleetdrill/fleetdrill/drill/fleet/host"
)

// findAgent finds the program that regions run: for kind a Linux one of this
// machine's architecture, for local one of this very system.
func (s *settings) findAgent(on string) (binary.Agent, error) {
	self, err := os.Executable()
	if err != nil {
		return binary.Agent{}, fmt.Errorf("find this program's own file: %w", err)
	}
	state, err := s.state()
	if err != nil {
		return binary.Agent{}, err
	}
	system := runtime.GOOS
	if on == onKind {
		system = "linux"
	}
	// Not the drill's context: whoever interrupts is not to be told of an agent.
	return binary.Find(context.Background(), binary.Search{
		OS: system, Arch: runtime.GOARCH, Build: version, Self: self,
		Flag: s.agent, Variable: os.Getenv(binary.Variable), Cache: filepath.Join(state, "agents"),
	})
}

// agentFinding is doctor's line of the agent that a fleet's regions would run.
func (s *settings) agentFinding(on string) machine.Finding {
	f := machine.Finding{Name: "agent for " + on, Needed: on + " fleets"}
	agent, err := s.findAgent(on)
	if err != nil {
		f.Found, f.Mend = err.Error(), "make build"
		return f
	}
	f.OK, f.Found = true, fmt.Sprintf("%s, build %s", agent, version)
	if agent.Source == binary.Itself {
		f.Found += "; fleetdrill-agent would be smaller (make build)"
	}
	return f
}
