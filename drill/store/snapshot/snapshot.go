// Package snapshot keeps a consistent copy of a dataset's contents as a file: all entries
// from the first up to a position, checksummed, on disk before it has its name. A folder has
// one; a new one takes the place of the one before at once or not at all.
package snapshot

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/store"
)

// Folder is the name of the folder, below a replica's own, that keeps the file.
const Folder = "snapshot"

const (
	name       = "last"
	unfinished = ".unfinished"
	magic      = "fleetdrill snapshot 1\n"
	// tailSize is what follows the description of a snapshot: its length, and the checksum
	// of all before.
	tailSize = 8
)

// ErrDamaged: the file is not what was written.
var ErrDamaged = errors.New("damaged snapshot")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Info describes a snapshot.
type Info struct {
	Position uint64        `json:"position"`   // of its last entry; 0 is an empty one
	Epoch    uint64        `json:"last_epoch"` // of that entry
	Bytes    int64         `json:"bytes"`      // payload bytes of all entries
	Taken    time.Time     `json:"taken"`      // when its contents were the authority's
	Took     time.Duration `json:"took"`       // from then until it was whole
	Size     int64         `json:"-"`          // of the file, in bytes
}

// Writer is a snapshot that is being written. Keep or Drop it.
type Writer struct {
	file *os.File
	out  *bufio.Writer
	sum  hash.Hash32
	info Info
	buf  []byte
}

// Create begins a snapshot in a folder, which it makes where it is missing.
func Create(dir string) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(dir, "*"+unfinished)
	if err != nil {
		return nil, err
	}
	w := &Writer{file: file, out: bufio.NewWriterSize(file, 64<<10), sum: crc32.New(castagnoli)}
	if err := w.write([]byte(magic)); err != nil {
		return nil, errors.Join(err, w.Drop())
	}
	return w, nil
}

func (w *Writer) write(b []byte) error {
	_, _ = w.sum.Write(b) // never fails
	_, err := w.out.Write(b)
	return err
}

// Put adds the next entry.
func (w *Writer) Put(e store.Entry) error {
	if e.Index != w.info.Position+1 || e.Epoch < w.info.Epoch || e.Epoch == 0 || e.ID == "" {
		return fmt.Errorf("entry %d of epoch %d came after entry %d of epoch %d", e.Index, e.Epoch, w.info.Position, w.info.Epoch)
	}
	w.info.Position, w.info.Epoch = e.Index, e.Epoch
	w.info.Bytes += int64(len(e.Payload))
	b := binary.AppendUvarint(w.buf[:0], uint64(len(e.ID)))
	b = binary.AppendUvarint(b, uint64(len(e.Payload)))
	b = binary.AppendUvarint(b, e.Epoch)
	w.buf = append(append(b, e.ID...), e.Payload...)
	return w.write(w.buf)
}

// Keep puts the snapshot in the place of the one before, once its contents are on disk, and
// returns once its name is too.
func (w *Writer) Keep(taken time.Time, took time.Duration) (Info, error) {
	w.info.Taken, w.info.Took = taken, took
	about, err := json.Marshal(w.info)
	if err == nil {
		err = w.write(append([]byte{0}, about...)) // no entry has an id without a byte
	}
	if err == nil {
		err = w.write(binary.BigEndian.AppendUint32(nil, uint32(len(about))))
	}
	if err == nil {
		_, err = w.out.Write(binary.BigEndian.AppendUint32(nil, w.sum.Sum32()))
	}
	if err = errors.Join(err, w.out.Flush(), w.file.Sync()); err != nil {
		return Info{}, errors.Join(err, w.Drop())
	}
	at, err := w.file.Seek(0, io.SeekCurrent)
	if err = errors.Join(err, w.file.Close()); err != nil {
		return Info{}, errors.Join(err, os.Remove(w.file.Name()))
	}
	dir := filepath.Dir(w.file.Name())
	if err := os.Rename(w.file.Name(), filepath.Join(dir, name)); err != nil {
		return Info{}, errors.Join(err, os.Remove(w.file.Name()))
	}
	w.info.Size = at
	return w.info, errors.Join(syncDir(dir), syncDir(filepath.Dir(dir)))
}

// Drop removes what was written.
func (w *Writer) Drop() error { return errors.Join(w.file.Close(), os.Remove(w.file.Name())) }

// Last describes the snapshot of a folder; false where there is none. It reads its end only.
func Last(dir string) (Info, bool, error) {
	file, err := os.Open(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return Info{}, false, nil
	}
	if err != nil {
		return Info{}, false, err
	}
	defer func() { _ = file.Close() }() // only read
	info, _, err := describe(file)
	return info, err == nil, err
}

