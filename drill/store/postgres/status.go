package postgres

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill"
	"github.com/fleetdrill/fleetdrill/drill/store"
)

// tally counts the entries up to idx, which change no more, so that a status does
// not count them all each time. It begins anew when the data is replaced.
type tally struct {
	idx, entries, bytes int64
}

// tallyEvery is how many entries are counted each time before the tally moves on.
const tallyEvery = 2 * reorder

// reading is what the server says of itself at one moment.
type reading struct {
	began         time.Duration // on the replica's clock
	standby       bool
	position      uint64
	lastIn        uint64
	tail          tally   // behind the tally
	connected     bool    // to the authority, which may refuse to stream
	streams       bool    // and something was heard on that connection
	heard         *uint64 // the authority's position, on the same
	heardAgo      time.Duration
	replayed      uint64
	followers     map[string]uint64
	clones        map[string]bool // by cloneOf
	waiting       int
	beforeWritten uint64
}

// Status is the replica now; it waits for its server, for a short while.
func (r *Replica) Status(ctx context.Context) (store.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Ask)
	defer cancel()
	r.mu.Lock()
	base, closed := r.tally, r.closed
	r.mu.Unlock()
	if closed {
		return store.Status{}, ErrClosed
	}
	var now reading
	var err error
	empty := r.blank()
	if !empty {
		now, err = r.read(ctx, base)
	}
	if err == nil && now.tail.entries > tallyEvery {
		r.moveTally(ctx, base, now.tail.idx-reorder)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.describe(base, now, err)
	if err == nil && !empty {
		r.last = s
	}
	return s, nil
}

// describe makes a status of a reading. Call it with mu held.
func (r *Replica) describe(base tally, now reading, err error) store.Status {
	clock := r.cfg.Clock()
	s := store.Status{
		Dataset: r.cfg.Dataset, Region: r.cfg.Region, Role: drill.RoleFenced,
		Epoch: r.Told, Mode: r.mode, Seeding: r.Seeding || r.Phase == phaseCloning || r.Phase == phaseRewinding,
		Clock:    store.Clock{Run: r.cfg.Run, Reading: int64(clock)},
		Position: now.position, LastIn: now.lastIn,
		Entries: uint64(base.entries + now.tail.entries), Bytes: base.bytes + now.tail.bytes,
	}
	if err != nil {
		// Its position is not known, so it must not be chosen for it, nor passed over.
		s.Seeding, s.Error = true, "its server does not answer: "+err.Error()
		s.Position, s.LastIn, s.Entries, s.Bytes = r.last.Position, r.last.LastIn, r.last.Entries, r.last.Bytes
		s.Unread = r.last.Dataset == ""
	}
	if r.lastCut != nil {
		cut := *r.lastCut
		s.Cut = &cut
	}
	if f := r.following; f != nil {
		s.Role, s.Authority, s.Copied = drill.RoleFollower, f.authority, r.door.copied.Load()
		if now.heard != nil {
			s.AuthorityPosition, s.Heard = now.heard, now.heardAgo
		}
		if f.err != nil {
			s.Error = f.err.Error()
		}
	} else if r.leads() {
		if r.Led == r.Told && clock < r.lease {
			s.Role, s.LeaseLeft = drill.RoleAuthority, r.lease-clock
		}
		if err == nil && !now.standby {
			maps.DeleteFunc(now.followers, func(region string, _ uint64) bool { return !slices.Contains(r.regions, region) })
			var cloning []string
			for _, region := range r.regions {
				if now.clones[cloneOf(region)] {
					cloning = append(cloning, region)
				}
			}
			if now.began >= r.noted { // answers can overtake one another
				r.noted = now.began
				r.risk.note(now.beforeWritten, now.position, now.followers, cloning)
			}
			s.Followers = maps.Clone(r.risk.followers)
			s.Kept = r.kept(now.position)
			s.AtRisk = r.risk.left(r.written.Load(), len(r.regions) == 1)
			s.Waiting = now.waiting
			if s.Waiting > 0 {
				s.WaitingFor = r.waitingFor(now.position)
			}
		}
	}
	if r.trouble != nil {
		s.Error = r.trouble.Error()
	}
	return s
}

