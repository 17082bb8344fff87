package gauge

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// How loss is measured.

// lost reports whether something was sent again each way that loses.
func (g *gauge) lost() bool {
	return !slices.ContainsFunc(g.ways, func(w [2]string) bool { return g.m.Network.Resent(w[0], w[1]) == g.resent[w] })
}

// loss sends over several connections until segments were sent again each way.
func (g *gauge) loss(ctx context.Context) (string, error) {
	limit := g.m.Now() + lossTime
	for !g.lost() {
		if g.m.Now() > limit {
			return "", notShown("no fault is counted; ask for more loss", "nothing had to be sent again over the link %s within %s", Name(g.p), lossTime)
		}
		if err := g.send(ctx); err != nil {
			return "", err
		}
	}
	var was, is uint64
	for _, w := range g.ways {
		was += g.resent[w]
		is += g.m.Network.Resent(w[0], w[1])
	}
	return fmt.Sprintf("%d segments sent again, before %d", is, was), nil
}

// send has a window sent both ways on each of several new connections, until that is done or
// something was lost each way. What is lost on the way is no error here: it is looked for.
func (g *gauge) send(ctx context.Context) error {
	size := lossPayload
	if g.ask.Bandwidth > 0 { // no more than the link carries in a tenth of a second
		size = min(size, max(int(g.ask.Bandwidth/8/10/lossLines), leastPayload))
	}
	brief, end := context.WithTimeout(ctx, g.within(0))
	defer end()
	var all sync.WaitGroup
	over := make(chan struct{})
	for range lossLines {
		all.Go(func() {
			ask, hangUp := g.m.Network.Line(g.p[0], g.p[1])
			defer hangUp()
			_, _, _ = ask(brief, size, size, g.within(0))
		})
	}
	go func() { all.Wait(); close(over) }()
	for {
		select {
		case <-over:
			return nil
		default:
		}
		if g.lost() {
			end()
		}
		if err := g.m.Sleep(ctx, 5*time.Millisecond); err != nil {
			end()
			<-over
			return err
		}
	}
}
