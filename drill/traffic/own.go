package traffic

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/agent/wire"
	"github.com/fleetdrill/fleetdrill/drill/traffic/failure"
)

// ErrNotAsking is the error of a write while the users don't ask.
var ErrNotAsking = errors.New("the users have not begun to ask, or have ended")

// Own is what a user was told of a write of a person's own words: By confirmed it, or Error says
// why nobody did, in the words of a sample's Failures. Took is from when it was sent.
type Own struct {
	Took         time.Duration
	By           string
	Epoch, Index uint64
	Error        string
}

// Write sends one write of a given text as one of a population's users: their resolver names the
// region, it waits for an answer as long as they do, and it counts as any request of theirs. sent is
// told its id and that region ("" for none) before it goes out. An error says that it was not sent
// for no fault of the fleet's.
func (u *Users) Write(ctx context.Context, as, dataset string, payload []byte, sent func(id, region string)) (Own, error) {
	i := slices.IndexFunc(u.populations, func(p *population) bool { return p.spec.Name == as })
	if i < 0 {
		return Own{}, fmt.Errorf("there is no population %q", as)
	}
	ctx, end, err := u.begin(ctx)
	if err != nil {
		return Own{}, err
	}
	defer end()
	return u.populations[i].own(ctx, dataset, payload, sent)
}

func (p *population) own(ctx context.Context, dataset string, payload []byte, sent func(id, region string)) (Own, error) {
	select {
	case p.slots <- struct{}{}:
	default:
		return Own{}, fmt.Errorf("as many requests of %s wait for answers as may", p.spec.Name)
	}
	defer func() { <-p.slots }()
	id, now := p.newID(), p.cfg.Now()
	req := &request{due: now, sent: now, user: int(p.shared.writes.Load() % uint64(p.spec.Count)), dataset: dataset, write: true}
	p.metrics.began(req)
	limited, cancel := context.WithTimeout(ctx, p.spec.Timeout)
	defer cancel()
	region, known := p.known(req.user, now)
	var err error
	if !known {
		region, err = p.entry.find(limited, req.user)
	}
	sent(id, region)
	var written wire.Written
	out := outcome{at: p.cfg.Now()}
	switch {
	case err != nil:
		out.failure = failure.Reason(err)
	default:
		written, out = p.write(limited, req, id, region, payload)
	}
	p.kept.answered(req.user, region, out.failure)
	if out.failure == failure.NoDescriptor {
		p.cfg.Instrument.Refused()
	}
	if out.failure != "" && ctx.Err() != nil { // the drill has ended
		p.metrics.dropped(req, out.at)
		return Own{Took: out.at - now, Error: failure.Stopped}, nil
	}
	p.metrics.ended(req, out)
	return Own{Took: out.at - now, By: written.Authority, Epoch: written.Epoch, Index: written.Index, Error: out.failure}, nil
}
