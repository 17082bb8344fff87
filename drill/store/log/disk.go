package log

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/fleetdrill/fleetdrill/drill/store"
	"github.com/fleetdrill/fleetdrill/drill/store/diverged"
	"github.com/fleetdrill/fleetdrill/drill/store/replica"
)

var (
	entriesBucket = []byte("entries") // index → entry
	idsBucket     = []byte("ids")     // id → index
	epochsBucket  = []byte("epochs")  // epoch → its first index
	metaBucket    = []byte("meta")

	formatKey  = []byte("format")
	datasetKey = []byte("dataset")
	regionKey  = []byte("region")
	stateKey   = []byte("state")
	ballastKey = []byte("ballast") // what a probe wrote; missing but for a moment
	tailKey    = []byte("tail")    // missing where there is none
)

const format = "fleetdrill log 2"

// errDisk marks the errors of a disk that did not do what it was asked, as
// against a change that was refused.
var errDisk = errors.New("disk")

// state is what a replica knows for certain: all of it is on disk.
type state struct {
	saved  replica.Epochs
	bytes  int64 // of all payloads
	epochs history

	// seeding says that it dropped what it had and has not copied all of it yet.
	seeding bool
	// tail is the diverged tail that it cut and has not caught up since: until then a
	// restart must not forget it, since nobody may have heard of it. Nil is none.
	tail *store.Cut

	position uint64
	lastIn   uint64 // epoch of the last entry
}

// disk is the replica's file: one bbolt database, whose transactions are on
// disk when they end.
type disk struct {
	db   *bbolt.DB
	path string
	gate *replica.Gate // what is committed, and what is written beside the file, passes it
	// doubt is set once a failed commit can be seen all the same: then nobody
	// knows what would be left after a crash, and nothing more is written.
	doubt error
	// commits counts the transactions that went to disk.
	commits uint64
}

// openDisk opens the file and reads its state.
func openDisk(c Config) (*disk, state, error) {
	path := filepath.Join(c.Dir, "log.db")
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, state{}, fmt.Errorf("open log of %s: %w", c.Dataset, err)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		// Who holds the lock is a process that is still ending, or a second one by mistake.
		Timeout: time.Second,
		// An append-only log frees few pages, so writing the free list costs nothing
		// beside the fsync, while leaving it out means reading the whole file at each start.
		NoFreelistSync: false,
		FreelistType:   bbolt.FreelistMapType,
		// Address space only. A writer that has to map the file anew waits for all
		// readers, so that is to happen rarely.
		InitialMmapSize: 256 << 20,
		NoStatistics:    true,
	})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, state{}, fmt.Errorf("open %s: another process has it open; end that one first", path)
	}
	if err != nil {
		return nil, state{}, fmt.Errorf("open %s: %w", path, err)
	}
	d := &disk{db: db, path: path, gate: replica.NewGate()}
	s, err := d.load(c)
	if err == nil {
		err = syncDir(c.Dir)
	}
	if err != nil {
		return nil, state{}, errors.Join(fmt.Errorf("open %s: %w", path, err), db.Close())
	}
	return d, s, nil
}

// load makes the buckets of a new file, or checks whose an old one is, and
// reads the state.
func (d *disk) load(c Config) (state, error) {
	var fresh bool
	if err := d.db.View(func(tx *bbolt.Tx) error {
		fresh = tx.Bucket(metaBucket) == nil
		return nil
	}); err != nil {
		return state{}, err
	}
	if fresh {
		if err := d.db.Update(func(tx *bbolt.Tx) error {
			for _, name := range [][]byte{entriesBucket, idsBucket, epochsBucket, metaBucket} {
				if _, err := tx.CreateBucket(name); err != nil {
					return err
				}
			}
			meta := tx.Bucket(metaBucket)
			return errors.Join(meta.Put(formatKey, []byte(format)), meta.Put(datasetKey, []byte(c.Dataset)),
				meta.Put(regionKey, []byte(c.Region)), meta.Put(stateKey, encodeState(state{})))
		}); err != nil {
			return state{}, err
		}
	}
	var s state
	err := d.db.View(func(tx *bbolt.Tx) (err error) {
		meta := tx.Bucket(metaBucket)
		for _, must := range []struct{ key, want []byte }{
			{formatKey, []byte(format)}, {datasetKey, []byte(c.Dataset)}, {regionKey, []byte(c.Region)},
		} {
			if got := meta.Get(must.key); string(got) != string(must.want) {
				return fmt.Errorf("its %s is %q, not %q: give each replica a folder of its own", must.key, got, must.want)
			}
		}
		if s, err = decodeState(meta.Get(stateKey)); err != nil {
			return err
		}
		if s.tail, err = decodeTail(meta.Get(tailKey), c.Dir); err != nil {
			return err
		}
		if err := tx.Bucket(epochsBucket).ForEach(func(epoch, first []byte) error {
			if len(epoch) != 8 || len(first) != 8 {
				return errors.New("damaged epoch history")
			}
			s.epochs = append(s.epochs, span{binary.BigEndian.Uint64(epoch), binary.BigEndian.Uint64(first)})
			return nil
		}); err != nil {
			return err
		}
		s.position, s.lastIn, err = last(tx)
		return err
	})
	return s, err
}

