package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// A connection string of psql's is one that a driver reads, names the server's own socket, begins read
// only, and has no password in it: that is in a file of its own.
func TestPsql(t *testing.T) {
	at := Folders{Dir: filepath.Join(t.TempDir(), "it's a folder")}
	if err := os.MkdirAll(at.Root(), 0o700); err != nil {
		t.Fatal(err)
	}
	secret := `a:b\c`
	if err := os.WriteFile(at.Passfile(), []byte(passfile(secret)), 0o600); err != nil {
		t.Fatal(err)
	}
	text := at.Psql("linux")
	if strings.Contains(text, secret) {
		t.Errorf("%q has the password", text)
	}
	c, err := pgconn.ParseConfig(text)
	if err != nil {
		t.Fatal(err)
	}
	if c.Host != at.socketOn("linux", ownSocket) || c.User != Role || c.Password != secret || c.RuntimeParams["options"] != "-c default_transaction_read_only=on" {
		t.Errorf("read as host %q, user %q, password %q, %v", c.Host, c.User, c.Password, c.RuntimeParams)
	}
	if other := (Folders{Dir: at.Dir + "2"}); other.Psql("linux") == text || at.Psql("darwin") == text {
		t.Error("another folder's server, or another system's, has the same socket")
	}
}
