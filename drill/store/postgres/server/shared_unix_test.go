//go:build linux || darwin

package server

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// What a killed server left is given back; what is in use, or another's, is not.
func TestSharedMemoryIsFreed(t *testing.T) {
	segment := func(t *testing.T) int {
		id, err := unix.SysvShmGet(unix.IPC_PRIVATE, 4096, unix.IPC_CREAT|0o600)
		if err != nil {
			t.Skipf("NOT TESTED: this machine gives no shared memory: %v", err)
		}
		t.Cleanup(func() { _, _ = unix.SysvShmCtl(id, unix.IPC_RMID, nil) })
		return id
	}
	there := func(id int) bool {
		var is unix.SysvShmDesc
		_, err := unix.SysvShmCtl(id, unix.IPC_STAT, &is)
		return err == nil
	}
	free := func(t *testing.T, pid, id int) {
		t.Helper()
		data := t.TempDir()
		locked(t, data, pid, id)
		if err := FreeShared(data); err != nil {
			t.Error(err)
		}
	}
	t.Run("left", func(t *testing.T) {
		id := segment(t)
		free(t, os.Getpid(), id)
		if there(id) {
			t.Error("it is there still")
		}
	})
	t.Run("left by initdb's own server", func(t *testing.T) {
		id := segment(t)
		free(t, -os.Getpid(), id)
		if there(id) {
			t.Error("it is there still")
		}
	})
	t.Run("with its folder", func(t *testing.T) {
		id, data := segment(t), t.TempDir()
		locked(t, data, os.Getpid(), id)
		err := RemoveData(data)
		if _, gone := os.Stat(data); err != nil || there(id) || !os.IsNotExist(gone) {
			t.Errorf("memory there %v, folder %v, %v", there(id), gone, err)
		}
	})
	t.Run("another process's", func(t *testing.T) {
		id := segment(t)
		free(t, os.Getpid()+1, id)
		if !there(id) {
			t.Error("it was removed")
		}
	})
	t.Run("in use", func(t *testing.T) {
		id := segment(t)
		used, err := unix.SysvShmAttach(id, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = unix.SysvShmDetach(used) }()
		free(t, os.Getpid(), id)
		if !there(id) {
			t.Error("it was removed")
		}
	})
	if err := FreeShared(t.TempDir()); err != nil {
		t.Errorf("a folder without a server: %v", err)
	}
}

// locked writes the lock file of a server that has such a process and segment.
func locked(t *testing.T, data string, pid, id int) {
	t.Helper()
	lock := fmt.Sprintf("%d\n%s\n1792000000\n5432\n/tmp\n\n %d %d\nready\n", pid, data, 0, id)
	if err := os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(lock), 0o600); err != nil {
		t.Fatal(err)
	}
}
