package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/history"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/traffic"
)

const (
	// lastReadLimit bounds the reading of a dataset at the end, for the history.
	lastReadLimit = time.Minute
	// historyLimit bounds how long the end of a drill waits for the history's disk.
	historyLimit = 10 * time.Second
)

// readAtEnd reads every dataset by way of its authority once no user asks any more, and
// adds what became of each write to the history: so a lost one is in it, whatever users
// happened to read. A dataset that can't be read, or not before somebody wants the end, is left
// out, and that is told.
func (e *Engine) readAtEnd(ctx context.Context, p *parts) {
	written := e.history.Written(0)
	if len(written) == 0 {
		return
	}
	ours := map[history.Written]bool{}
	for _, w := range written {
		ours[w] = true
	}
	ctx, cancel := context.WithTimeout(ctx, lastReadLimit)
	defer cancel()
	e.history.Backpressure(ctx, p.clock.After)
	for _, d := range p.spec.Datasets {
		lead, _ := p.data.controllers[d.Name].Leader()
		client := p.clients[lead]
		if client == nil {
			continue
		}
		held := map[string]history.Found{}
		if err := client.Audit(ctx, d.Name, 0, func(entry store.Entry) error {
			if ours[history.Written{Dataset: d.Name, Key: entry.ID}] { // the rest was preloaded, or is another drill's
				held[entry.ID] = traffic.Finding(wire.Found{Found: true, Region: lead, Entry: entry})
			}
			return nil
		}); err != nil {
			e.bus.Emit(drill.TaskFailed{
				Task: fmt.Sprintf("read %s at the end, for the history", d.Name), Error: err.Error(), Next: "a write that was lost may not show in it",
			})
			continue
		}
		for _, w := range written {
			if w.Dataset != d.Name {
				continue
			}
			call := e.history.Invoke(history.Op{F: history.Read, Dataset: d.Name, Key: w.Key, Region: lead})
			found, there := held[w.Key]
			if !there {
				found.Node = lead
			}
			e.history.OK(call, found)
		}
	}
}

// closeHistory ends the history; the error says why it is not whole.
func (e *Engine) closeHistory() error {
	ctx, cancel := context.WithTimeout(e.hurry, historyLimit)
	defer cancel()
	return e.history.Close(ctx)
}
