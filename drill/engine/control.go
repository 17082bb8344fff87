package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/action"
	"github.com/fleetdrill/fleetdrill/drill/action/param"
	"github.com/fleetdrill/fleetdrill/drill/action/port"
	"github.com/fleetdrill/fleetdrill/drill/action/rule"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/control"
	"github.com/fleetdrill/fleetdrill/drill/fate"
	"github.com/fleetdrill/fleetdrill/drill/readiness"
	"github.com/fleetdrill/fleetdrill/drill/runbook"
)

// control takes what other shells ask until ctx ends.
func (e *Engine) control(ctx context.Context, p *parts) {
	if e.cfg.Control == nil {
		return
	}
	l, err := e.cfg.Control()
	if err == nil {
		err = control.Serve(ctx, l, desk{engine: e, parts: p})
	}
	if err != nil {
		e.bus.Emit(drill.TaskFailed{Task: "take commands from other shells", Error: err.Error(), Next: "use the keys of the screen"})
	}
}

// desk answers what other shells ask.
type desk struct {
	engine *Engine
	parts  *parts
}

// Do puts a command into the queue and waits for what comes of it. Only what moves neither users
// nor data is taken: the rest asks first on the screen, with what it will break.
func (d desk) Do(ctx context.Context, c runbook.Command) control.Answer {
	a, known := action.Find(c.Verb)
	if known && !a.Harmless || a.Holds {
		return control.Answer{Error: fmt.Sprintf("%s is not taken from another shell: it moves users or data", c.Verb), Next: "use its key on the screen, which asks first"}
	}
	c = taken(a, c)
	var refused *rule.Refusal
	d.engine.bus.View(func(s *drill.State) { refused = action.Check(s, c) })
	if refused != nil {
		return control.Answer{Error: refused.Why, Next: refused.Next}
	}
	answer := make(chan reply, 1)
	if err := d.engine.queue.put(c, answer); err != nil {
		return control.Answer{Error: err.Error(), Next: "try again once the drill runs"}
	}
	select {
	case out := <-answer:
		return d.answer(out)
	case <-ctx.Done():
		return control.Answer{Error: "no answer yet: " + context.Cause(ctx).Error(), Next: "look at the screen"}
	}
}

// taken is a command with what its action takes, which Check looks at, and nothing else that a
// line says: what becomes an event is shown. Nor does the line say who asks: a verdict goes by it.
func taken(a action.Action, c runbook.Command) runbook.Command {
	own := runbook.Command{Verb: c.Verb, By: runbook.ByOperator}
	for _, p := range a.Params {
		switch p.Kind {
		case param.KindDataset:
			own.Dataset = c.Dataset
		case param.KindPopulation:
			own.Population = c.Population
		case param.KindText, param.KindWord:
			own.Text = c.Text
		}
	}
	return own
}

func (d desk) answer(out reply) control.Answer {
	a := control.Answer{Command: out.id, Proof: out.proof}
	if out.err != nil {
		a.Error = out.err.Error()
		var refused *rule.Refusal
		var failed *port.Failure
		switch {
		case errors.As(out.err, &refused):
			a.Error, a.Next = refused.Why, refused.Next
		case errors.As(out.err, &failed):
			a.Next = failed.Next
		}
	}
	d.engine.bus.View(func(s *drill.State) {
		for _, w := range s.Written {
			if w.Command == out.id {
				a.Write = copied(w)
			}
		}
	})
	return a
}

// copied is a write that can be kept after the look at the state.
func copied(w *fate.Write) *fate.Write {
	c := *w
	c.Fates = slices.Clone(w.Fates)
	return &c
}

// Read looks a write up in every replica.
func (d desk) Read(ctx context.Context, r control.Read) control.Answer {
	var names []string
	var replicas []string
	for _, s := range d.parts.spec.Datasets {
		names = append(names, s.Name)
		if s.Name == r.Dataset {
			replicas = s.Regions
		}
	}
	if !slices.Contains(names, r.Dataset) {
		return control.Answer{Error: fmt.Sprintf("there is no dataset %q", r.Dataset), Next: "there are " + strings.Join(names, ", ")}
	}
	if r.ID != "" && wire.CheckID(r.ID) != nil {
		return control.Answer{
			Error: fmt.Sprintf("%q is no id of a write", shortened(r.ID)),
			Next:  "one is of letters, digits and . _ : ~ -, at most 128, as `fleetdrill write` prints it; without an id it is the last one",
		}
	}
	a := control.Answer{}
	d.engine.bus.View(func(s *drill.State) {
		for _, w := range s.Written {
			if w.Dataset == r.Dataset && (r.ID == "" || r.ID == w.ID) {
				a.Write = copied(w)
			}
		}
	})
	id := r.ID
	if id == "" && a.Write != nil {
		id = a.Write.ID
	}
	if id == "" {
		id, _, _ = d.parts.ledger.Recent(r.Dataset, 0)
	}
	if id == "" {
		return control.Answer{Error: "no write of " + r.Dataset + " was confirmed yet", Next: "write one: fleetdrill write " + r.Dataset + " TEXT"}
	}
	entry := &control.Entry{Dataset: r.Dataset, ID: id}
	entry.Authority, entry.Epoch = d.parts.data.leader(r.Dataset)
	found := d.parts.tracer.Find(ctx, r.Dataset, id)
	for _, region := range replicas {
		f, answered := found[region]
		entry.Replicas = append(entry.Replicas, control.Replica{Region: region, Answered: answered, Held: f.Found, Index: f.Index, Epoch: f.Epoch, Payload: f.Payload})
	}
	a.Entry = entry
	if a.Write != nil {
		entry.Judge(a.Write)
	}
	return a
}

// Preflight says how ready each region is to lead each dataset, as things are.
func (d desk) Preflight() (a control.Answer) {
	d.engine.bus.View(func(s *drill.State) { a.Targets = readiness.Every(s) })
	return a
}

// mostShown is how much of what somebody typed is said back, in bytes.
const mostShown = 40

func shortened(text string) string {
	if len(text) > mostShown {
		return text[:mostShown] + "…"
	}
	return text
}
