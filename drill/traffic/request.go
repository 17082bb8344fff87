package traffic

import (
	"context"
	"strconv"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/history"
	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/telemetry"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
)

// lateLimit is how late a request may be sent: as late as a tick of the whole program that counts as a standstill, where
// probes have their default timeout (instrument.Threshold).
const lateLimit = 250 * time.Millisecond

// ask resolves a region and sends the request there, in a goroutine of its own. A request to which this program comes too
// late is not sent: what a program that can't keep up piles up would bury the regions, and itself. One that is sent a little
// late has a latency from when it was due, but affects its user only by what it took from then on.
func (p *population) ask(ctx context.Context, req *request) {
	now := p.cfg.Now()
	if now-req.due > min(lateLimit, p.spec.Timeout) {
		p.metrics.late(req, now)
		return
	}
	req.sent = now
	p.metrics.began(req)
	left := req.due + p.spec.Timeout - now
	select {
	case p.slots <- struct{}{}:
	default:
		p.metrics.unsent(req, telemetry.UnsentInFlight)
		return
	}
	var payload []byte
	if req.write {
		payload = p.payload()
	}
	region, known := p.known(req.user, now)
	p.shared.requests.Go(func() {
		defer func() { <-p.slots }()
		limited, cancel := context.WithTimeout(ctx, left)
		defer cancel()
		region, out := p.served(limited, req, region, known, payload)
		p.kept.answered(req.user, region, out.failure)
		if out.failure == failure.NoDescriptor {
			p.cfg.Instrument.Refused()
		}
		if out.failure != "" && ctx.Err() != nil {
			// The drill has ended: this is no failure of the region.
			p.metrics.dropped(req, out.at)
			return
		}
		p.metrics.ended(req, out)
	})
}

// known is the region that a user's request goes to where nobody has to be asked: by the connection that they keep, or by
// what their resolver has in its cache; false where somebody has to be asked.
func (p *population) known(user int, now time.Duration) (region string, ok bool) {
	if region, ok = p.kept.region(user); ok {
		return region, true
	}
	return p.entry.kept(user, now)
}

// send sends one request and waits for its answer. wire.Client takes an answer
// only from the region that was asked.
func (p *population) send(ctx context.Context, req *request, region string, payload []byte) outcome {
	client := p.clients[region]
	if client == nil {
		return outcome{at: p.cfg.Now(), failure: failure.NoRegion}
	}
	var err error
	var looked *lookup
	var queued time.Duration
	switch {
	case req.dataset == "":
		_, err = client.Health(ctx)
	case req.write:
		if req.id == "" {
			req.id = p.newID()
		}
		_, out := p.write(ctx, req, req.id, region, payload)
		return out
	default:
		looked, queued, err = p.reading(ctx, client, req, region)
	}
	if err != nil {
		return outcome{at: p.cfg.Now(), failure: failure.Reason(err)}
	}
	return outcome{at: p.cfg.Now(), region: region, looked: looked, queued: queued}
}

// read looks a write up where the population's users read.
func (p *population) read(ctx context.Context, client *wire.Client, dataset, id, region string) (wire.Found, error) {
	call := p.cfg.History.Invoke(history.Op{F: history.LocalRead, Dataset: dataset, Key: id, Population: p.spec.Name, Region: region})
	found, err := client.Read(ctx, dataset, id, p.spec.Reads)
	if err != nil {
		p.cfg.History.Fail(call, failure.Reason(err))
		return found, err
	}
	p.cfg.History.OK(call, Finding(found))
	return found, nil
}

// Finding is the answer of a look-up as a history has it.
func Finding(found wire.Found) history.Found {
	if !found.Found {
		return history.Found{Node: found.Region}
	}
	return history.Found{
		Value: history.Is(history.Digest(found.Payload)), Node: found.Region, Epoch: found.Epoch, Position: found.Index,
	}
}

// write sends one write, once: who retries calls it again with the same id. A user who gets no answer does not know whether
// it was stored, and neither does the ledger.
func (p *population) write(ctx context.Context, req *request, id, region string, payload []byte) (wire.Written, outcome) {
	p.cfg.Ledger.Sent(req.dataset, id, payload, p.cfg.Now())
	written, why := p.put(ctx, p.clients[region], req.dataset, id, region, payload)
	at := p.cfg.Now()
	if why != "" {
		p.cfg.Ledger.Unacked(req.dataset, id, at, why)
		return wire.Written{}, outcome{at: at, failure: why}
	}
	p.cfg.Ledger.Acked(req.dataset, id, written.Authority, written.Epoch, written.Index, at)
	p.cfg.OnAck(req.dataset, written.Authority, written.Epoch, at)
	p.written.wrote(ownWrite{user: req.user, dataset: req.dataset, id: id, acked: at})
	return written, outcome{at: at, region: region, queued: written.Queued}
}

// put sends a write and notes it in the history; why it was not acknowledged is "" where it was.
func (p *population) put(ctx context.Context, client *wire.Client, dataset, id, region string, payload []byte) (written wire.Written, why string) {
	call := p.cfg.History.Invoke(history.Op{
		F: history.Write, Dataset: dataset, Key: id, Value: p.digest(payload), Population: p.spec.Name, Region: region,
	})
	written, err := client.Write(ctx, dataset, store.Write{ID: id, Payload: payload})
	if err == nil {
		p.cfg.History.OK(call, history.Found{Node: written.Authority, Epoch: written.Epoch, Position: written.Index})
		return written, ""
	}
	if why = failure.Reason(err); neverStored[why] {
		p.cfg.History.Fail(call, why)
	} else {
		p.cfg.History.Info(call, why)
	}
	return wire.Written{}, why
}

// newID is an id that no write of this fleet has.
func (p *population) newID() string {
	return p.cfg.Run + "-" + strconv.FormatUint(p.shared.writes.Add(1), 10)
}

// digest is what a history has of a payload; it costs nothing where none is kept.
func (p *population) digest(payload []byte) history.Value {
	if p.cfg.History == nil {
		return history.Nil
	}
	return history.Is(history.Digest(payload))
}

// neverStored are the reasons which say that a write did not get as far as a store. With any
// other it may be stored, or may yet be: an authority that lost its lease refuses what it
// has on disk, and a gateway asks again over a new connection where the old one broke.
var neverStored = map[string]bool{
	failure.NoRegion: true, failure.Jurisdiction: true, failure.NoDescriptor: true, failure.Refused: true, // it never left this program
	failure.Word(wire.CodeShed): true, failure.Word(wire.CodeNoWeb): true, // the region's web tier, or its gateway without one
}

// outcome is how a request ended: answered by region, or why not.
type outcome struct {
	at      time.Duration
	region  string
	failure string        // "" is success
	looked  *lookup       // of a read for a write that was known to be acknowledged; nil else
	queued  time.Duration // that it waited for a web replica's turn
}
