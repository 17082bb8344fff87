package proxy

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
)

// Whatever broke a standby's stream, it asks for the file of the log in which it stopped from
// the beginning, and most of that it has: on a narrow link half a minute of bytes that are
// nothing new. So its question is changed to begin where it stopped.

// trimmed is a standby's side of a connection, of which the startup message has been read.
type trimmed struct {
	net.Conn
	received func(timeline int32) uint64 // how far the standby has its log of a timeline, 0 where that is not known
	rest     []byte                      // of the message that is being read
}

func (t *trimmed) Read(p []byte) (int, error) {
	if len(t.rest) == 0 {
		message, err := server.ReadMessage(t.Conn)
		if err != nil {
			return 0, err
		}
		t.rest = trim(message, t.received)
	}
	n := copy(p, t.rest)
	t.rest = t.rest[n:]
	return n, nil
}

// trim has a question for the log begin where the standby stopped, if that lies in the file
// that it asks for: then what comes before it is in that file, on the same timeline.
func trim(message []byte, received func(timeline int32) uint64) []byte {
	const asks = "START_REPLICATION "
	if message[0] != 'Q' || !bytes.HasPrefix(message[5:], []byte(asks)) {
		return message
	}
	var high, low uint32
	var timeline int32
	text := string(bytes.TrimRight(message[5:], "\x00"))
	if _, err := fmt.Sscanf(text, asks+"%X/%X TIMELINE %d", &high, &low, &timeline); err != nil {
		return message
	}
	from := uint64(high)<<32 | uint64(low)
	has := received(timeline)
	if from%server.Segment != 0 || has <= from || has >= from+server.Segment {
		return message
	}
	changed, err := (&pgproto3.Query{String: fmt.Sprintf(asks+"%X/%X TIMELINE %d", has>>32, has&0xffffffff, timeline)}).Encode(nil)
	if err != nil {
		return message
	}
	return changed
}

// Received asks a server how far it has received its log, by its last stream, within a limit:
// 0 where that is not known.
func Received(s *server.Server, within time.Duration) func(context.Context) uint64 {
	return func(ctx context.Context) (at uint64) {
		ctx, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		var position int64
		if err := s.Own().QueryRow(ctx, "SELECT coalesce(pg_last_wal_receive_lsn() - '0/0', 0)::bigint").Scan(&position); err != nil {
			return 0
		}
		return uint64(position)
	}
}
