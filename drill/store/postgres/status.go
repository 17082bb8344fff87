package postgres

import (
	"context"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/history"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

const (
	// statusReadings bounds the questions of statuses that are under way: those that a
	// server which hangs does not answer are not to take its connections.
	statusReadings = 4
	// hungAnswer is how long a status waits for a server that is known to hang: what one
	// that works answers in a millisecond.
	hungAnswer = 100 * time.Millisecond
)

// read asks the server, and returns with ctx although the question itself may take longer.
func (r *Replica) read(ctx context.Context) (reading, error) {
	type answer struct {
		reading
		err error
	}
	waits := ctx
	if stalled, _ := r.health.Stalled(); stalled >= replica.ProbeEvery {
		var cancel context.CancelFunc
		waits, cancel = context.WithTimeout(ctx, hungAnswer)
		defer cancel()
	}
	select {
	case r.reading <- struct{}{}:
	case <-waits.Done():
		return reading{}, context.Cause(waits)
	}
	if r.leadership.Context().Err() != nil { // Close has taken all turns, or is about to
		<-r.reading
		return reading{}, store.ErrClosed
	}
	answered := make(chan answer, 1)
	go func() {
		defer func() { <-r.reading }()
		asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.cfg.Ask)
		defer cancel()
		now, err := r.meter.read(asking)
		answered <- answer{now, err}
	}()
	select {
	case a := <-answered:
		return a.reading, a.err
	case <-waits.Done():
		return reading{}, context.Cause(waits)
	}
}

// Status is the replica now; it waits for its server, for a short while.
func (r *Replica) Status(ctx context.Context) (store.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Ask)
	defer cancel()
	var now reading
	var err error
	empty := r.database.blank()
	if !empty {
		now, err = r.read(ctx)
	}
	if err == nil && now.tail.entries > tallyEvery {
		r.meter.moveTally(ctx, now.base, now.tail.idx-history.Reorder)
	}
	s, standing, closed := r.leadership.Status()
	if closed != nil {
		return s, closed
	}
	s.Seeding, s.Cut = r.state.seeding(), r.state.cut()
	if err == nil {
		s.Position, s.LastIn = now.position, now.lastIn
		s.Entries, s.Bytes = uint64(now.base.entries+now.tail.entries), now.base.bytes+now.tail.bytes
	} else {
		last := r.meter.latest()
		s.Mute, s.Error = true, "its server does not answer: "+err.Error()
		s.Position, s.LastIn, s.Entries, s.Bytes = last.Position, last.LastIn, last.Entries, last.Bytes
		s.Unread = last.Dataset == ""
	}
	switch {
	case standing.Following != nil:
		s.Copied = r.proxy.Copied()
		if now.heard != nil {
			s.AuthorityPosition, s.Heard = now.heard, now.heardAgo
		}
		if f := r.followed(standing.Following); f != nil {
			s.Copying = f.progress()
			if trouble := f.trouble(); trouble != nil {
				s.Error = trouble.Error()
			}
		}
	case standing.Led != 0 && err == nil && !empty && !now.standby:
		r.describeAuthority(&s, now, standing.Rule)
	}
	if trouble := r.server.Trouble(); trouble != nil {
		s.Error = trouble.Error()
	}
	r.health.Describe(&s)
	if s.Disk = r.gate.Fault(); r.server.Process().Held() {
		s.Disk = store.DiskHangs
	}
	if err == nil && !empty {
		r.meter.keep(s)
	}
	return s, nil
}

// describeAuthority fills in what an authority knows of its followers.
func (r *Replica) describeAuthority(s *store.Status, now reading, rule replica.Rule) {
	followers, start, atRisk := r.meter.reported(now, rule.Regions)
	copies := replica.Copies{Region: r.cfg.Region, Regions: rule.Regions, Position: now.position, EpochStart: start, Followers: followers}
	s.Followers, s.DurableIndex, s.AtRisk, s.Waiting = followers, rule.DurableIndex(copies), atRisk, now.waiting
	if s.Waiting > 0 {
		s.WaitingFor = copies.WaitingFor(rule.Durabilities, now.position)
	}
}

// followed is what copies for a term, nil where that is over.
func (r *Replica) followed(term *replica.Following) *following {
	r.mu.Lock()
	defer r.mu.Unlock()
	if f := r.following; f != nil && f.term == term {
		return f
	}
	return nil
}
