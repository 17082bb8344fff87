package history

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// Strategy is what has to be done so that a replica's history is a part of the authority's.
type Strategy int

const (
	ToStream Strategy = iota // it is
	ToDemote                 // it is, but its server is a primary
	ToRewind                 // it has parted from it: pg_rewind goes back to where it was
	ToClone                  // nothing but a whole copy will do
)

func (s Strategy) String() string { return [...]string{"stream", "demote", "rewind", "clone"}[s] }

// Past is one server's history.
type Past struct {
	system   int64 // the cluster's own number
	Standby  bool
	epochs   []Epoch
	position uint64 // last byte on disk; of a primary the last one that it has thought of
	Timeline int32  // that it writes on; of a standby the highest that it has received
	oldest   uint64 // where the oldest part of the log begins that it still has

	// Of one that was asked.
	histories map[string]string // of timelines, by the names of their files
	tail      []byte            // of the log
	from      uint64            // where that begins: the position of who asked
}

// Leads says whether it is the past of a primary whose last epoch is the given one.
func (p Past) Leads(epoch uint64) bool {
	n := len(p.epochs)
	return !p.Standby && n > 0 && p.epochs[n-1].number == epoch
}

// Compare finds what to do, and for the export the last epoch that both have and the
// idx below which they have the same entries of it.
//
// An epoch is the same if its row is: one region has written it, at one time. Two
// that part may have chosen one number for two timelines, and pg_rewind, which goes
// by those numbers, would then take two histories for one.
func Compare(mine, theirs Past) (todo Strategy, common uint64, low int64) {
	n := 0
	for n < len(mine.epochs) && n < len(theirs.epochs) && mine.epochs[n] == theirs.epochs[n] {
		n++
	}
	if n == 0 || mine.system != theirs.system {
		return ToClone, 0, 0
	}
	last := mine.epochs[n-1]
	ours, their := mine.epochs[n:], theirs.epochs[n:]
	if len(their) > 0 {
		low = their[0].low
	}
	if mine.position < theirs.oldest {
		return ToClone, last.number, low // what lies between is gone there
	}
	var own []int32
	for _, g := range ours {
		own = append(own, g.Timeline)
	}
	if mine.Timeline > last.Timeline {
		// Promoted, and never got to write so; or it followed one such.
		own = append(own, mine.Timeline)
	}
	forked := false
	for _, g := range their {
		if slices.Contains(own, g.Timeline) {
			return ToClone, last.number, low
		}
		if g.Timeline != last.Timeline && !forked {
			forked = true
			if mine.position > g.fork {
				todo = ToRewind
			}
		}
	}
	switch {
	case len(own) > 0:
		todo = ToRewind
	case todo == ToStream && !mine.Standby:
		todo = ToDemote
	}
	return todo, last.number, low
}

// Read asks a server for its past.
func Read(ctx context.Context, q Querier) (Past, error) { return read(ctx, q, &pgx.Batch{}, &Past{}) }

// Ask asks another server for its past, and for what a server of the past mine needs to go on
// on its timeline: in one round trip, since it may be far.
func Ask(ctx context.Context, q Querier, mine Past) (Past, error) {
	both, p := &pgx.Batch{}, &Past{}
	queueAhead(both, p, mine)
	return read(ctx, q, both, p)
}

func read(ctx context.Context, q Querier, both *pgx.Batch, p *Past) (Past, error) {
	var position, oldest int64
	both.Queue(`SELECT (SELECT system_identifier FROM pg_control_system()), pg_is_in_recovery(),
		(CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) ELSE pg_current_wal_insert_lsn() END - '0/0')::bigint,
		CASE WHEN pg_is_in_recovery() THEN (SELECT coalesce(max(('x' || substr(name, 1, 8))::bit(32)::int), 0) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$')
			ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int END,
		(SELECT coalesce(min(('x' || substr(name, 9, 8))::bit(32)::bigint * 4294967296 + ('x' || substr(name, 17, 8))::bit(32)::bigint * (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size')), 0)
			FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$')`).QueryRow(func(row pgx.Row) error {
		return row.Scan(&p.system, &p.Standby, &position, &p.Timeline, &oldest)
	})
	both.Queue(allEpochs).Query(func(rows pgx.Rows) (err error) {
		p.epochs, err = collectEpochs(rows)
		return err
	})
	err := q.SendBatch(ctx, both).Close()
	p.position, p.oldest = uint64(position), uint64(oldest)
	return *p, err
}
