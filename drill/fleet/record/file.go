package record

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/fleetdrill/fleetdrill/drill/fleet"
)

const (
	fileName = "record.json"
	lockName = "lock"
	// tempPrefix names half-written records; they go with the folder.
	tempPrefix = ".record-"
)

// File is the record of one fleet. Its methods may be called from several
// goroutines. Between processes, who holds Lock may Update and Remove.
type File struct {
	state, name string

	mu   sync.Mutex
	raw  []byte // as on disk
	lock *os.File
}

// Create records a new fleet. Version is set; Made, Token and Owner are filled in
// where empty. The error is fleet.ErrExists when the fleet has a record already.
func Create(stateDir string, r Record) (*File, error) {
	name := r.Fleet.Name
	if err := checkName(name); err != nil {
		return nil, fmt.Errorf("record fleet: %w", err)
	}
	r.Version = Version
	if r.Made.IsZero() {
		r.Made = time.Now().UTC()
	}
	if r.Token == "" {
		r.Token = NewToken()
	}
	if r.Owner.PID == 0 {
		self, err := Self()
		if err != nil {
			return nil, fmt.Errorf("record fleet %s: %w", name, err)
		}
		r.Owner = self
	}
	raw, err := encode(r)
	if err != nil {
		return nil, fmt.Errorf("record fleet %s: %w", name, err)
	}
	f := &File{state: stateDir, name: name, raw: raw}
	// Somebody may remove the empty folder between its making and its use.
	for range 3 {
		if err = f.create(raw); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("record fleet %s: %w in %s", name, fleet.ErrExists, f.Dir())
	}
	if err != nil {
		_ = os.Remove(f.Dir()) // only where it is empty: nothing was recorded
		return nil, fmt.Errorf("record fleet %s: %w", name, err)
	}
	return f, nil
}

// create puts the whole record in place at once, or not at all: a link to a
// finished file, which fails where there is one already.
func (f *File) create(raw []byte) error {
	if err := os.MkdirAll(f.Dir(), 0o700); err != nil {
		return err
	}
	if err := f.inside(); err != nil {
		return err
	}
	temp, err := f.writeTemp(raw)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.Link(temp, f.path()); err != nil {
		return err
	}
	return syncDir(f.Dir())
}

// Open reads the record of a fleet. The error is fs.ErrNotExist when there is
// none, ErrBroken when it cannot be read.
func Open(stateDir, name string) (*File, error) {
	if err := checkName(name); err != nil {
		return nil, fmt.Errorf("open record: %w", err)
	}
	f := &File{state: stateDir, name: name}
	if err := f.read(); err != nil {
		return nil, fmt.Errorf("open record of fleet %s: %w", name, err)
	}
	return f, nil
}

// List reads all records, sorted by name. Folders whose record is missing or broken are in
// the error (each as ErrBroken); the readable records come all the same.
func List(stateDir string) ([]Record, error) {
	entries, err := os.ReadDir(filepath.Join(stateDir, "fleets"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list fleets: %w", err)
	}
	var records []Record
	var broken []error
	for _, e := range entries {
		f, err := Open(stateDir, e.Name())
		switch {
		case errors.Is(err, fs.ErrNotExist):
			dir := filepath.Join(stateDir, "fleets", e.Name())
			broken = append(broken, fmt.Errorf("%w: %s has no record, so nothing is known to run; `fleetdrill down %s` clears it", ErrBroken, dir, e.Name()))
		case err != nil:
			broken = append(broken, err)
		default:
			records = append(records, f.Get())
		}
	}
	return records, errors.Join(broken...)
}

// Dir is the fleet's folder.
func (f *File) Dir() string { return Folder(f.state, f.name) }

// Folder is the folder of a fleet of that name.
func Folder(stateDir, name string) string { return filepath.Join(stateDir, "fleets", name) }

// MakeDir makes a folder (0700) in the fleet's folder, and returns its path.
func (f *File) MakeDir(elem ...string) (string, error) {
	sub := filepath.Join(elem...)
	if !filepath.IsLocal(sub) {
		return "", fmt.Errorf("make folder %q of fleet %s: not inside the fleet's folder", sub, f.name)
	}
	dir := filepath.Join(f.Dir(), sub)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make folder of fleet %s: %w", f.name, err)
	}
	return dir, nil
}

// Get is a copy of the record as last read or written.
func (f *File) Get() Record {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, _ := decode(f.raw, f.name, f.path()) // was decoded or encoded before
	return r
}

