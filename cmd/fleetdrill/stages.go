package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/estimate"
	"github.com/fleetdrill/fleetdrill/drill/estimate/last"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

// stagePrinter prints the end of each stage of each region, and how long it took: read
// together, what waited for what.
type stagePrinter struct {
	out io.Writer

	mu    sync.Mutex   // guards what follows
	state *drill.State // of what was printed
}

func newStagePrinter(out io.Writer) *stagePrinter {
	return &stagePrinter{out: out, state: drill.NewState()}
}

// take takes in what came after that long.
func (p *stagePrinter) take(at time.Duration, b drill.Body) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.Apply(drill.Event{Seq: p.state.LastSeq + 1, T: at, Body: b})
}

// expected is about how long the fleet takes to come up, as said behind a name; "" where that is not known.
func (p *stagePrinter) expected() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e, known := estimate.Of(p.state, estimate.BringUp(p.state)); known {
		return ", in about " + format.Span(e.Whole) + ", " + e.From.String()
	}
	return ""
}

// keep keeps how long a fleet that is up after that long took to come up, for who waits for it next. Without it there
// is no estimate.
func (p *stagePrinter) keep(at time.Duration, file string, joined bool) {
	p.take(at, drill.PhaseEntered{Phase: drill.PhaseSteady})
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = last.Keep(file, p.state, joined)
}

// print prints b, which came after that long, if it is the end of a stage.
func (p *stagePrinter) print(at time.Duration, b drill.Body) {
	p.take(at, b)
	stage, ok := b.(drill.StageEntered)
	if !ok || stage.Status == drill.StageRunning {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	who := stage.Region
	if who == "" {
		who = "fleet"
	}
	fmt.Fprintf(p.out, "%8.3fs  %-12s %s %s", at.Seconds(), who, stage.Stage, stage.Status)
	if span, _ := p.state.StageSpan(stage.Region, stage.Stage); span.Began < at { // else nothing was said of its beginning
		fmt.Fprintf(p.out, " in %s", format.Span(at-span.Began))
	}
	if stage.Detail != "" {
		fmt.Fprintf(p.out, " · %s", stage.Detail)
	}
	fmt.Fprintln(p.out)
}