// describe reads a file's end; entries is how many bytes come before it.
func describe(file *os.File) (info Info, entries int64, err error) {
	end, err := file.Stat()
	if err != nil {
		return info, 0, err
	}
	size := end.Size()
	tail := make([]byte, tailSize)
	if _, err := file.ReadAt(tail, max(0, size-tailSize)); err != nil {
		return info, 0, fmt.Errorf("%w: %s: %w", ErrDamaged, file.Name(), err)
	}
	about := int64(binary.BigEndian.Uint32(tail))
	entries = size - tailSize - about
	if entries < int64(len(magic)) {
		return info, 0, fmt.Errorf("%w: %s: its end says that %d bytes describe it", ErrDamaged, file.Name(), about)
	}
	b := make([]byte, about)
	if _, err = file.ReadAt(b, entries); err == nil {
		err = json.Unmarshal(b, &info)
	}
	if err != nil {
		return info, 0, fmt.Errorf("%w: %s: %w", ErrDamaged, file.Name(), err)
	}
	info.Size = size
	return info, entries, nil
}

// Read calls visit for each entry of a folder's snapshot, in order. ErrDamaged, maybe only
// after the last entry: what is made of them counts once it returned nil.
func Read(dir string, visit func(store.Entry) error) error {
	file, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read
	info, entries, err := describe(file)
	if err != nil {
		return err
	}
	r := &reader{in: bufio.NewReaderSize(file, 64<<10), sum: crc32.New(castagnoli), left: info.Size - 4}
	err = r.all(entries, info, visit)
	if err != nil && !errors.Is(err, errVisit) {
		return fmt.Errorf("%w: %s: %w", ErrDamaged, file.Name(), err)
	}
	return errors.Unwrap(err)
}

// errVisit marks the error of whoever reads, as against the file's.
var errVisit = errors.New("not taken")

type visited struct{ cause error }

func (v visited) Error() string        { return v.cause.Error() }
func (v visited) Unwrap() error        { return v.cause }
func (v visited) Is(target error) bool { return target == errVisit }

// reader reads a file once, summing up as it goes.
type reader struct {
	in   *bufio.Reader
	sum  hash.Hash32
	at   int64
	left int64 // bytes that the checksum is of
}

// ReadByte implements io.ByteReader.
func (r *reader) ReadByte() (byte, error) {
	b, err := r.in.ReadByte()
	if err == nil {
		r.at++
		_, _ = r.sum.Write([]byte{b})
	}
	return b, err
}

func (r *reader) read(b []byte) error {
	n, err := io.ReadFull(r.in, b)
	r.at += int64(n)
	_, _ = r.sum.Write(b[:n])
	return err
}

func (r *reader) all(entries int64, info Info, visit func(store.Entry) error) error {
	head := make([]byte, len(magic))
	if err := r.read(head); err != nil || string(head) != magic {
		return fmt.Errorf("it begins with %q", head)
	}
	var index, epoch uint64
	for {
		idSize, err := binary.ReadUvarint(r)
		if err != nil {
			return err
		}
		if idSize == 0 {
			break
		}
		e, err := r.entry(idSize, entries)
		if err != nil {
			return err
		}
		index, epoch = index+1, e.Epoch
		e.Index = index
		if err := visit(e); err != nil {
			return visited{err}
		}
	}
	if r.at != entries || index != info.Position || epoch != info.Epoch {
		return fmt.Errorf("%d entries up to epoch %d, and it was to have %d up to epoch %d", index, epoch, info.Position, info.Epoch)
	}
	if err := r.read(make([]byte, r.left-r.at)); err != nil {
		return err
	}
	want := r.sum.Sum32()
	var sum [4]byte
	if _, err := io.ReadFull(r.in, sum[:]); err != nil || binary.BigEndian.Uint32(sum[:]) != want {
		return errors.New("its checksum does not match")
	}
	return nil
}

// entry reads the rest of an entry, which ends before the description begins.
func (r *reader) entry(idSize uint64, entries int64) (e store.Entry, err error) {
	payload, err := binary.ReadUvarint(r)
	if err == nil {
		e.Epoch, err = binary.ReadUvarint(r)
	}
	if err != nil {
		return e, err
	}
	left := uint64(max(0, entries-r.at))
	if idSize > left || payload > left-idSize {
		return e, fmt.Errorf("an entry of %d and %d bytes in %d", idSize, payload, left)
	}
	b := make([]byte, idSize+payload)
	if err := r.read(b); err != nil {
		return e, err
	}
	e.ID, e.Payload = string(b[:idSize]), b[idSize:]
	return e, nil
}

// Remove removes a folder's snapshot, if there is one.
func Remove(dir string) error {
	err := os.Remove(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.Join(err, syncDir(dir))
}

// Sweep removes what a crash left half written.
func Sweep(dir string) error {
	left, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, f := range left {
		if strings.HasSuffix(f.Name(), unfinished) {
			if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// syncDir makes the names in a folder last.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
