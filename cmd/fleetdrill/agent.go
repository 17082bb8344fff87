package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/fleetdrill/fleetdrill/drill/agent/binary"
	machine "github.com/fleetdrill/fleetdrill/drill/fleet/host"
	"github.com/fleetdrill/fleetdrill/drill/fleet/platforms"
)

// findAgent finds the program that a platform's regions run, of this machine's
// architecture.
func (s *settings) findAgent(on string) (binary.Agent, error) {
	platform, err := platforms.Find(on)
	if err != nil {
		return binary.Agent{}, fmt.Errorf("--on %s: %w", on, err)
	}
	self, err := os.Executable()
	if err != nil {
		return binary.Agent{}, fmt.Errorf("find this program's own file: %w", err)
	}
	state, err := s.state()
	if err != nil {
		return binary.Agent{}, err
	}
	// Not the drill's context: whoever interrupts is not to be told of an agent.
	return binary.Find(context.Background(), binary.Search{
		OS: platform.AgentSystem, Arch: runtime.GOARCH, Build: version, Self: self,
		Flag: s.agent, Variable: os.Getenv(binary.Variable), Cache: filepath.Join(state, "agents"),
	})
}

// agentFinding is doctor's line of the agent that a fleet's regions would run.
func (s *settings) agentFinding(p platforms.Entry) machine.Finding {
	f := machine.Finding{Name: "agent for " + p.Name, Needed: p.Name + " fleets"}
	agent, err := s.findAgent(p.Name)
	if err != nil {
		f.Found, f.Fix = err.Error(), "make build"
		return f
	}
	f.OK, f.Found = true, fmt.Sprintf("%s, build %s", agent, version)
	if agent.Source == binary.Itself {
		f.Found += "; fleetdrill-agent would be smaller (make build)"
	}
	return f
}
