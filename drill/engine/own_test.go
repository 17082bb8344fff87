package engine

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/control"
	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
	"github.com/fleetdrill/fleetdrill/drill/topology"
)

func own(text string) runbook.Command {
	return runbook.Command{Verb: action.VerbWrite, Dataset: "orders", Population: "near-a", Text: text}
}

// fate waits until a write of one's own has come to something.
func (l *lab) fate(text string, want fate.Fate) *fate.Write {
	l.Helper()
	var found *fate.Write
	l.until(text+" is "+string(want), func(s *drill.State) bool {
		for _, w := range s.Written {
			if w.Text == text && w.Fate() == want {
				found = w
			}
		}
		return found != nil
	})
	return found
}

// A write that its leader alone holds is lost with it, and found again in what the leader cut when it
// came back; one that sync copied before it was confirmed is there all along.
func TestOwnWritesAreFollowedToTheirFate(t *testing.T) {
	beside(t)
	for mode, with := range map[topology.Mode]string{topology.ModeAsync: "", topology.ModeSync: "b"} {
		t.Run(string(mode), func(t *testing.T) {
			beside(t)
			attempts(t, func(t *attempt) {
				l := newLab(t, func(c *Config) {
					c.Spec.Datasets[0].Mode, c.Spec.Datasets[0].With = mode, with
					c.Exports = t.TempDir()
				})
				l.until("users ask", func(s *drill.State) bool { return s.Phase == drill.PhaseSteady && s.Population("near-a").Last != nil })
				l.send(own("before"))
				if w := l.fate("before", fate.Copied); w.Ended.By != "a" || w.Ended.Took <= 0 || w.Region != "a" {
					t.Errorf("confirmed: %+v by way of %s", w.Ended, w.Region)
				}
				if mode == topology.ModeAsync {
					// Users still reach a, and what they write there is copied to nobody.
					for _, other := range []string{"b", "c"} {
						l.send(cut(runbook.VerbPartition, "a", other, false))
					}
					l.until("a is cut off from its replicas", func(s *drill.State) bool { return len(s.Faults) == 2 })
					l.send(own("alone"))
					l.fate("alone", fate.Alone)
				}
				l.send(runbook.Command{Verb: runbook.VerbKill, Region: "a"})
				l.until("another leads", func(s *drill.State) bool { return len(s.Failovers) == 1 && s.Failovers[0].Check != nil })
				if w := l.fate("before", fate.Copied); w.Trace.Authority == "a" {
					l.until("it is found with the new leader", func(*drill.State) bool { return w.Trace.Authority != "a" && w.Fate() == fate.Copied })
				}
				if mode == topology.ModeSync {
					l.end()
					for _, c := range l.state.OwnWrite("orders", l.state.Written[0].ID).Fates {
						if c.Fate == fate.Lost {
							t.Error("sync lost a write that was confirmed")
						}
					}
					return
				}
				w := l.fate("alone", fate.Lost)
				if lost := l.state.Failovers[0].Check.Lost; len(lost) == 0 {
					t.Errorf("the ledger lost %v, %s among them", lost, w.ID)
				}
				l.send(runbook.Command{Verb: runbook.VerbRestore, Region: "a"})
				for _, other := range []string{"b", "c"} {
					l.send(cut(runbook.VerbHeal, "a", other, false))
				}
				w = l.fate("alone", fate.Exported)
				text, err := os.ReadFile(w.Trace.Exported)
				if err != nil || !strings.Contains(string(text), w.ID) {
					t.Errorf("%s does not keep %s: %v", w.Trace.Exported, w.ID, err)
				}
				l.end()
			})
		})
	}
}

