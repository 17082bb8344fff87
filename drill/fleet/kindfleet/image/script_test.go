package image

import (
	"os"
	"path/filepath"
	"testing"
)

// script is a program that stands in for the engine's.
func script(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "engine")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body), 0o700); err != nil { //nolint:gosec // it has to run
		t.Fatal(err)
	}
	return path
}
