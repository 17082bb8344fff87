package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPostgresIn(t *testing.T) {
	all := []string{"postgres", "initdb", "pg_basebackup", "pg_rewind"}
	folder := func(version string, programs ...string) string {
		dir := t.TempDir()
		for _, p := range programs {
			if err := os.WriteFile(filepath.Join(dir, p), []byte("#!/bin/sh\necho 'postgres (PostgreSQL) "+version+"'\n"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	old, part, whole := folder("14.9", all...), folder("16.1", "postgres", "initdb"), folder("15.8 (Debian 15.8-0+deb12u1)", all...)
	tests := []struct {
		name string
		path []string
		ok   bool
		want []string
	}{
		{"whole", []string{whole}, true, []string{"15.8", whole}},
		{"behind those that do not do", []string{"/nowhere", old, part, whole}, true, []string{"15.8", whole}},
		{"too old", []string{old}, false, []string{"14.9", "older than 15"}},
		{"some programs missing", []string{part}, false, []string{"lacks pg_basebackup, pg_rewind"}},
		{"none", nil, false, []string{"not found"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := postgresIn(tt.path)
			if f.OK != tt.ok || f.OK == (f.Mend != "") {
				t.Errorf("%+v", f)
			}
			for _, w := range tt.want {
				if !strings.Contains(f.Found, w) {
					t.Errorf("found %q, want it to say %q", f.Found, w)
				}
			}
		})
	}
}

func TestProcessors(t *testing.T) {
	if f := processorFinding("3 regions", 3, 2); f.OK || f.Mend == "" || !strings.Contains(f.Found, "2, about 3 needed") {
		t.Errorf("%+v", f)
	}
	if f := processorFinding("3 regions", 2, 2); !f.OK || f.Mend != "" {
		t.Errorf("%+v", f)
	}
}
