package log

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// change is one transaction: a state being changed together with the buckets
// it is kept in.
type change struct {
	state
	tx                          *bbolt.Tx
	entries, ids, history, meta *bbolt.Bucket
	dirty                       bool
}

// fillPercent of the entries: they only ever go in at the end, so pages need no room
// for others between.
const fillPercent = 0.95

// change runs fill in one transaction and returns the state after it, once that
// is on disk. An error of fill refuses the whole; any other is an errDisk, after
// which the state is still before. Callers take turns.
func (d *disk) change(before state, fill func(*change) error) (state, error) {
	if d.doubt != nil {
		return before, d.doubt
	}
	tx, err := d.db.Begin(true)
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return before, store.ErrClosed
	}
	if err != nil {
		return before, d.failed(err)
	}
	id := tx.ID()
	c := &change{state: before, tx: tx, entries: tx.Bucket(entriesBucket), ids: tx.Bucket(idsBucket),
		history: tx.Bucket(epochsBucket), meta: tx.Bucket(metaBucket)}
	c.entries.FillPercent = fillPercent
	if err := fill(c); err != nil {
		return before, errors.Join(err, tx.Rollback())
	}
	if !c.dirty {
		return before, tx.Rollback()
	}
	err = c.meta.Put(stateKey, encodeState(c.state))
	if err == nil && c.tail != before.tail {
		err = c.saveTail()
	}
	if err != nil {
		return before, errors.Join(d.failed(err), tx.Rollback())
	}
	if err := d.gate.Pass(); errors.Is(err, store.ErrClosed) {
		return before, errors.Join(err, tx.Rollback())
	} else if err != nil {
		return before, errors.Join(d.failed(err), tx.Rollback())
	}
	if err := tx.Commit(); err != nil {
		return before, d.uncommitted(id, err)
	}
	d.commits++
	return c.state, nil
}

// saveTail keeps the tail that was cut, or forgets it.
func (c *change) saveTail() error {
	if c.tail == nil {
		return c.meta.Delete(tailKey)
	}
	b, err := json.Marshal(c.tail)
	if err != nil {
		return err
	}
	return c.meta.Put(tailKey, b)
}

func (d *disk) failed(err error) error {
	var named *fs.PathError // it would name the file twice
	if errors.As(err, &named) {
		err = named.Err
	}
	return fmt.Errorf("%w: %w, writing %s; it goes on by itself once the disk takes writes again", errDisk, err, d.path)
}

// uncommitted looks whether a commit that failed took effect all the same: it did
// where only the last fsync failed, and then the pages it wrote may or may not
// be on disk, whatever later fsyncs say.
func (d *disk) uncommitted(id int, failed error) error {
	visible := true
	if err := d.db.View(func(tx *bbolt.Tx) error {
		visible = tx.ID() >= id
		return nil
	}); err != nil {
		failed = errors.Join(failed, err)
	}
	if visible {
		d.doubt = fmt.Errorf("%w: write %s: %w; what is on disk is uncertain, so nothing more is written: repair the disk and restart the region", errDisk, d.path, failed)
		return d.doubt
	}
	return d.failed(failed)
}

func (c *change) put(b *bbolt.Bucket, key, value []byte) error {
	c.dirty = true
	if err := b.Put(key, value); err != nil {
		return fmt.Errorf("%w: %w", errDisk, err)
	}
	return nil
}

func (c *change) remove(b *bbolt.Bucket, key []byte) error {
	c.dirty = true
	if err := b.Delete(key); err != nil {
		return fmt.Errorf("%w: %w", errDisk, err)
	}
	return nil
}

// append stores the next entry, which the caller has checked.
func (c *change) append(e store.Entry) error {
	if e.Epoch != c.lastIn {
		if err := c.begin(e.Epoch, e.Index); err != nil {
			return err
		}
	}
	key := indexKey(e.Index)
	if err := c.put(c.entries, key, encodeEntry(e)); err != nil {
		return err
	}
	if err := c.put(c.ids, []byte(e.ID), key); err != nil {
		return err
	}
	c.position, c.lastIn = e.Index, e.Epoch
	c.bytes += int64(len(e.Payload))
	return nil
}

// begin adds the start of an epoch.
func (c *change) begin(epoch, first uint64) error {
	return c.rewrite(c.epochs.begin(epoch, first))
}

// cut removes all entries above keep.
func (c *change) cut(keep uint64) error {
	if keep == 0 {
		return c.clear()
	}
	for index := c.position; index > keep; index-- {
		key := indexKey(index)
		e, err := decodeEntry(index, c.entries.Get(key))
		if err != nil {
			return fmt.Errorf("%w: %w", errDisk, err)
		}
		if err := errors.Join(c.remove(c.entries, key), c.remove(c.ids, []byte(e.ID))); err != nil {
			return err
		}
		c.bytes -= int64(len(e.Payload))
	}
	c.position = keep
	c.epochs, c.lastIn = c.epochs.cut(keep), 0
	if n := len(c.epochs); n > 0 {
		c.lastIn = c.epochs[n-1].epoch
	}
	return c.rewrite(c.epochs)
}

// clear removes all entries without a look at them: a damaged one must not prevent
// its own cure.
func (c *change) clear() error {
	c.dirty = true
	for _, b := range []struct {
		name []byte
		at   **bbolt.Bucket
	}{{entriesBucket, &c.entries}, {idsBucket, &c.ids}, {epochsBucket, &c.history}} {
		err := c.tx.DeleteBucket(b.name)
		if err == nil {
			*b.at, err = c.tx.CreateBucket(b.name)
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errDisk, err)
		}
	}
	c.entries.FillPercent = fillPercent
	c.position, c.lastIn, c.bytes, c.epochs = 0, 0, 0, nil
	return nil
}

// rewrite replaces the epoch history, which is a few epochs at most.
func (c *change) rewrite(to history) error {
	var keys [][]byte
	if err := c.history.ForEach(func(epoch, _ []byte) error {
		keys = append(keys, append([]byte(nil), epoch...))
		return nil
	}); err != nil {
		return fmt.Errorf("%w: %w", errDisk, err)
	}
	for _, key := range keys {
		if err := c.remove(c.history, key); err != nil {
			return err
		}
	}
	for _, s := range to {
		if err := c.put(c.history, indexKey(s.epoch), indexKey(s.first)); err != nil {
			return err
		}
	}
	c.epochs = to
	return nil
}

// ballast writes so many bytes that nothing can make smaller, for as long as it takes to see that they fit.
func (c *change) ballast(bytes int64) error {
	c.dirty = true
	if bytes == 0 {
		return nil
	}
	b := make([]byte, bytes)
	_, _ = rand.Read(b) // never returns an error
	return c.put(c.meta, ballastKey, b)
}
