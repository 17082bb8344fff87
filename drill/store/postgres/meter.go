package postgres

import (
	"context"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/history"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/risk"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
)

// tally counts the entries up to idx, which change no more, so that a status does
// not count them all each time. It begins anew when the data is replaced.
type tally struct {
	idx, entries, bytes int64
}

// tallyEvery is how many entries are counted each time before the tally moves on.
const tallyEvery = 2 * history.Reorder

// reading is what the server reports of itself at one moment.
type reading struct {
	began         time.Duration // on the replica's clock
	base          tally
	standby       bool
	position      uint64
	lastIn        uint64
	tail          tally   // behind the base
	connected     bool    // to the authority, which may refuse to stream
	streams       bool    // and something was heard on that connection
	heard         *uint64 // the authority's position, on the same
	heardAgo      time.Duration
	replayed      uint64
	followers     map[string]uint64
	clones        map[string]bool // by server.CloneOf
	waiting       int
	beforeWritten uint64
}

// meter asks the server how far it is, and keeps what the answers come to.
type meter struct {
	cfg     Config
	server  *server.Server
	written atomic.Uint64 // writes committed since it was opened

	mu    sync.Mutex // never held while a server is waited for
	tally tally
	risk  risk.Meter
	taken time.Duration // when the reading was begun that risk took in last
	last  store.Status  // what was known when the server last answered
}

func newMeter(c Config, s *server.Server) *meter {
	return &meter{cfg: c, server: s, risk: risk.Meter{Start: math.MaxUint64}} // nothing is known until it is promoted
}

// begin is at the beginning of an epoch, which ends before the position.
func (m *meter) begin(written, position uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.risk.Begin(written, position)
	m.taken = m.cfg.Clock() // a reading that was begun before is of the time before
}

// beginUnlessBegun begins here where no beginning is known of.
func (m *meter) beginUnlessBegun(ctx context.Context) error {
	m.mu.Lock()
	begun := m.risk.Start != math.MaxUint64
	m.mu.Unlock()
	if begun {
		return nil
	}
	written := m.written.Load()
	at, err := flushed(ctx, m.server.Own())
	if err == nil {
		m.begin(written, at)
	}
	return err
}

// recount counts from the beginning: the data was replaced. Where it was dropped, what
// was known of it counts no more.
func (m *meter) recount(dropped bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tally = tally{}
	if dropped {
		m.last = store.Status{}
	}
}

// counted is the tally of now.
func (m *meter) counted() tally {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tally
}

// latest is what was known when the server last answered.
func (m *meter) latest() store.Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last
}

// keep keeps a status that the server answered for.
func (m *meter) keep(s store.Status) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.last = s
}

// reported takes in a reading of a primary. It returns the positions of the followers
// among the regions, the position behind the epoch's beginning, and the writes at risk.
func (m *meter) reported(now reading, regions []string) (followers map[string]uint64, start uint64, atRisk *uint64) {
	maps.DeleteFunc(now.followers, func(region string, _ uint64) bool { return !slices.Contains(regions, region) })
	var cloning []string
	for _, region := range regions {
		if now.clones[server.CloneOf(region)] {
			cloning = append(cloning, region)
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.began >= m.taken { // answers can overtake one another
		m.taken = now.began
		m.risk.Take(now.beforeWritten, now.position, now.followers, cloning)
	}
	return maps.Clone(m.risk.Followers), m.risk.Start, m.risk.Left(m.written.Load(), len(regions) == 1)
}

// read asks the server. What was written before is counted before the position is
// asked for, so that it lies below it.
//
// A receiver says streaming from its beginning on, before it has asked for anything,
// with the position that the one before it heard and one moment for the sending and the
// receipt of a message: those differ from its first message on.
func (m *meter) read(ctx context.Context) (now reading, err error) {
	now.base = m.counted()
	now.began, now.beforeWritten = m.cfg.Clock(), m.written.Load()
	var position, lastIn, replayed int64
	var heard *int64
	var ago *float64
	err = m.server.Own().QueryRow(ctx, `SELECT pg_is_in_recovery(),
		(CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) ELSE pg_current_wal_flush_lsn() END - '0/0')::bigint,
		coalesce(pg_last_wal_replay_lsn() - '0/0', 0)::bigint,
		(SELECT coalesce(max(epoch), 0) FROM epochs), e.entries, e.bytes, e.idx,
		w.pid IS NOT NULL, coalesce(w.status = 'streaming' AND w.spoken, false),
		CASE WHEN w.spoken THEN w.latest_end_lsn - '0/0' END::bigint, CASE WHEN w.spoken THEN extract(epoch FROM clock_timestamp() - w.last_msg_receipt_time) END::float8,
		(SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep')
		FROM (SELECT count(*) AS entries, coalesce(sum(octet_length(payload)), 0)::bigint AS bytes, coalesce(max(idx), $1) AS idx FROM entries WHERE idx > $1) e
		LEFT JOIN (SELECT *, last_msg_send_time IS DISTINCT FROM last_msg_receipt_time AS spoken FROM pg_stat_wal_receiver) w ON true`, now.base.idx).Scan(
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
	now.followers, now.clones, err = m.senders(ctx)
	return now, err
}

// senders is what the regions have reported, and which of them are copied whole. Of
// several connections of one region the newest counts: those before it may only not have
// been noticed to be over.
func (m *meter) senders(ctx context.Context) (followers map[string]uint64, clones map[string]bool, err error) {
	rows, err := m.server.Own().Query(ctx, "SELECT application_name, (flush_lsn - '0/0')::bigint FROM pg_stat_replication ORDER BY backend_start")
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
		case strings.HasPrefix(name, server.CloneOf("")):
			clones[name] = true
		case flush != nil:
			followers[name] = uint64(*flush)
			delete(clones, server.CloneOf(name))
		}
	}
	return followers, clones, rows.Err()
}

// moveTally counts the entries from one tally up to an idx, once.
func (m *meter) moveTally(ctx context.Context, from tally, to int64) {
	next := from
	var entries, bytes int64
	if err := m.server.Own().QueryRow(ctx, "SELECT count(*), coalesce(sum(octet_length(payload)), 0)::bigint FROM entries WHERE idx > $1 AND idx <= $2", from.idx, to).Scan(&entries, &bytes); err != nil {
		return // the next status does it
	}
	next.idx, next.entries, next.bytes = to, from.entries+entries, from.bytes+bytes
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tally == from {
		m.tally = next
	}
}
