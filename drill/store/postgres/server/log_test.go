package server

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Why a server did not start stands in its log among a minute of refusals.
func TestALogTailLeavesOutWhoAskedTooEarly(t *testing.T) {
	f := Folders{t.TempDir()}
	if err := os.MkdirAll(f.Root(), 0o700); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	log.WriteString("LOG:  of the run before\n")
	mark := int64(log.Len())
	log.WriteString("LOG:  redo starts at 0/CF7A28\nFATAL:  could not connect to the primary server\n")
	for i := range 3000 {
		fmt.Fprintf(&log, "2026-11-30 08:37:43.902 GMT [%d] FATAL:  the database system is not yet accepting connections\n", i)
		fmt.Fprintf(&log, "2026-11-30 08:37:43.902 GMT [%d] DETAIL:  Consistent recovery state has not been yet reached.\n", i)
	}
	if err := os.WriteFile(f.Log(), []byte(log.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := f.logTail(mark), "LOG:  redo starts at 0/CF7A28 | FATAL:  could not connect to the primary server"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
