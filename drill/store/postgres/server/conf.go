package server

import (
	"fmt"
	"strings"
	"time"
)

// Segment is the size of a file of the log in bytes. Small: what a clone, a rewind or a
// stream that begins anew copies of one is what there is in it.
const Segment = 1 << 20

const (
	// Role is the one that everything of ours connects as.
	Role = "fleetdrill"
	// port only names the socket's file: no server of ours listens on TCP.
	port = "5432"
	// MaxConnections bounds the server's connections, and Writers the writes that wait side by side: 200 a second, each
	// waiting 300 ms for a far region, are 60.
	MaxConnections = 120
	Writers        = 90
	// Nobody stands in synchronous_standby_names where no region is waited for. It
	// is never empty: that it is not empty is a flag that the checkpointer sets, late,
	// and until then commits do not wait at all. Async is synchronous_commit = local.
	Nobody = `FIRST 1 ("-")`
)

// Silence is for how long a standby hears nothing before it gives a stream up. It counts
// whole messages, of 128 KiB at most, which a link of 35 kbit/s carries in that time; on a
// shorter one it would begin the same message anew for ever. A stream over a link that was
// cut goes on when the link is healed.
const Silence = 30 * time.Second

// settings is the server's whole configuration. It is kept beside the data folder
// because clones and rewinds copy that from another region.
func (s *Server) settings(syncNames string) string {
	literal := func(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
	f := s.at
	lines := [][2]string{
		{"listen_addresses", "''"},
		{"unix_socket_directories", literal(f.Socket("server"))},
		{"port", port},
		{"hba_file", literal(f.Hba())},
		{"ident_file", literal(f.Ident())},
		{"max_connections", fmt.Sprint(MaxConnections)},
		{"superuser_reserved_connections", "3"},
		{"password_encryption", "'scram-sha-256'"},
		{"lc_messages", "'C'"},
		// Small: there are several servers on one laptop.
		{"shared_buffers", "'32MB'"},
		// In the data folder and gone with it: elsewhere a killed server leaves it to the machine.
		{"dynamic_shared_memory_type", "'mmap'"},
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
		{"primary_conninfo", literal(Conninfo(f.Socket(ProxyServer), s.cfg.Region) + " password=" + s.cfg.Password)},
		{"wal_receiver_timeout", fmt.Sprintf("'%dms'", Silence.Milliseconds())},
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

// WriteConf puts the configuration in place, with what synchronous_standby_names is to
// be; a running server has to read it anew.
func (s *Server) WriteConf(syncNames string) error {
	for path, text := range map[string]string{s.at.Conf(): s.settings(syncNames), s.at.Hba(): hba, s.at.Ident(): "", s.at.Passfile(): passfile(s.cfg.Password)} {
		if err := ReplaceFile(path, []byte(text), s.account); err != nil {
			return fmt.Errorf("configure the server of %s: %w", s.cfg.Dataset, err)
		}
	}
	return nil
}
