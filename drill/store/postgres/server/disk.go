package server

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// DiskTrouble is the last line of a server's log that says of a disk that it is full,
// read-only or broken; "" where none does.
func DiskTrouble(log string) (last string) {
	for line := range strings.Lines(log) {
		for _, words := range []string{"No space left on device", "Read-only file system", "Input/output error", "Disk quota exceeded"} {
			if strings.Contains(line, words) {
				last = strings.TrimSpace(line)
			}
		}
	}
	if _, message, cut := strings.Cut(last, "] "); cut {
		return message
	}
	return last
}

// OfTheDisk says whether the server refused a write because of where it writes to, and not
// because of what was written.
func OfTheDisk(err error) bool {
	var said *pgconn.PgError
	if !errors.As(err, &said) {
		return false
	}
	switch said.Code {
	case "53100", // disk_full
		"58030", // io_error
		"25006": // read_only_sql_transaction
		return true
	}
	return false
}
