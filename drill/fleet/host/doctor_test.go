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
		{"some programs missing", []string{part}, false, []string{"has no pg_basebackup, pg_rewind"}},
		{"none", nil, false, []string{"not found"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := postgresIn(tt.path)
			if f.OK != tt.ok || f.OK == (f.Fix != "") {
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
	for _, tt := range []struct {
		regions, have int
		ok, warning   bool
		found         string
	}{
		{2, 2, true, false, "2, about 2 needed"},
		{3, 2, false, true, "2: drills held"}, // ten of ten, as measured
		{6, 4, false, true, "6 are at ease"},
		{3, 1, false, false, "1, about 3 needed"},
		{4, 2, false, false, "2, about 4 needed"},
	} {
		f := processorFinding("regions", tt.regions, tt.have)
		if f.OK != tt.ok || f.Optional != tt.warning || f.OK == (f.Fix != "") || !strings.Contains(f.Found, tt.found) {
			t.Errorf("%d regions on %d: %+v", tt.regions, tt.have, f)
		}
	}
}
