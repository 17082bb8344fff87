package zone

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
)

// The gateway's health checks of what runs in its zones, as a load balancer has them of its targets: what falls silent gets no
// requests after so many checks in a row without an answer, and gets them again after one that is answered. Real ones ask
// every 5 to 30 s (AWS Application Load Balancer: 30 s, two to five in a row); a drill has no time for that.
const (
	// Every is how often each is asked.
	Every = 250 * time.Millisecond
	// Within is how long it may take to answer: a probe's default.
	Within = 500 * time.Millisecond
	// OutAfter is how many checks in a row must fail.
	OutAfter = 2
	// startWithin bounds the way from a process's start to its first answer, in Begin.
	startWithin = 10 * time.Second
	// startEvery is how often one that starts is asked.
	startEvery = 10 * time.Millisecond
)

// watch asks a process until it ends.
func (z *Zones) watch(p *process) {
	transport := wire.NewTransport()
	transport.DisableKeepAlives = true // a kept connection says nothing of new ones
	client, failed, every := &http.Client{Transport: transport}, 0, startEvery
	next := time.NewTimer(0)
	defer next.Stop()
	for {
		select {
		case <-next.C:
		case <-p.ended:
			return
		case <-z.leaving.Done():
			return
		}
		if z.answers(client, p) {
			failed, every = 0, Every
		} else {
			failed++
		}
		z.set(func() { p.up = failed == 0 || p.up && failed < OutAfter })
		next.Reset(every)
	}
}

// answers asks a process for a sign of life.
func (z *Zones) answers(client *http.Client, p *process) bool {
	if p.gone() {
		return false
	}
	return live(z.leaving, client, p.addr)
}

// await returns once a process answers.
func (z *Zones) await(ctx context.Context, p *process) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	look := time.NewTicker(startEvery)
	defer look.Stop()
	for !z.Takes(p.spec.Name) {
		select {
		case <-look.C:
		case <-p.ended:
			return fmt.Errorf("%s: process %d %s", p.spec.Name, p.cmd.Process.Pid, p.cmd.ProcessState)
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w", p.spec.Name, context.Cause(ctx))
		}
	}
	return nil
}

// errDown is what has no process.
var errDown = errors.New("is down")

// Dial connects to a process by its name, as the host of a URL: where it listens is another port after each start.
func (z *Zones) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	z.mu.Lock()
	addr := ""
	if p := z.running[name]; p != nil && !p.gone() {
		addr = p.addr
	}
	z.mu.Unlock()
	if addr == "" {
		return nil, fmt.Errorf("%s %w", name, errDown)
	}
	return (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, network, addr)
}

// Transport leads to processes by their names.
func (z *Zones) Transport() *http.Transport {
	t := wire.NewTransport()
	t.DialContext = z.Dial
	return t
}