// Update changes the record, in memory and on disk, or neither. It returns once
// the change would survive a power cut.
func (f *File) Update(change func(*Record)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err := decode(f.raw, f.name, f.path())
	if err != nil {
		return err
	}
	change(&r)
	raw, err := encode(r)
	if err == nil {
		// A change that could not be read back must not take the place of one that can.
		_, err = decode(raw, f.name, f.path())
	}
	if err == nil {
		err = f.write(raw)
	}
	if err != nil {
		return fmt.Errorf("update record of fleet %s: %w", f.name, err)
	}
	f.raw = raw
	return nil
}

// Remove deletes the fleet's folder, the record last, and gives up the lock.
// It is no error when the folder is gone already. A folder that is in truth a link to
// somewhere else is refused; links inside are deleted, not followed.
func (f *File) Remove() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.remove(); err != nil {
		return fmt.Errorf("remove record of fleet %s: %w", f.name, err)
	}
	f.unlock()
	return nil
}

func (f *File) remove() error {
	if err := f.inside(); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	root, err := os.OpenRoot(f.Dir())
	if err != nil {
		return err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	last := []string{fileName, lockName}
	for _, e := range entries {
		if !slices.Contains(last, e.Name()) {
			if err := root.RemoveAll(e.Name()); err != nil {
				return err
			}
		}
	}
	for _, name := range last {
		if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Remove(f.Dir()); err != nil && !errors.Is(err, fs.ErrNotExist) && !f.taken() {
		return err
	}
	// The folder of all fleets goes with the last of them; this fails while it is not empty.
	_ = os.Remove(filepath.Join(f.state, "fleets"))
	return nil
}

// taken reports whether somebody else made, or is making, a fleet of that name in
// the folder that was just emptied: then what is in it is theirs.
func (f *File) taken() bool {
	entries, err := os.ReadDir(f.Dir())
	if err != nil {
		return errors.Is(err, fs.ErrNotExist) // made and removed again
	}
	foreign := false
	for _, e := range entries {
		if e.Name() == fileName {
			return true
		}
		foreign = foreign || e.Name() != lockName && !strings.HasPrefix(e.Name(), tempPrefix)
	}
	return !foreign
}

// Clear removes a fleet's folder that has no record: what a crash during Create or
// Remove leaves. It does nothing where there is no folder, and refuses
// (fleet.ErrExists) where there is a record.
func Clear(stateDir, name string) error {
	if err := checkName(name); err != nil {
		return fmt.Errorf("clear folder: %w", err)
	}
	f := &File{state: stateDir, name: name}
	if err := f.inside(); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("clear folder of fleet %s: %w", name, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.acquire(); err != nil {
		return fmt.Errorf("clear folder of fleet %s: %w", name, err)
	}
	defer f.unlock()
	if _, err := os.Lstat(f.path()); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("clear folder of fleet %s: its record %w", name, fleet.ErrExists)
	}
	if err := f.remove(); err != nil {
		return fmt.Errorf("clear folder of fleet %s: %w", name, err)
	}
	return nil
}

// inside makes sure that the fleet's folder is a folder of ours and not a link
// that leads elsewhere. The state folder itself may be a link: that is the user's.
func (f *File) inside() error {
	for _, dir := range []string{filepath.Dir(f.Dir()), f.Dir()} {
		info, err := os.Lstat(dir)
		if err != nil {
			return err
		}
		if !info.IsDir() {
			return fmt.Errorf("%s is not a folder but %s: %w", dir, kind(info.Mode()), fleet.ErrNotOurs)
		}
	}
	return nil
}

func kind(m fs.FileMode) string {
	if m&fs.ModeSymlink != 0 {
		return "a symbolic link"
	}
	return "a file (" + strings.TrimRight(m.Type().String(), "-") + ")"
}

func (f *File) path() string { return filepath.Join(f.Dir(), fileName) }

// read takes the record from disk. The caller holds mu, or is alone.
func (f *File) read() error {
	raw, err := os.ReadFile(f.path())
	if err != nil {
		return err
	}
	if _, err := decode(raw, f.name, f.path()); err != nil {
		return err
	}
	f.raw = raw
	return nil
}

func (f *File) write(raw []byte) error {
	temp, err := f.writeTemp(raw)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, f.path()); err != nil {
		os.Remove(temp)
		return err
	}
	return syncDir(f.Dir())
}

func (f *File) writeTemp(raw []byte) (string, error) {
	t, err := os.CreateTemp(f.Dir(), tempPrefix+"*") // 0600 by itself
	if err != nil {
		return "", err
	}
	_, err = t.Write(raw)
	if err == nil {
		err = t.Sync()
	}
	if e := t.Close(); err == nil {
		err = e
	}
	if err != nil {
		os.Remove(t.Name())
		return "", err
	}
	return t.Name(), nil
}

// syncDir makes a rename or link in a folder survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
