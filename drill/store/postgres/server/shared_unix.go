//go:build linux || darwin

package server

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// RemoveData removes a data folder that no server runs on any more, and what a killed one left of it on the machine.
func RemoveData(data string) error {
	return errors.Join(FreeShared(data), os.RemoveAll(data))
}

// FreeShared gives back the shared memory by which a server that was killed kept others from its data folder. The machine keeps
// such a segment until somebody removes it, and has room for some thousands of them; the next server of the same folder would, but a
// folder that is removed has none. What a process still uses is left alone, as is what the folder's lock file does not name.
func FreeShared(data string) error {
	text, err := os.ReadFile(filepath.Join(data, "postmaster.pid"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	// The first line has the server's process, the seventh the segment's key and number (PostgreSQL's miscadmin.h, LOCK_FILE_LINE_SHMEM_KEY).
	lines := bytes.Split(text, []byte("\n"))
	if len(lines) < 7 {
		return nil // killed before it had one
	}
	var pid, key, id int
	if n, _ := fmt.Sscan(string(lines[0])+" "+string(lines[6]), &pid, &key, &id); n != 3 {
		return nil
	}
	// A server without a postmaster, as initdb starts them, notes its process below zero (CreateLockFile in miscinit.c).
	pid = max(pid, -pid)
	var is unix.SysvShmDesc
	if _, err := unix.SysvShmCtl(id, unix.IPC_STAT, &is); err != nil {
		return nil // gone already, or another user's
	}
	if int(is.Cpid) != pid || is.Nattch != 0 {
		return nil
	}
	if _, err := unix.SysvShmCtl(id, unix.IPC_RMID, nil); err != nil {
		return fmt.Errorf("free the shared memory that a killed server left: %w; remove it with: ipcrm -m %d", err, id)
	}
	return nil
}