// read asks the server. What was written before is counted before the position is
// asked for, so that it lies below it.
//
// A receiver says streaming from its beginning on, before it has asked for anything,
// with the position that the one before it heard and one moment for the sending and the
// receipt of a message: those differ from its first message on.
func (r *Replica) read(ctx context.Context, base tally) (now reading, err error) {
	now.began, now.beforeWritten = r.cfg.Clock(), r.written.Load()
	var position, lastIn, replayed int64
	var heard *int64
	var ago *float64
	err = r.asking.QueryRow(ctx, `SELECT pg_is_in_recovery(),
		(CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) ELSE pg_current_wal_flush_lsn() END - '0/0')::bigint,
		coalesce(pg_last_wal_replay_lsn() - '0/0', 0)::bigint,
		(SELECT coalesce(max(epoch), 0) FROM epochs), e.entries, e.bytes, e.idx,
		w.pid IS NOT NULL, coalesce(w.status = 'streaming' AND w.spoken, false),
		CASE WHEN w.spoken THEN w.latest_end_lsn - '0/0' END::bigint, CASE WHEN w.spoken THEN extract(epoch FROM clock_timestamp() - w.last_msg_receipt_time) END::float8,
		(SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep')
		FROM (SELECT count(*) AS entries, coalesce(sum(octet_length(payload)), 0)::bigint AS bytes, coalesce(max(idx), $1) AS idx FROM entries WHERE idx > $1) e
		LEFT JOIN (SELECT *, last_msg_send_time IS DISTINCT FROM last_msg_receipt_time AS spoken FROM pg_stat_wal_receiver) w ON true`, base.idx).Scan(
		&now.standby, &position, &replayed, &lastIn, &now.tail.entries, &now.tail.bytes, &now.tail.idx,
		&now.connected, &now.streams, &heard, &ago, &now.waiting)
	if err != nil {
		return now, err
	}
	now.position, now.lastIn, now.replayed = uint64(position), uint64(lastIn), uint64(replayed)
	if heard != nil && ago != nil {
		h := uint64(*heard)
		now.heard, now.heardAgo = &h, max(0, time.Duration(*ago*float64(time.Second)))
	}
	if now.standby {
		return now, nil
	}
	now.followers, now.clones, err = r.senders(ctx)
	return now, err
}

// senders is what the regions have reported, and which of them are copied whole. Of
// several connections of one region the newest counts: those before it may only not have
// been noticed to be over.
func (r *Replica) senders(ctx context.Context) (followers map[string]uint64, clones map[string]bool, err error) {
	rows, err := r.asking.Query(ctx, "SELECT application_name, (flush_lsn - '0/0')::bigint FROM pg_stat_replication ORDER BY backend_start")
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	followers, clones = map[string]uint64{}, map[string]bool{}
	for rows.Next() {
		var name string
		var flush *int64
		if err := rows.Scan(&name, &flush); err != nil {
			return nil, nil, err
		}
		switch {
		case strings.HasPrefix(name, cloneOf("")):
			clones[name] = true
		case flush != nil:
			followers[name] = uint64(*flush)
			delete(clones, cloneOf(name))
		}
	}
	return followers, clones, rows.Err()
}

// moveTally counts the entries from one tally up to an idx, once.
func (r *Replica) moveTally(ctx context.Context, from tally, to int64) {
	next := from
	var entries, bytes int64
	if err := r.asking.QueryRow(ctx, "SELECT count(*), coalesce(sum(octet_length(payload)), 0)::bigint FROM entries WHERE idx > $1 AND idx <= $2", from.idx, to).Scan(&entries, &bytes); err != nil {
		return // the next status does it
	}
	next.idx, next.entries, next.bytes = to, from.entries+entries, from.bytes+bytes
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tally == from {
		r.tally = next
	}
}

// kept is up to which position the mode's promise holds for what was written in the
// epoch that it leads, and all before that. Call it with mu held.
//
// A majority that stores what an older epoch wrote is not enough: a region with a
// newer epoch could still be promoted over it (Raft, section 5.4.2).
func (r *Replica) kept(position uint64) uint64 {
	if len(r.promises) == 0 {
		return position
	}
	switch p := r.promises[0]; p.Mode {
	case drill.ModeSync:
		return min(r.risk.followers[p.With], position)
	case drill.ModeQuorum:
		positions := []uint64{position}
		for _, region := range r.regions {
			if region != r.cfg.Region {
				positions = append(positions, r.risk.followers[region])
			}
		}
		slices.Sort(positions)
		slices.Reverse(positions)
		if q := positions[len(positions)/2]; q >= r.risk.start {
			return q
		}
		return 0
	}
	return position
}

// waitingFor is the regions that have not stored everything yet, of those that the
// promises name. Call it with mu held.
func (r *Replica) waitingFor(position uint64) (regions []string) {
	need := func(region string) {
		if region != r.cfg.Region && r.risk.followers[region] < position && !slices.Contains(regions, region) {
			regions = append(regions, region)
		}
	}
	for _, p := range r.promises {
		switch p.Mode {
		case drill.ModeSync:
			need(p.With)
		case drill.ModeQuorum:
			for _, region := range r.regions {
				need(region)
			}
		}
	}
	slices.Sort(regions)
	return regions
}
