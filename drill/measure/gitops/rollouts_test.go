package gitops

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/config"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

// tape is a drill as its events make it.
type tape struct {
	*drill.State
	at time.Duration
}

func (p *tape) after(d time.Duration, bodies ...drill.Body) {
	p.at += d
	for _, b := range bodies {
		p.Apply(drill.Event{Seq: p.LastSeq + 1, T: p.at, Body: b})
	}
}

func news(n config.News) drill.Body { return drill.Configured{News: n} }

// badCommit is a commit that hurts the first of two waves, is held before the second, and taken back.
func badCommit() *tape {
	p := &tape{State: drill.NewState()}
	p.after(0, drill.DrillStarted{Fleet: topology.Fleet{
		Regions: []topology.Region{{Name: "east"}, {Name: "west"}},
		Users:   []topology.Population{{Name: "americas"}, {Name: "europe"}},
		Config:  &topology.Config{Mode: topology.ConfigPull, Every: time.Second, Waves: [][]string{{"west"}, {"east"}}, Gate: &topology.ConfigGate{Success: 0.99}},
	}}, news(config.Committed{Revision: config.Revision{Hash: "first", Author: config.Author}}),
		news(config.Released{Revision: "first", Of: 2, Regions: []string{"west"}}), news(config.Released{Revision: "first", Wave: 1, Of: 2, Regions: []string{"east"}}),
		news(config.Applied{Region: "east", Revision: "first"}), news(config.Applied{Region: "west", Revision: "first"}),
		drill.Rerouted{Population: "americas", To: "east"}, drill.Rerouted{Population: "europe", To: "west"})
	made := 10 * time.Second
	p.after(10*time.Second, drill.CommandTaken{ID: 1, Command: runbook.Command{Verb: runbook.VerbCommit, Text: "version v2-bad"}})
	p.after(100*time.Millisecond, drill.CommandDone{ID: 1, Proof: "bad is on main: Set version to v2-bad"})
	p.after(400*time.Millisecond, news(config.Committed{Revision: config.Revision{Hash: "bad"}, Made: &made}), news(config.Released{Revision: "bad", Of: 2, Regions: []string{"west"}}))
	p.after(500*time.Millisecond, news(config.Applied{Region: "west", Revision: "bad", Was: "first"}))
	p.after(time.Second, news(config.Held{Revision: "bad", Wave: 1, Why: "west answers 0% of requests"}))
	impact := func(asked, affected int) []telemetry.UserImpact {
		return []telemetry.UserImpact{{Command: 1, Asked: asked, Affected: affected}}
	}
	p.after(time.Second, drill.TrafficSampled{Window: time.Second, Populations: []telemetry.Population{
		{Population: "americas", Impacts: impact(200, 0)}, {Population: "europe", Impacts: impact(100, 90)}}})
	back := 14 * time.Second
	p.after(time.Second, drill.CommandTaken{ID: 2, Command: runbook.Command{Verb: runbook.VerbRevert}}, drill.CommandDone{ID: 2, Proof: "back is on main"})
	p.after(500*time.Millisecond, news(config.Committed{Revision: config.Revision{Hash: "back", Reverts: "bad"}, Made: &back}), news(config.Released{Revision: "back", Of: 2, Regions: []string{"west"}}))
	p.after(700*time.Millisecond, news(config.Applied{Region: "west", Revision: "back", Was: "bad"}))
	p.after(2*time.Second, news(config.Released{Revision: "back", Wave: 1, Of: 2, Regions: []string{"east"}}))
	p.after(200*time.Millisecond, news(config.Applied{Region: "east", Revision: "back", Was: "first"}))
	return p
}

func told(r Rollout) string {
	var out []string
	for _, w := range r.Waves {
		text := fmt.Sprintf("wave %d %v ", w.Number, w.Regions)
		if w.Released == nil {
			text += "never"
		} else {
			text += w.Released.String()
		}
		if w.Held != "" {
			text += " held"
		}
		if w.Users.Known {
			text += fmt.Sprintf(" %d/%d", w.Users.Affected, w.Users.Asked)
		}
		out = append(out, text)
	}
	for _, h := range r.Had {
		if h.After == nil {
			out = append(out, h.Region+" never")
		} else {
			out = append(out, fmt.Sprintf("%s %s", h.Region, h.After))
		}
	}
	return strings.Join(out, "; ")
}

// A bad commit is told by its waves: whom it hurt in each, which was held and never let through; and its revert by how long each
// region waited for it. The fleet's first commit is no rollout.
func TestRolloutsByWave(t *testing.T) {
	got := Rollouts(badCommit().State)
	if len(got) != 2 {
		t.Fatalf("%d rollouts", len(got))
	}
	if got[0].Command == nil || got[0].Command.ID != 1 || got[1].Command == nil || got[1].Command.ID != 2 {
		t.Errorf("made by %v and %v", got[0].Command, got[1].Command)
	}
	for i, want := range []string{
		"wave 0 [west] 500ms 90/100; wave 1 [east] never held 0/200; east never; west 1s",
		"wave 0 [west] 500ms; wave 1 [east] 3.2s; east 3.4s; west 1.2s",
	} {
		if text := told(got[i]); text != want {
			t.Errorf("rollout %d:\n%s\nnot\n%s", i, text, want)
		}
	}
}

// Where nobody governs the fleet, or nothing was committed since it came up, there is nothing to tell; of a commit by git nobody
// counted users.
func TestRolloutsOfNothing(t *testing.T) {
	s := drill.NewState()
	if Rollouts(s) != nil || Configurations(s) != nil {
		t.Error("a fleet without a repository has rollouts")
	}
	p := badCommit()
	p.after(time.Second, news(config.Committed{Revision: config.Revision{Hash: "git"}}))
	last := Rollouts(p.State)[2]
	if last.Command != nil || last.Waves[0].Users.Known {
		t.Errorf("a person's commit by git was made by %v, its users are known: %v", last.Command, last.Waves[0].Users.Known)
	}
}
