package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/format"
)

// stagePrinter prints the end of each stage of each region, and how long it took: read
// together, what waited for what.
type stagePrinter struct {
	out io.Writer

	mu    sync.Mutex // guards what follows
	began map[stageOf]time.Duration
}

type stageOf struct{ region, stage string }

func newStagePrinter(out io.Writer) *stagePrinter {
	return &stagePrinter{out: out, began: map[stageOf]time.Duration{}}
}

// print prints b, which came after that long, if it is the end of a stage.
func (p *stagePrinter) print(at time.Duration, b drill.Body) {
	stage, ok := b.(drill.StageEntered)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	key := stageOf{stage.Region, stage.Stage}
	began, running := p.began[key]
	if stage.Status == drill.StageRunning {
		if !running { // it is reported anew with each detail
			p.began[key] = at
		}
		return
	}
	delete(p.began, key)
	who := stage.Region
	if who == "" {
		who = "fleet"
	}
	fmt.Fprintf(p.out, "%8.3fs  %-12s %s %s", at.Seconds(), who, stage.Stage, stage.Status)
	if running {
		fmt.Fprintf(p.out, " in %s", format.Span(at-began))
	}
	if stage.Detail != "" {
		fmt.Fprintf(p.out, " · %s", stage.Detail)
	}
	fmt.Fprintln(p.out)
}
