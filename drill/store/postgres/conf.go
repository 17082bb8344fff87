package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	// role is the one that everything of ours connects as.
	role = "fleetdrill"
	// port only names the socket's file: no server of ours listens on TCP.
	port = "5432"
	// maxConnections bounds writes that wait side by side: 200 a second, each
	// waiting 300 ms for a far region, are 60.
	maxConnections = 120
	writers        = 90
	// nobodyYet stands in synchronous_standby_names where no region is waited for. It
	// is never empty: that it is not empty is a flag that the checkpointer sets, late,
	// and until then commits do not wait at all. Async is synchronous_commit = local.
	nobodyYet = `FIRST 1 ("-")`
)

// folders of a replica.
type folders struct{ dir string }

func (f folders) root() string    { return filepath.Join(f.dir, "pg") }
func (f folders) data() string    { return filepath.Join(f.root(), "data") }
func (f folders) fresh() string   { return filepath.Join(f.root(), "data.new") }
func (f folders) aside() string   { return filepath.Join(f.root(), "data.aside") }
func (f folders) conf() string    { return filepath.Join(f.root(), "postgresql.conf") }
func (f folders) hba() string     { return filepath.Join(f.root(), "pg_hba.conf") }
func (f folders) ident() string   { return filepath.Join(f.root(), "pg_ident.conf") }
func (f folders) log() string     { return filepath.Join(f.root(), "server.log") }
func (f folders) standby() string { return filepath.Join(f.data(), "standby.signal") }

// socket is the folder of a Unix socket as libpq and the server take it. On Linux it
// is an abstract one (unix(7)): a path may have 107 bytes, and a fleet's state
// folder can be deeper than that. Elsewhere it is a folder for temporary files.
func (f folders) socket(name string) string {
	sum := sha256.Sum256([]byte(f.dir + "\x00" + name))
	id := "fleetdrill-" + hex.EncodeToString(sum[:8])
	if runtime.GOOS == "linux" {
		return "@" + id
	}
	return filepath.Join(os.TempDir(), id)
}

// address of a socket for Go, which writes an abstract one the same way.
func address(socket string) string { return socket + "/.s.PGSQL." + port }

// conninfo is a connection string for libpq, where a value in quotes may hold spaces.
func conninfo(socket, application string) string {
	quoted := "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(application) + "'"
	return fmt.Sprintf("host=%s port=%s user=%s dbname=postgres application_name=%s connect_timeout=10", socket, port, role, quoted)
}

// cloneOf is the name by which the copying of a region's whole data is known to the
// authority's server, which keeps as many bytes of a name (NAMEDATALEN).
func cloneOf(region string) string {
	name := "clone of " + region
	return name[:min(len(name), 63)]
}

// settings is the server's whole configuration. It is kept beside the data folder
// because clones and rewinds copy that from another region.
func (r *Replica) settings(syncNames string) string {
	literal := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
	f := r.at
	lines := [][2]string{
		{"listen_addresses", "''"},
		{"unix_socket_directories", literal(f.socket("server"))},
		{"port", port},
		{"hba_file", literal(f.hba())},
		{"ident_file", literal(f.ident())},
		{"max_connections", fmt.Sprint(maxConnections)},
		{"superuser_reserved_connections", "3"},
		{"password_encryption", "'scram-sha-256'"},
		{"lc_messages", "'C'"},
		// Small: there are several servers on one laptop.
		{"shared_buffers", "'32MB'"},
		{"jit", "off"},
		// The tables only grow, and what a vacuum writes would be counted as data that travels.
		{"autovacuum", "off"},
		{"logging_collector", "off"},
		{"log_min_messages", "'warning'"},
		// A crash ends the whole server, so that the replica knows of it and fences itself.
		{"restart_after_crash", "off"},

		{"wal_level", "'replica'"},
		{"wal_log_hints", "on"}, // pg_rewind needs it, or checksums
		{"max_wal_senders", "20"},
		{"wal_keep_size", "'128MB'"}, // a standby that was away for longer is cloned
		{"max_wal_size", "'256MB'"},
		{"min_wal_size", "'32MB'"},
		{"checkpoint_timeout", "'30min'"},
		{"hot_standby", "on"},
		{"primary_conninfo", literal(conninfo(f.socket(doorServer), r.cfg.Region) + " password=" + r.cfg.Password)},
		// A link that is cut is silent, and a healed one is to be noticed soon.
		{"wal_receiver_timeout", "'3s'"},
		{"wal_sender_timeout", "'3s'"},
		{"wal_receiver_status_interval", "'1s'"},
		{"wal_retrieve_retry_interval", "'100ms'"},
		{"synchronous_standby_names", literal(syncNames)},
		{"synchronous_commit", "on"}, // flushed here and there
	}
	var out strings.Builder
	out.WriteString("# Written by fleetdrill; it is replaced when the dataset's mode changes.\n")
	for _, l := range lines {
		fmt.Fprintf(&out, "%s = %s\n", l[0], l[1])
	}
	return out.String()
}

const hba = `# Written by fleetdrill. Only Unix sockets are listened on.
local all         fleetdrill scram-sha-256
local replication fleetdrill scram-sha-256
`

// writeConf puts the configuration in place; a running server has to be told to read it.
func (r *Replica) writeConf(syncNames string) error {
	for path, text := range map[string]string{r.at.conf(): r.settings(syncNames), r.at.hba(): hba, r.at.ident(): ""} {
		if err := replaceFile(path, []byte(text), r.own); err != nil {
			return fmt.Errorf("configure the server of %s: %w", r.cfg.Dataset, err)
		}
	}
	return nil
}
