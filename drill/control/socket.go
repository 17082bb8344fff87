package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
)

// Name is the socket's file in the fleet's folder.
const Name = "control"

// ErrNobody: no drill listens in the fleet's folder.
var ErrNobody = errors.New("no drill runs on it")

// mostPath is the longest path of a socket that systems take (104 bytes with their end on
// macOS, 108 on Linux).
const mostPath = 103

// Listen makes the socket in a fleet's folder, which must be its owner's alone. One that a drill
// left which was killed is replaced: who drives the fleet holds its lock, so there is no other.
func Listen(dir string) (net.Listener, error) {
	if err := private(dir, os.Geteuid()); err != nil {
		return nil, err
	}
	path, done, err := reach(dir)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := os.Remove(filepath.Join(dir, Name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // its short name may be gone by then
	if err := os.Chmod(filepath.Join(dir, Name), 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return &socket{UnixListener: l, file: filepath.Join(dir, Name)}, nil
}

// socket removes its file once it is closed.
type socket struct {
	*net.UnixListener
	file string
	once sync.Once
	err  error
}

// Close ends it. Only the first call does: the file may be another drill's later.
func (s *socket) Close() error {
	s.once.Do(func() {
		s.err = s.UnixListener.Close()
		if err := os.Remove(s.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.err = errors.Join(s.err, err)
		}
	})
	return s.err
}

// private refuses a folder that is not this user's, or that others may enter: they might connect,
// or put a socket of their own there. A link is refused too, since it can lead elsewhere later.
func private(dir string, user int) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no folder but a link or a file; move it away, or use another --state-dir", dir)
	}
	if is, known := info.Sys().(*syscall.Stat_t); known && int64(is.Uid) != int64(user) {
		return fmt.Errorf("%s belongs to user %d, and you are user %d; run as its owner, or use another --state-dir", dir, is.Uid, user)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s is open to others (%s); chmod 700 it", dir, info.Mode().Perm())
	}
	return nil
}

func dial(ctx context.Context, dir string) (net.Conn, error) {
	err := private(dir, os.Geteuid()) // else somebody else may listen
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNobody
	}
	if err != nil {
		return nil, err
	}
	path, done, err := reach(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNobody
	}
	if err != nil {
		return nil, err
	}
	defer done()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, ErrNobody
	}
	return conn, err
}

// reach is a path of the socket that is short enough for the system. On Linux a long one is
// taken by way of the open folder, until done is called.
func reach(dir string) (path string, done func(), err error) {
	path = filepath.Join(dir, Name)
	if len(path) <= mostPath {
		return path, func() {}, nil
	}
	if runtime.GOOS != "linux" {
		return "", nil, fmt.Errorf("%s is too long a path for a socket; use a shorter --state-dir", path)
	}
	f, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", f.Fd(), Name), func() { _ = f.Close() }, nil
}
