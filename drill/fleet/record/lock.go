package record

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// LockedError says which process drives the fleet. PID is 0 when it did not say.
type LockedError struct {
	Fleet string
	PID   int
}

// Error says who drives the fleet and what to do.
func (e *LockedError) Error() string {
	switch e.PID {
	case 0:
		return fmt.Sprintf("fleet %s is in use by another fleetdrill; quit that one first", e.Fleet)
	case os.Getpid():
		return fmt.Sprintf("fleet %s is in use by this process (%d) already", e.Fleet, e.PID)
	}
	return fmt.Sprintf("fleet %s is in use by fleetdrill process %d; quit that one first, in its window or with `kill %d`", e.Fleet, e.PID, e.PID)
}

// Unwrap makes it an ErrLocked.
func (e *LockedError) Unwrap() error { return ErrLocked }

// Lock makes this File the only one that drives the fleet, among all processes, until
// Unlock, Remove or the end of the process, and reads the record anew. It does not
// wait: the error is a *LockedError when another holds it, fs.ErrNotExist when the
// fleet was removed meanwhile. Locking twice is no error.
func (f *File) Lock() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lock != nil {
		return nil
	}
	if err := f.acquire(); err != nil {
		if locked := (*LockedError)(nil); errors.As(err, &locked) {
			return locked // which names the fleet
		}
		return fmt.Errorf("lock fleet %s: %w", f.name, err)
	}
	if err := f.read(); err != nil {
		f.unlock()
		return fmt.Errorf("lock fleet %s: %w", f.name, err)
	}
	return nil
}

// Unlock gives up the lock. It is no error without one.
func (f *File) Unlock() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unlock()
}

func (f *File) unlock() {
	if f.lock != nil {
		f.lock.Close() // and with it the flock
		f.lock = nil
	}
}

func (f *File) acquire() error {
	path := filepath.Join(f.Dir(), lockName)
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
		if err != nil {
			return err
		}
		for {
			err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
			if !errors.Is(err, unix.EINTR) {
				break
			}
		}
		if errors.Is(err, unix.EWOULDBLOCK) {
			text, _ := io.ReadAll(io.LimitReader(file, 32))
			file.Close()
			pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
			return &LockedError{Fleet: f.name, PID: pid}
		}
		if err != nil {
			file.Close()
			return err
		}
		// Whoever held it may have removed the folder: then this is a lock on a file
		// that nobody else will ever find.
		mine, err := file.Stat()
		if err != nil {
			file.Close()
			return err
		}
		if now, err := os.Lstat(path); err != nil || !os.SameFile(mine, now) {
			file.Close()
			continue
		}
		if err := file.Truncate(0); err != nil {
			file.Close()
			return err
		}
		if _, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
			file.Close()
			return err
		}
		f.lock = file
		return nil
	}
}
