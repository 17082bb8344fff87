package history

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
)

// mostTail is how much of another server's log is asked for together with its past, in
// bytes: a fortieth of a second at 20 Mbit/s. A standby that lacks more streams it.
const mostTail = 64 << 10

// Ahead is what a standby lacks in its log's folder to go on on another server's timeline.
// By itself it would ask for the timeline's history, then stream the old timeline to its
// end, then the new one: three questions, each a round trip.
type Ahead struct {
	Histories map[string]string // contents of the timelines' history files, by name
	// The standby's last file of the log, its name on the new timeline, and what of that
	// comes from a position on; "" where the histories are all.
	Last, Next string
	Timeline   int32
	From       uint64
	Tail       []byte
}

// Ahead is what a standby with the past mine, which is a part of this one, lacks.
func (p Past) Ahead(mine Past) Ahead {
	a := Ahead{Histories: map[string]string{}}
	for name, contents := range p.histories {
		if id := timelineOf(name); id > mine.Timeline && id <= p.Timeline {
			a.Histories[name] = contents
		}
	}
	last, _ := last(p.histories[historyName(p.Timeline)])
	if len(a.Histories) == 0 || len(p.tail) == 0 || p.from != mine.position || last.parent != mine.Timeline || last.fork <= mine.position {
		return a
	}
	a.Last, a.Next = segmentName(mine.Timeline, mine.position), segmentName(p.Timeline, mine.position)
	a.Timeline, a.From, a.Tail = p.Timeline, mine.position, p.tail
	return a
}

// queueAhead asks a primary for that. The tail is asked for where it and its beginning lie in
// one file: the part of that before the fork was copied from the old timeline's.
func queueAhead(b *pgx.Batch, p *Past, mine Past) {
	p.from = mine.position
	b.Queue(`SELECT name, pg_read_file('pg_wal/' || name) FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{8}[.]history$'`).Query(func(rows pgx.Rows) error {
		p.histories = map[string]string{}
		var name, contents string
		_, err := pgx.ForEachRow(rows, []any{&name, &contents}, func() error {
			p.histories[name] = contents
			return nil
		})
		return err
	})
	b.Queue(fmt.Sprintf(`WITH log AS (SELECT CASE WHEN pg_is_in_recovery() THEN 0 ELSE pg_current_wal_flush_lsn() - '0/0' END AS upto)
		SELECT CASE WHEN upto > %[1]d AND upto - %[1]d <= %[2]d AND div(upto - 1, %[3]d) = div(%[1]d::numeric, %[3]d)
			THEN pg_read_binary_file('pg_wal/' || pg_walfile_name('0/0'::pg_lsn + upto), %[4]d, (upto - %[1]d)::bigint, true) END FROM log`,
		mine.position, mostTail, server.Segment, mine.position%server.Segment)).QueryRow(func(row pgx.Row) error { return row.Scan(&p.tail) })
}

func historyName(timeline int32) string { return fmt.Sprintf("%08X.history", uint32(timeline)) }

// timelineOf is the timeline whose history a file is by its name, 0 for none.
func timelineOf(name string) (id int32) {
	if _, err := fmt.Sscanf(name, "%08X.history", &id); err != nil {
		return 0
	}
	return id
}

// segmentName is the file of the log that has a position, as XLogFileName writes it.
func segmentName(timeline int32, position uint64) string {
	number, inID := position/server.Segment, uint64(1<<32/server.Segment)
	return fmt.Sprintf("%08X%08X%08X", uint32(timeline), number/inID, number%inID)
}

// branch is where a timeline began.
type branch struct {
	parent int32
	fork   uint64
}

// last is where the timeline began whose history file has these contents: their last line.
func last(contents string) (b branch, err error) {
	lines := strings.Split(strings.TrimSpace(contents), "\n")
	columns := strings.Fields(lines[len(lines)-1])
	if len(columns) < 2 {
		return b, fmt.Errorf("a timeline's history ends with %q", lines[len(lines)-1])
	}
	_, err = fmt.Sscan(columns[0], &b.parent)
	fork, bad := parsePosition(columns[1])
	b.fork = fork
	return b, cmp.Or(err, bad)
}
