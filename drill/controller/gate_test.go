package controller

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/controller/exchange"
	"github.com/fleetdrill/fleetdrill/drill/preflight"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// readiness is how ready regions are in a random sequence: another for every two seconds, and each is ready two times of three.
func (s *sim) readiness() (out []preflight.Target) {
	r := rand.New(rand.NewPCG(s.seed, uint64(s.now/(2*time.Second))))
	for _, region := range s.regions {
		out = append(out, target(region.name, r.IntN(3) > 0))
	}
	return out
}

func target(region string, ready bool) preflight.Target {
	f := preflight.Finding{Check: "roles", Status: preflight.Ready, Gates: true}
	if !ready {
		f.Status, f.Why = preflight.Unready, "no role in "+region
	}
	return preflight.Target{Region: region, Findings: []preflight.Finding{f, {Check: "capacity", Status: preflight.Unready, Why: "too small"}}}
}

// ledBy makes the authority a of three regions go down, with b more advanced than c, and says who is decided on: with a gate that
// refuses, or not, while some regions are ready and nothing is known of others.
func ledBy(t *testing.T, mode topology.Durability, gate string, targets ...preflight.Target) *script {
	s := newLedScript(t, mode, "auto")
	s.m.rules.Policy.Preflight, s.targets = gate, targets
	s.down("a")
	s.done(exchange.StepStatus, "b", s.status("b", 12), nil)
	s.done(exchange.StepStatus, "c", s.status("c", 10), nil)
	return s
}

// What keeps a region from being promoted by itself, where the gate refuses: the next that is ready leads, unless it lacks what the
// mode has to keep; then nobody does until somebody puts it right.
func TestAGateThatRefuses(t *testing.T) {
	async, quorum := topology.Durability{Mode: topology.ModeAsync}, topology.Durability{Mode: topology.ModeQuorum}
	refuse := topology.PreflightRefuse
	for _, tt := range []struct {
		name    string
		mode    topology.Durability
		gate    string
		targets []preflight.Target
		to      string // "" is nobody
		passed  []string
		reason  string
	}{
		{"ready", async, refuse, []preflight.Target{target("b", true), target("c", true)}, "b", nil, ""},
		{"the next one", async, refuse, []preflight.Target{target("b", false), target("c", true)}, "c", []string{"b"}, ""},
		{"a warning", async, topology.PreflightWarn, []preflight.Target{target("b", false), target("c", true)}, "b", nil, ""},
		{"none is ready", async, refuse, []preflight.Target{target("b", false), target("c", false)}, "", []string{"b", "c"},
			"no region is ready to lead: b: roles: no role in b; c: roles: no role in c"},
		{"nothing is known of the next", async, refuse, []preflight.Target{target("b", false)}, "", []string{"b", "c"},
			"no region is ready to lead: b: roles: no role in b; c: nothing is known of it"},
		{"the next lacks what a majority has", quorum, refuse, []preflight.Target{target("b", false), target("c", true)}, "", []string{"b"},
			"no region is ready to lead: b: roles: no role in b; c is next, and may lack confirmed writes"},
	} {
		s := ledBy(t, tt.mode, tt.gate, tt.targets...)
		told := bodies[drill.PreflightTaken](s)
		if len(told) != 1 || told[0].To != tt.to || !slices.Equal(told[0].Passed, tt.passed) || len(told[0].Targets) != len(tt.targets) {
			t.Errorf("%s: the preflight says %+v", tt.name, told)
			continue
		}
		blocked := bodies[drill.FailoverBlocked](s)
		if tt.to == "" {
			if len(blocked) != 1 || blocked[0].Reason != tt.reason {
				t.Errorf("%s: blocked %+v", tt.name, blocked)
			}
			continue
		}
		if decided := s.stage(drill.StageDecide); decided.To != tt.to || len(blocked) > 0 {
			t.Errorf("%s: decided %s, blocked %+v", tt.name, decided.To, blocked)
		}
	}
}

// A failover that its gate holds goes on by itself once what was wrong is right, and at once where a person promotes a region: and is
// told again only where the reason is another one.
func TestAGateOpens(t *testing.T) {
	again := func(s *script) {
		s.wait(tickEvery)
		s.done(exchange.StepStatus, "b", s.status("b", 12), nil)
		s.done(exchange.StepStatus, "c", s.status("c", 10), nil)
	}
	async := topology.Durability{Mode: topology.ModeAsync}
	s := ledBy(t, async, topology.PreflightRefuse, target("b", false), target("c", false))
	again(s)
	if n := len(bodies[drill.FailoverBlocked](s)); n != 1 || len(bodies[drill.PreflightTaken](s)) != 1 {
		t.Errorf("told %d times for one reason", n)
	}
	s.targets = []preflight.Target{target("b", true), target("c", false)}
	again(s)
	if decided := s.stage(drill.StageDecide); decided.To != "b" {
		t.Errorf("mended: decided %+v", decided)
	}

	s = ledBy(t, async, topology.PreflightRefuse, target("b", false), target("c", false))
	s.observe(exchange.Asked{Number: 1, Command: runbook.Command{Verb: runbook.VerbPromote, Dataset: "orders", To: "c", By: "operator"}})
	for range 2 { // to check the choice, and to decide
		s.done(exchange.StepStatus, "b", s.status("b", 12), nil)
		s.done(exchange.StepStatus, "c", s.status("c", 10), nil)
	}
	if decided := s.stage(drill.StageDecide); decided.To != "c" {
		t.Errorf("a person's choice: decided %+v", decided)
	}
	if told := bodies[drill.PreflightTaken](s); len(told) != 2 || told[1].To != "c" || !told[1].News() {
		t.Errorf("a person's choice: %+v", told)
	}
}
