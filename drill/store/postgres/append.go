package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/postgres/server"
)

// errReleased: the server let the commit go before its standbys had it.
var errReleased = errors.New("the wait for its standbys was broken off; it is stored here all the same")

// Append stores a write; see store.Replica.
func (r *Replica) Append(ctx context.Context, w store.Write) (store.Ack, error) {
	ack, err := r.writes.append(ctx, w)
	if err != nil {
		return store.Ack{}, fmt.Errorf("append to %s in %s: %w", r.cfg.Dataset, r.cfg.Region, err)
	}
	return ack, nil
}

func (w *writes) append(ctx context.Context, write store.Write) (store.Ack, error) {
	if err := checkWrite(write); err != nil {
		return store.Ack{}, err
	}
	for {
		by, err := w.await(ctx)
		if err != nil {
			return store.Ack{}, err
		}
		ack, err := w.commit(ctx, by, write)
		if ctx.Err() != nil {
			return store.Ack{}, context.Cause(ctx)
		}
		// The server took its time, and this process may have been frozen: what was
		// allowed before must be so still.
		led, refused := w.leadership.Serving()
		now, _ := w.current()
		switch {
		case refused != nil:
			return store.Ack{}, refused
		case now != by || by.epoch != led:
			continue
		case errors.Is(err, errReleased) || isCancellation(err):
			continue // it was meant for another write
		}
		return ack, err
	}
}

// await waits for what writes go through while there is nothing: between two modes, or
// while the server starts again.
func (w *writes) await(ctx context.Context) (*writer, error) {
	var by *writer
	err := w.leadership.Await(ctx, 0, func() (ready bool, changed <-chan struct{}) {
		by, changed = w.current()
		return by != nil && by.epoch == w.leadership.Led(), changed
	})
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("its server is not ready to keep what the mode asks for: %w", context.Cause(ctx))
	}
	return by, err
}

// isCancellation says whether the server broke a statement off because it was asked to.
func isCancellation(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && said.Code == "57014" // query_canceled
}

func checkWrite(w store.Write) error {
	switch {
	case w.ID == "":
		return fmt.Errorf("%w: it has no id", store.ErrBadWrite)
	case len(w.ID) > MaxID:
		return fmt.Errorf("%w: its id has %d bytes, %d are allowed", store.ErrBadWrite, len(w.ID), MaxID)
	case !utf8.ValidString(w.ID) || strings.ContainsRune(w.ID, 0):
		return fmt.Errorf("%w: its id %s is not text", store.ErrBadWrite, strconv.Quote(w.ID))
	case len(w.Payload) > MaxPayload:
		return fmt.Errorf("%w: its payload has %d bytes, %d are allowed", store.ErrBadWrite, len(w.Payload), MaxPayload)
	}
	return nil
}

// commit stores a write and returns once it is durable by the writer's rule, or may be
// acknowledged no more.
//
// Whoever gives up does not break the wait off. A cancellation is a connection and a
// process of its own for the server, and when writes wait for a region that is gone
// there would be hundreds a second; so the waiting ones keep their connections, and
// those behind them wait for one here, which costs nothing.
func (w *writes) commit(ctx context.Context, by *writer, write store.Write) (store.Ack, error) {
	waits, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(by.ctx, cancel)()
	var ack store.Ack
	var failed error
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := by.pool.Acquire(waits)
		if err != nil {
			failed = err
			return
		}
		defer conn.Release() // the writer's end closes the pool, which waits for this
		ack, failed = w.insert(by, conn.Conn(), write)
	}()
	if err := w.leadership.Await(ctx, 0, func() (bool, <-chan struct{}) {
		select {
		case <-done:
			return true, nil
		default:
			return false, done
		}
	}); err != nil {
		return store.Ack{}, err
	}
	return ack, failed
}

// insert commits a write, and waits for as long as the writer lasts.
func (w *writes) insert(by *writer, conn *pgx.Conn, write store.Write) (ack store.Ack, err error) {
	payload := write.Payload
	if payload == nil {
		payload = []byte{}
	}
	if err := w.gate.Pass(); err != nil {
		w.health.Refused(err)
		return ack, err
	}
	var idx int64
	err = conn.QueryRow(by.ctx, `INSERT INTO entries (epoch, id, payload) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING RETURNING idx`,
		int64(by.epoch), write.ID, payload).Scan(&idx)
	confirmed := server.Confirmed(conn)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return stored(by.ctx, conn, write, payload)
	case server.OfTheDisk(err):
		w.health.Refused(err)
		return ack, err
	case err != nil:
		return ack, err
	}
	w.health.Stored()
	w.meter.written.Add(1)
	if !confirmed {
		return ack, errReleased
	}
	return store.Ack{Index: uint64(idx), Epoch: by.epoch}, nil
}

// stored acknowledges a write that is there already. Whoever sent it first may not
// have waited until it was durable: a record behind it in the log, committed now,
// waits for that.
func stored(ctx context.Context, conn *pgx.Conn, write store.Write, payload []byte) (store.Ack, error) {
	var idx, epoch int64
	var held []byte
	if err := conn.QueryRow(ctx, "SELECT idx, epoch, payload FROM entries WHERE id = $1", write.ID).Scan(&idx, &epoch, &held); err != nil {
		return store.Ack{}, err
	}
	if !bytes.Equal(held, payload) {
		return store.Ack{}, fmt.Errorf("%w: id %s is entry %d with another payload; give each write an id of its own",
			store.ErrBadWrite, strconv.Quote(write.ID), idx)
	}
	server.Confirmed(conn) // what came before is not asked about
	if _, err := conn.Exec(ctx, "SELECT pg_logical_emit_message(true, 'fleetdrill', 'again')"); err != nil {
		return store.Ack{}, err
	}
	if !server.Confirmed(conn) {
		return store.Ack{}, errReleased
	}
	return store.Ack{Index: uint64(idx), Epoch: uint64(epoch)}, nil
}
