package server

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bin is a folder of made-up programs; postgres says the version.
func bin(t *testing.T, version string, others ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range append(others, "postgres") {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\necho 'postgres (PostgreSQL) "+version+"'\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFindPrograms(t *testing.T) {
	all := []string{"initdb", "pg_basebackup", "pg_rewind"}
	good := bin(t, "17.2 (Debian 17.2-1)", all...)
	if p, err := FindPrograms(t.Context(), good); err != nil || p.dir != good {
		t.Errorf("%v, %v", p, err)
	}
	for name, c := range map[string]struct{ dir, says string }{
		"too old":    {bin(t, "14.9", all...), "14.9 is older than 15"},
		"incomplete": {bin(t, "15.1", "initdb"), "lacks pg_basebackup"},
		"not there":  {t.TempDir(), "does not exist"},
	} {
		_, err := FindPrograms(t.Context(), c.dir)
		if !errors.Is(err, ErrNoPrograms) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "apt-get install postgresql") {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Setenv("PATH", bin(t, "13.0", all...)+string(filepath.ListSeparator)+good)
	if p, err := FindPrograms(t.Context(), ""); err != nil || p.dir != good {
		t.Errorf("on the path: %v, %v", p, err)
	}
}