// last reads where the log ends.
func last(tx *bbolt.Tx) (position, epoch uint64, err error) {
	key, value := tx.Bucket(entriesBucket).Cursor().Last()
	if key == nil {
		return 0, 0, nil
	}
	if len(key) != 8 {
		return 0, 0, fmt.Errorf("%w: key of %d bytes", errDamaged, len(key))
	}
	e, err := decodeEntry(binary.BigEndian.Uint64(key), value)
	return e.Index, e.Epoch, err
}

// read returns the entries above after, up to upTo, as many as fit: at most
// maxBatch and maxBytes, but at least one. upTo is the caller's durable position:
// the file can show entries of a commit that is not on disk yet.
func (d *disk) read(after, upTo uint64, maxBytes int) ([]store.Entry, error) {
	var entries []store.Entry
	err := d.db.View(func(tx *bbolt.Tx) error {
		cursor := tx.Bucket(entriesBucket).Cursor()
		want, total := after+1, 0
		for key, value := cursor.Seek(indexKey(want)); key != nil && want <= upTo && len(entries) < maxBatch; key, value = cursor.Next() {
			if len(key) != 8 || binary.BigEndian.Uint64(key) != want {
				break
			}
			e, err := decodeEntry(want, value)
			if err != nil {
				return err
			}
			if total += size(e); total > maxBytes && len(entries) > 0 {
				return nil
			}
			entries = append(entries, e)
			want++
		}
		return nil
	})
	switch {
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return nil, store.ErrClosed
	case err != nil:
		return nil, fmt.Errorf("%w: read %s: %w", errDisk, d.path, err)
	case len(entries) == 0 && after < upTo:
		return nil, fmt.Errorf("%w: read %s: entry %d is not there, though %d is the last", errDisk, d.path, after+1, upTo)
	}
	return entries, nil
}

// find looks an id up among the entries up to upTo.
func (d *disk) find(id string, upTo uint64) (e store.Entry, ok bool, err error) {
	if id == "" || len(id) > MaxID {
		return e, false, nil
	}
	err = d.db.View(func(tx *bbolt.Tx) (err error) {
		e, ok, err = find(tx.Bucket(idsBucket), tx.Bucket(entriesBucket), id)
		return err
	})
	switch {
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return store.Entry{}, false, store.ErrClosed
	case err != nil:
		return store.Entry{}, false, fmt.Errorf("%w: read %s: %w", errDisk, d.path, err)
	case !ok || e.Index > upTo:
		return store.Entry{}, false, nil
	}
	return e, true, nil
}

func find(ids, entries *bbolt.Bucket, id string) (store.Entry, bool, error) {
	at := ids.Get([]byte(id))
	if at == nil {
		return store.Entry{}, false, nil
	}
	if len(at) != 8 {
		return store.Entry{}, false, fmt.Errorf("%w: id %s", errDamaged, strconv.Quote(id))
	}
	e, err := decodeEntry(binary.BigEndian.Uint64(at), entries.Get(at))
	return e, err == nil, err
}

func encodeState(s state) []byte {
	var b []byte
	seeding := uint64(0)
	if s.seeding {
		seeding = 1
	}
	for _, n := range []uint64{s.saved.Seen, s.saved.Authority, s.saved.Led, uint64(s.bytes), seeding} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return b
}

func decodeState(b []byte) (state, error) {
	if len(b) != 40 {
		return state{}, fmt.Errorf("damaged state: %d bytes", len(b))
	}
	n := func(i int) uint64 { return binary.BigEndian.Uint64(b[8*i:]) }
	return state{saved: replica.Epochs{Seen: n(0), Authority: n(1), Led: n(2)}, bytes: int64(n(3)), seeding: n(4) == 1}, nil
}

// decodeTail reads where a tail was exported to: below the folder as it is called now.
func decodeTail(b []byte, dir string) (*store.Cut, error) {
	if b == nil {
		return nil, nil
	}
	cut := new(store.Cut)
	if err := json.Unmarshal(b, cut); err != nil {
		return nil, fmt.Errorf("damaged record of a diverged tail: %w", err)
	}
	cut.Exported = filepath.Join(dir, diverged.Folder, filepath.Base(cut.Exported))
	return cut, nil
}

// syncDir makes the names in a folder last.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
