package server

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// The sockets of the proxy to the authority: the server's own can be held while the
// tools pass.
const (
	ProxyServer = "proxy"
	ProxyTools  = "tools"
)

// Folders of a replica, in its own.
type Folders struct{ Dir string }

func (f Folders) Root() string    { return filepath.Join(f.Dir, "pg") }
func (f Folders) Data() string    { return filepath.Join(f.Root(), "data") }
func (f Folders) WAL() string     { return filepath.Join(f.Data(), "pg_wal") }
func (f Folders) Fresh() string   { return filepath.Join(f.Root(), "data.new") }
func (f Folders) Aside() string   { return filepath.Join(f.Root(), "data.aside") }
func (f Folders) Conf() string    { return filepath.Join(f.Root(), "postgresql.conf") }
func (f Folders) Hba() string     { return filepath.Join(f.Root(), "pg_hba.conf") }
func (f Folders) Ident() string   { return filepath.Join(f.Root(), "pg_ident.conf") }
func (f Folders) Log() string     { return filepath.Join(f.Root(), "server.log") }
func (f Folders) Standby() string { return filepath.Join(f.Data(), "standby.signal") }

// Socket is the folder of a Unix socket as libpq and the server take it. On Linux it
// is an abstract one (unix(7)): a path may have 107 bytes, and a fleet's state
// folder can be deeper than that. Elsewhere it is a folder for temporary files.
func (f Folders) Socket(name string) string { return f.socketOn(runtime.GOOS, name) }

// socketOn is Socket on a system that may be another one: a pod's is Linux.
func (f Folders) socketOn(system, name string) string {
	sum := sha256.Sum256([]byte(f.Dir + "\x00" + name))
	id := "fleetdrill-" + hex.EncodeToString(sum[:8])
	if system == "linux" {
		return "@" + id
	}
	return filepath.Join(os.TempDir(), id)
}

// Address of a socket for Go, which writes an abstract one the same way.
func Address(socket string) string { return socket + "/.s.PGSQL." + port }

// Conninfo is a connection string for libpq, where a value in quotes may hold spaces.
func Conninfo(socket, application string) string {
	quoted := "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(application) + "'"
	return fmt.Sprintf("host=%s port=%s user=%s dbname=postgres application_name=%s connect_timeout=10", socket, port, Role, quoted)
}

// CloneOf is the name by which the copying of a region's whole data is known to the
// authority's server, which keeps as many bytes of a name (NAMEDATALEN).
func CloneOf(region string) string {
	name := "clone of " + region
	return name[:min(len(name), 63)]
}

// OnDisk says whether a socket is a folder, which its owner makes and removes.
func OnDisk(socket string) bool { return !strings.HasPrefix(socket, "@") }

// ReplaceFile puts a file that belongs to owner in the place of another, on disk when
// it returns.
func ReplaceFile(path string, data []byte, owner Account) error {
	dir := filepath.Dir(path)
	file, err := os.CreateTemp(dir, "*.unfinished")
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = owner.Give(file.Name())
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncDir(dir)
}

// syncDir makes the names in a folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