// Another shell writes by the drill's own queue, and reads every replica. What would ask first on the
// screen is not taken from there, and with the drill its socket ends.
func TestAnotherShell(t *testing.T) {
	beside(t)
	attempts(t, func(t *attempt) {
		dir := filepath.Join(t.TempDir(), "lab")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		l := newLab(t, func(c *Config) { c.Control = func() (net.Listener, error) { return control.Listen(dir) } })
		l.until("users ask", func(s *drill.State) bool { return s.Phase == drill.PhaseSteady && s.Population("near-a").Last != nil })
		ask := func(q control.Request) control.Answer {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			a, err := control.Ask(ctx, dir, q)
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		do := func(c runbook.Command) control.Answer { return ask(control.Request{Command: &c}) }
		note := func(text string) runbook.Command { return runbook.Command{Verb: runbook.VerbNote, Text: text} }

		forged := own("from a shell")
		forged.By = runbook.ByDrill
		a := do(forged)
		if a.Error != "" || a.Write == nil || !a.Write.Confirmed() || a.Write.Ended.By != "a" {
			t.Fatalf("%+v", a)
		}
		found := ask(control.Request{Read: &control.Read{Dataset: "orders"}})
		if found.Entry == nil || found.Entry.ID != a.Write.ID || found.Entry.Authority != "a" || len(found.Entry.Replicas) != 3 {
			t.Fatalf("the last write: %+v", found)
		}
		if r := found.Entry.Replicas[0]; r.Region != "a" || !r.Held || string(r.Payload) != "from a shell" {
			t.Errorf("the leader has %+v", r)
		}
		// Both halves of an answer are of the same moment: what each replica has, and what that makes of the write.
		if found.Write == nil || found.Write.Trace == nil {
			t.Fatalf("its fate is not of what was found: %+v", found.Write)
		}
		for i, r := range found.Entry.Replicas {
			if c := found.Write.Trace.Copies[i]; c.Region != r.Region || c.Answered != r.Answered || c.Held != r.Held || c.Altered {
				t.Errorf("%s has it by its own answer %+v, and by the write's fate %+v", r.Region, r, c)
			}
		}
		if became := found.Write.Fate(); became != fate.Alone && became != fate.Copied {
			t.Errorf("a write that its leader has is %s", became)
		}
		read := func(id string) control.Answer {
			return ask(control.Request{Read: &control.Read{Dataset: "orders", ID: id}})
		}
		for name, q := range map[string]struct {
			answer control.Answer
			says   string
		}{
			"no id":               {read("a b"), `"a b" is no id of a write`},
			"an id of two lines":  {read("a\nb"), "is no id of a write"},
			"a path for an id":    {read("../../x"), "is no id of a write"},
			"a long id":           {read(strings.Repeat("x", 60<<10)), "is no id of a write"},
			"a kill":              {do(runbook.Command{Verb: runbook.VerbKill, Region: "a"}), "moves users or data"},
			"a wait":              {do(runbook.Command{Verb: runbook.VerbWait, For: runbook.WaitSteady}), "moves users or data"},
			"nothing known":       {do(runbook.Command{Verb: "explode"}), "no action"},
			"a broken rule":       {do(own(strings.Repeat("x", 201))), "201 characters"},
			"a long note":         {do(note(strings.Repeat("x", 60<<10))), "61440 characters"},
			"a note with escapes": {do(note("a\x1b]0;b\a")), "a terminal obeys"},
			"another's dataset":   {ask(control.Request{Read: &control.Read{Dataset: "songs"}}), "no dataset"},
			"nobody's population": {do(runbook.Command{Verb: action.VerbWrite, Dataset: "orders", Population: "mars", Text: "x"}), `no population "mars"`},
		} {
			if !strings.Contains(q.answer.Error, q.says) || q.answer.Next == "" {
				t.Errorf("%s: %+v", name, q.answer)
			}
		}
		said := note("look")
		said.Region, said.Dataset, said.For = "\x1b[2J", "\x1b[2J", strings.Repeat("x", 60<<10)
		if a := do(said); a.Error != "" {
			t.Errorf("a note: %+v", a)
		}
		l.end()
		for _, c := range l.state.Commands {
			text, err := json.Marshal(c.Command)
			if err != nil || len(text) > 1000 || strings.Contains(string(text), `\u001b`) {
				t.Errorf("what no action takes became an event: %.100q, %v", text, err)
			}
			if c.Command.Text == forged.Text && c.Command.By != runbook.ByOperator {
				t.Errorf("the shell made itself %q", c.Command.By)
			}
		}
		if len(l.state.Faults) > 0 {
			t.Error("a kill was taken from another shell")
		}
		if _, err := os.Lstat(filepath.Join(dir, control.Name)); err == nil {
			t.Error("the socket outlives the drill")
		}
	})
}
