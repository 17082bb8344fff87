package server

import (
	"fmt"
	"path/filepath"
	"strings"
)

// Passfile is where the role's password is for psql, so that no command line has it: the file
// is its owner's alone, as the configuration is, which has it too.
func (f Folders) Passfile() string { return filepath.Join(f.Root(), "pgpass") }

// passfile is its contents (PostgreSQL's manual, "The Password File").
func passfile(password string) string {
	return "*:*:*:" + Role + ":" + strings.NewReplacer(`\`, `\\`, ":", `\:`).Replace(password) + "\n"
}

// Psql is a connection string by which a person's psql opens the server, on a system as Go names
// it. What it does is read only until the person says otherwise: a row that no user wrote is in no
// ledger.
func (f Folders) Psql(system string) string {
	quoted := "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(f.Passfile()) + "'"
	return fmt.Sprintf("host=%s port=%s user=%s dbname=postgres application_name=psql options='-c default_transaction_read_only=on' passfile=%s",
		f.socketOn(system, ownSocket), port, Role, quoted)
}
