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
)

// errReleased: the server let the commit go before its standbys had it.
var errReleased = errors.New("the wait for its standbys was broken off; it is stored here all the same")

// Append stores a write; see store.Replica.
func (r *Replica) Append(ctx context.Context, w store.Write) (store.Ack, error) {
	ack, err := r.append(ctx, w)
	if err != nil {
		return store.Ack{}, fmt.Errorf("append to %s in %s: %w", r.cfg.Dataset, r.cfg.Region, err)
	}
	return ack, nil
}

func (r *Replica) append(ctx context.Context, w store.Write) (store.Ack, error) {
	if err := checkWrite(w); err != nil {
		return store.Ack{}, err
	}
	for {
		g, err := r.awaitService(ctx)
		if err != nil {
			return store.Ack{}, err
		}
		ack, err := r.commit(ctx, g, w)
		if ctx.Err() != nil {
			return store.Ack{}, context.Cause(ctx)
		}
		// The server took its time, and this process may have been frozen: what was
		// allowed before must be so still.
		now, _, refused := r.mayServe()
		switch {
		case refused != nil:
			return store.Ack{}, refused
		case now != g:
			continue
		case errors.Is(err, errReleased) || isCancellation(err):
			continue // it was meant for another write
		}
		return ack, err
	}
}

// isCancellation says whether the server broke a statement off because it was asked to.
func isCancellation(err error) bool {
	var said *pgconn.PgError
	return errors.As(err, &said) && said.Code == "57014" // query_canceled
}

// awaitService waits for what writes go through while there is none: between two
// modes, or while the server starts again.
func (r *Replica) awaitService(ctx context.Context) (*generation, error) {
	for {
		g, changed, err := r.mayServe()
		if err != nil || g != nil {
			return g, err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("its server is not ready to keep what the mode promises: %w", context.Cause(ctx))
		}
	}
}

// mayServe says whether writes may be taken now, through what (nil: nothing yet), and
// what is closed when that changes.
func (r *Replica) mayServe() (*generation, <-chan struct{}, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.serving(); err != nil {
		return nil, nil, err
	}
	if r.serve == nil || r.serve.epoch != r.Led {
		return nil, r.changed, nil
	}
	return r.serve, r.changed, nil
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

// commit stores a write and returns once the generation's promises hold.
//
// Whoever gives up does not break the wait off. A cancellation is a connection and a
// process of its own for the server, and when writes wait for a region that is gone
// there would be hundreds a second; so the waiting ones keep their connections, and
// those behind them wait for one here, which costs nothing.
func (r *Replica) commit(ctx context.Context, g *generation, w store.Write) (store.Ack, error) {
	waits, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(g.ctx, cancel)()
	conn, err := g.writes.Acquire(waits)
	if err != nil {
		return store.Ack{}, err
	}
	type result struct {
		ack store.Ack
		err error
	}
	done := make(chan result, 1)
	go func() {
		defer conn.Release() // the generation's end closes the pool, which waits for this
		ack, err := r.insert(g, conn.Conn(), w)
		done <- result{ack, err}
	}()
	select {
	case d := <-done:
		return d.ack, d.err
	case <-ctx.Done():
		return store.Ack{}, context.Cause(ctx)
	}
}

// insert commits a write, and waits for as long as the generation lasts.
func (r *Replica) insert(g *generation, conn *pgx.Conn, w store.Write) (ack store.Ack, err error) {
	payload := w.Payload
	if payload == nil {
		payload = []byte{}
	}
	var idx int64
	err = conn.QueryRow(g.ctx, `INSERT INTO entries (epoch, id, payload) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING RETURNING idx`,
		int64(g.epoch), w.ID, payload).Scan(&idx)
	kept := confirmed(conn)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return r.stored(g.ctx, conn, w, payload)
	case err != nil:
		return ack, err
	}
	r.written.Add(1)
	if !kept {
		return ack, errReleased
	}
	return store.Ack{Index: uint64(idx), Epoch: g.epoch}, nil
}

// stored acknowledges a write that is there already. Whoever sent it first may not
// have waited until the promises held: a record behind it in the log, committed now,
// waits for them.
func (r *Replica) stored(ctx context.Context, conn *pgx.Conn, w store.Write, payload []byte) (store.Ack, error) {
	var idx, epoch int64
	var held []byte
	if err := conn.QueryRow(ctx, "SELECT idx, epoch, payload FROM entries WHERE id = $1", w.ID).Scan(&idx, &epoch, &held); err != nil {
		return store.Ack{}, err
	}
	if !bytes.Equal(held, payload) {
		return store.Ack{}, fmt.Errorf("%w: id %s is entry %d with another payload; give each write an id of its own",
			store.ErrBadWrite, strconv.Quote(w.ID), idx)
	}
	confirmed(conn) // what came before is not asked about
	if _, err := conn.Exec(ctx, "SELECT pg_logical_emit_message(true, 'fleetdrill', 'again')"); err != nil {
		return store.Ack{}, err
	}
	if !confirmed(conn) {
		return store.Ack{}, errReleased
	}
	return store.Ack{Index: uint64(idx), Epoch: uint64(epoch)}, nil
}
